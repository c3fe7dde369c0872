"""Progress of a run: bars with rate and remaining time on a terminal, plain lines elsewhere."""

import time
from typing import Protocol

from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeRemainingColumn

from academy.cli.console import duration, err
from academy.messages import _
from academy.stage import Event

QUIET_SECONDS = 10.0
"""Between two plain lines of one stage: enough to see that it lives, few enough for a log file."""


class Listener(Protocol):
    """Shows events; ``close`` leaves the terminal as it was."""

    def __call__(self, event: Event) -> None: ...

    def close(self) -> None: ...


def listener(stages: int) -> Listener:
    """Bars on a terminal, lines elsewhere; both on stderr, so that stdout stays clean for results."""
    return Bars(stages) if err.is_terminal else Lines(stages)


class Lines:
    """Plain lines, for logs and pipes."""

    def __init__(self, stages: int) -> None:
        self.stages = stages
        self._began = 0.0
        self._shown = 0.0

    def __call__(self, event: Event) -> None:
        now = time.monotonic()
        if event.kind == "started":
            self._began = self._shown = now
            err.print(heading(event, self.stages))
        elif event.kind == "notice":
            err.print(f"    {escape(event.note)}")
        elif event.kind == "progress" and now - self._shown >= QUIET_SECONDS:
            self._shown = now
            err.print(
                f"    {event.done}/{event.total or '?'} {escape(event.note)} {remaining(event, now - self._began)}"
            )
        elif event.kind in ("finished", "kept", "planned"):
            err.print(outcome(event, self.stages))

    def close(self) -> None:
        """Nothing to restore."""


class Bars:
    """One bar for the stage at work; a line for each finished one."""

    def __init__(self, stages: int) -> None:
        self.stages = stages
        self.bar = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.fields[rate]}"),
            TimeRemainingColumn(),
            TextColumn("[dim]{task.fields[note]}"),
            console=err,
            transient=True,
        )
        self.bar.start()
        self._task: TaskID | None = None
        self._began = 0.0

    def __call__(self, event: Event) -> None:
        if event.kind == "started":
            self._began = time.monotonic()
            self._task = self.bar.add_task(heading(event, self.stages), total=None, note="", rate="")
        elif event.kind == "notice":
            self.bar.console.print(f"    {escape(event.note)}")
        elif event.kind == "progress" and self._task is not None:
            rate = event.done / max(time.monotonic() - self._began, 1e-6)
            shown = f"{rate:.1f}/s" if event.done else ""
            self.bar.update(self._task, completed=event.done, total=event.total, note=escape(event.note), rate=shown)
        elif self._task is not None:
            self.bar.remove_task(self._task)
            self._task = None
        if event.kind in ("finished", "kept", "planned"):
            self.bar.console.print(outcome(event, self.stages))

    def close(self) -> None:
        """Remove the bar."""
        self.bar.stop()


def heading(event: Event, stages: int) -> str:
    """Number and name of a stage: 3/6 distil."""
    return f"[bold]{event.number}/{stages} {event.stage}[/]"


def outcome(event: Event, stages: int) -> str:
    """What became of a stage, in one line."""
    head = heading(event, stages)
    if event.kind == "planned":
        return head + "  " + _("would run")
    rejected = "  " + _("{n} left out").format(n=event.rejected) if event.rejected else ""
    if event.kind == "kept":
        return f"[dim]{head}  " + _("unchanged") + "[/]"
    count = f"  {event.records:,}" if event.records > 1 else ""
    return f"{head}  [green]✓[/]{count}{rejected}  [dim]{duration(event.seconds)}[/]"


def remaining(event: Event, elapsed: float) -> str:
    """Rate and remaining time, once there is something to go by."""
    if not event.total or not event.done:
        return ""
    left = elapsed / event.done * (event.total - event.done)
    return _("{rate:.1f} a second, {left} left").format(rate=event.done / elapsed, left=duration(left))
