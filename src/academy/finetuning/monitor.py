"""Watches a run: loss curve, validation, early stop, checkpoints, time limit, progress, Ctrl-C."""

import math
import signal
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from typing import Any

from academy.config import FinetuneConfig
from academy.errors import FinetuningError
from academy.finetuning.plan import Plan, Schedule
from academy.messages import _
from academy.records import LossPoint, Progress


@dataclass(slots=True)
class History:
    """What a resumed run must know about its past.

    Attributes:
        best: lowest validation loss so far, reached after ``best_step`` steps; None before the first validation.
        stale: validation passes since then.
        elapsed: seconds of training.
    """

    losses: list[LossPoint] = field(default_factory=list)
    best: float | None = None
    best_step: int = 0
    stale: int = 0
    validations: int = 0
    elapsed: float = 0.0

    def dump(self) -> dict[str, Any]:
        """As JSON data."""
        return {**asdict(self), "losses": [point.model_dump(exclude_none=True) for point in self.losses]}

    @classmethod
    def load(cls, data: Mapping[str, Any]) -> "History":
        """From JSON data."""
        return cls(**{**data, "losses": [LossPoint(**point) for point in data["losses"]]})


@dataclass(frozen=True, slots=True)
class Decision:
    """What to do after a step."""

    save: bool
    stop: bool


class Monitor:
    """Decides after every optimizer step; knows nothing of the library that computes.

    Args:
        measure: the validation loss in nats per learned token; None without validation rows.
        history: of the checkpoint that the run continues from.
    """

    def __init__(
        self,
        plan: Plan,
        config: FinetuneConfig,
        schedule: Schedule,
        emit: Callable[[Progress], None],
        measure: Callable[[], float] | None,
        history: History,
    ) -> None:
        self.history = history
        self.interrupted = False
        self._plan, self._config, self._schedule = plan, config, schedule
        self._emit, self._measure = emit, measure
        self._note = ""
        self._first = 0
        self._started = self._saved = time.monotonic()
        self._before = history.elapsed

    @property
    def log_steps(self) -> int:
        """Steps between two points of the loss curve: about 100 points, the same ones in every run."""
        return max(1, self._plan.steps // 100)

    def begin(self, step: int) -> None:
        """Training starts, or goes on, after ``step`` steps."""
        self._first = step
        self._started = self._saved = time.monotonic()
        if step == 0 and self._measure is not None:
            # The loss before any training: the start of the curve, no candidate for the best step.
            self.history.losses.append(LossPoint(step=0, valid=self._measure()))
        self._report(step)

    def logged(self, step: int, loss: float) -> None:
        """A mean training loss since the last one; a loss that is no number never gets here."""
        self.history.losses.append(LossPoint(step=step, train=loss))
        speed = self._speed(step)
        self._note = _("loss {loss} · {speed} tokens/s").format(loss=f"{loss:.2f}", speed=f"{speed:,.0f}")
        self._report(step, {"train_loss": loss, "tokens_per_second": speed})

    def after_step(self, step: int) -> Decision:
        """Validate when it is time; say whether to save and whether to stop."""
        self.history.elapsed = self._schedule.elapsed = self._before + time.monotonic() - self._started
        progress = self._schedule.progress(step)
        better = self._validate(step, progress)
        self._report(step)
        over = progress >= 1 or self.history.stale >= self._config.patience
        due = time.monotonic() - self._saved > 60 * self._config.checkpoint_minutes
        if over and self._measure is None:
            self.history.best_step, better = step, True
        return Decision(save=better or self.interrupted or (due and not over), stop=over or self.interrupted)

    def saved(self) -> None:
        """A checkpoint is complete."""
        self._saved = time.monotonic()

    def interrupt(self) -> None:
        """Stop after the running step, with a checkpoint."""
        self.interrupted = True

    def _validate(self, step: int, progress: float) -> bool:
        """Whether a validation pass, if one was due, gave the lowest loss so far."""
        due = math.floor(progress * self._config.evals + 1e-9)
        if self._measure is None or due <= self.history.validations:
            return False
        loss, past = self._measure(), self.history
        past.losses.append(LossPoint(step=step, valid=loss))
        past.validations = due
        self._report(step, {"valid_loss": loss})
        better = past.best is None or loss < past.best
        if better:
            past.best, past.best_step = loss, step
        past.stale = 0 if better else past.stale + 1
        return better

    def _report(self, step: int, metrics: Mapping[str, float] | None = None) -> None:
        try:
            self._emit(Progress(step, self._schedule.expected_steps(step), self._note, metrics or {}))
        except KeyboardInterrupt:
            self.interrupt()

    def _speed(self, step: int) -> float:
        read = self._plan.tokens[step] - self._plan.tokens[self._first]
        return read / max(time.monotonic() - self._started, 1e-9)


@contextmanager
def ending_gently(interrupt: Callable[[], None]) -> Iterator[None]:
    """Let the first Ctrl-C end the running step; a second one acts at once.

    An interrupt in the middle of a step would leave half-updated weights, of which no checkpoint may be saved. Signals
    reach the main thread only; elsewhere nothing changes.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    usual = signal.getsignal(signal.SIGINT) or signal.SIG_DFL

    def once(number: int, frame: object) -> None:
        signal.signal(signal.SIGINT, usual)
        interrupt()

    signal.signal(signal.SIGINT, once)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, usual)


def diverged(step: int, rate: float) -> FinetuningError:
    """The loss is no number any more."""
    return FinetuningError(
        _("Training diverged at step {step}: the loss is not a number.").format(step=step),
        _("Try a lower learning rate: --set finetune.learning_rate={rate}").format(rate=f"{rate / 3:.0e}"),
    )
