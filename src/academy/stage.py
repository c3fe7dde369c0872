"""What a stage of the line is, what it may ask for, and what it tells while it works."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any, Literal, Protocol

from academy.errors import AcademyError


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened, for the listener on screen and for events.jsonl."""

    kind: Literal["started", "progress", "finished", "kept", "interrupted", "failed", "planned", "notice"]
    stage: str
    number: int = 0
    done: int = 0
    total: int | None = None
    note: str = ""
    seconds: float = 0.0
    records: int = 0
    rejected: int = 0
    metrics: Mapping[str, float] = field(default_factory=dict)


Listener = Callable[[Event], None]


class Resources(Protocol):
    """What stages need beside records and settings: the student, its template, a seed ..."""

    def get(self, name: str) -> Any:
        """The thing itself, made on first use."""

    def fingerprint(self, name: str) -> str:
        """A hash that changes when the thing would, found without making it."""


@dataclass(frozen=True, slots=True)
class Stage:
    """One stage of the line.

    Attributes:
        verb: the function's name, the configuration's section and the word on the command line.
        function: records in, records out.
        artefact: file or folder in the run; "6-report.*" stands for all files of that stem.
        each: called once per item of its first input, whose items are then redone only when they change.
        needs: names of resources handed over as keyword arguments.
        depends: names of resources and configuration sections whose change makes the stage run again.
        version: rises when the stage's code gives other records for the same input.
        empty: the error when nothing comes out.
        save: writes the product of a whole stage into a folder; gives the names written.
        load: reads it back.
        blind: files of its input whose change does not concern it, by the end of their names.
        crew: name of the resource that works on several items at once and keeps an account.
        label: the name of an extra product beside the run's own, such as that of a user's exam.
    """

    verb: str
    function: Callable[..., Any]
    artefact: str
    each: bool = False
    needs: tuple[str, ...] = ()
    depends: tuple[str, ...] = ()
    version: int = 1
    empty: type[AcademyError] = AcademyError
    save: Callable[[Any, Path], None] | None = None
    load: Callable[..., Any] | None = None
    blind: tuple[str, ...] = ()
    label: str = ""
    crew: str = ""

    def beside(self, label: str) -> "Stage":
        """The same stage, whose files get a label: 6-report.my-exam.* instead of 6-report.*."""
        artefact = self.artefact.replace(".*", f".{label}.*")
        assert self.load is not None
        return replace(self, label=label, artefact=artefact, load=partial(self.load, stem=artefact.removesuffix(".*")))
