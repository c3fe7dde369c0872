"""What an engine is asked to write, and what comes back; ``Engine`` is the seam behind which engines change."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from threading import Event
from typing import Protocol

from academy.errors import AcademyError
from academy.models.template import ChatTemplate
from academy.records import Delta, Sampling


@dataclass(frozen=True, slots=True)
class Token:
    """One token of an answer with the likeliest ones at its place: (id, natural-log probability)."""

    id: int
    delta: Delta
    likeliest: tuple[tuple[int, float], ...] = ()


@dataclass(frozen=True, slots=True)
class Failed:
    """A job that ended without an answer."""

    error: AcademyError


Piece = Token | Failed


@dataclass(frozen=True, slots=True, eq=False)
class Job:
    """One prompt to be continued.

    Attributes:
        model: the name of the specialist.
        likeliest: how many alternatives to tell per token.
        deliver: is told every piece, from the engine's thread; must not block.
        cancelled: set by whoever no longer wants the answer.
    """

    model: str
    prompt: tuple[int, ...]
    sampling: Sampling
    deliver: Callable[[Sequence[Piece]], None]
    likeliest: int = 0
    cancelled: Event = field(default_factory=Event)


@dataclass(frozen=True, slots=True)
class Load:
    """How busy an engine is: jobs being written, jobs waiting, and what it did so far."""

    running: int
    waiting: int
    prompt_tokens: int
    written_tokens: int
    prefix_hits: int
    prefix_tokens: int


class Engine(Protocol):
    """Writes many answers at once."""

    @property
    def alive(self) -> bool:
        """Whether it still works; False after an error that it did not survive, and after ``close``."""

    @property
    def load(self) -> Load: ...

    def template(self, model: str) -> ChatTemplate:
        """The tokenizer and chat template of a specialist."""

    def context(self, model: str) -> int | None:
        """The longest prompt and answer of a specialist together, in tokens."""

    def vocabulary(self, model: str) -> int:
        """How many token ids a specialist knows."""

    def submit(self, job: Job) -> None:
        """Take a job.

        Raises:
            BusyError: too many are waiting.
            ModelError: its prompt leaves no room for its answer.
        """

    def close(self) -> None:
        """End: what is being written fails, and nothing more is taken."""
