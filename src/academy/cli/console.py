"""What every verb needs to talk to the user: errors, tables, the common options."""

import functools
import json
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Annotated, Any, TypeVar

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from academy.cli import INTERRUPTED
from academy.errors import AcademyError
from academy.messages import _

T = TypeVar("T")

out = Console(highlight=False, soft_wrap=True)
err = Console(stderr=True, highlight=False, soft_wrap=True)

ConfigOption = Annotated[
    Path | None, typer.Option("--config", "-c", help=_("Configuration file; default: academy.yaml, if there is one."))
]
SetOption = Annotated[
    list[str] | None, typer.Option("--set", "-s", help=_("Override a setting: section.key=value. May be repeated."))
]
JsonOption = Annotated[bool, typer.Option("--json", help=_("Print JSON."))]
RunArgument = Annotated[str | None, typer.Argument(help=_("The run's name; default: the newest run."))]


def verb(function: Callable[..., T]) -> Callable[..., T]:
    """Translate errors into a message, the next command and an exit code."""

    @functools.wraps(function)
    def run(*args: Any, **options: Any) -> T:
        try:
            return function(*args, **options)
        except AcademyError as error:
            fail(error)
            raise typer.Exit(error.exit_code) from None
        except KeyboardInterrupt:
            err.print("\n" + _("Interrupted. Everything finished is kept; the same command continues."))
            raise typer.Exit(INTERRUPTED) from None
        except OSError as error:
            if isinstance(error, BrokenPipeError):
                sys.stderr.close()  # the reader of a pipe (head, less) went away: nothing is wrong
                raise typer.Exit(0) from None
            place = f" {error.filename}" if error.filename else ""
            fail(AcademyError(f"{error.strerror or error}{place}", _("Check the path and its permissions.")))
            raise typer.Exit(1) from None

    return run


def fail(error: AcademyError) -> None:
    """Show what happened, and what to type next."""
    head = _("Error")
    err.print(f"[bold red]{head}:[/] {escape(error.message)}")
    if error.hint:
        err.print(f"[bold]{following()}:[/] {escape(error.hint)}")


def following() -> str:
    """The word before a hint."""
    return _("Next")


def print_json(data: object) -> None:
    """Machine-readable output, UTF-8, one document."""
    sys.stdout.write(json.dumps(data, ensure_ascii=False, indent=2) + "\n")


def table(headings: Sequence[str], rows: Sequence[Sequence[object]], right: Sequence[int] = ()) -> Table:
    """A plain table; ``right`` names the columns that hold numbers."""
    grid = Table(box=None, pad_edge=False, header_style="bold")
    for index, heading in enumerate(headings):
        grid.add_column(heading, justify="right" if index in right else "left", overflow="fold")
    for row in rows:
        grid.add_row(*(escape(str(cell)) for cell in row))
    return grid


def duration(seconds: float) -> str:
    """0.8 s, 42 s, 3 min 20 s."""
    if seconds < 10:
        return f"{seconds:.1f} s"
    if seconds < 60:
        return f"{seconds:.0f} s"
    return f"{int(seconds // 60)} min {int(seconds % 60):02d} s"
