"""A conversation with a specialist in the terminal."""

import contextlib
from typing import TYPE_CHECKING

from rich.markup import escape

from academy.cli.console import err, fail, out
from academy.cli.query import check_mode, render_sources
from academy.messages import _

if TYPE_CHECKING:
    from academy.records import Answer
    from academy.specialist import Asking, Expert

LEAVE = ("/quit", "/exit", "/ende", "exit", "quit")
HELP = ("/help", "/hilfe", "/?", "?")
SOURCES = ("/sources", "/quellen")
REMEMBERED = 200
"""Questions that arrow-up brings back; they live as long as the chat and are written nowhere."""


def chat(expert: "Expert", mode: "Asking | None") -> None:
    """Questions and answers until the user leaves; the answer appears as it is written."""
    edit_lines()
    err.print(_("Ask about your documents. /help shows what else there is, /quit ends."))
    last: Answer | None = None
    while True:
        try:
            line = input("> ").strip()
        except EOFError:
            return
        except KeyboardInterrupt:
            err.print("\n" + _("/quit ends."))
            continue
        if line.lower() in LEAVE:
            return
        if line.startswith("/") or line.lower() in HELP:
            mode = command(line, mode, last)
        elif line:
            last = reply(expert, line, mode) or last


def edit_lines() -> None:
    """Arrow keys move in the line and through the questions asked before, where the system offers that."""
    with contextlib.suppress(ImportError):  # Windows has no readline; its own console edits lines
        import readline

        readline.set_history_length(REMEMBERED)


def command(line: str, mode: "Asking | None", last: "Answer | None") -> "Asking | None":
    """Do what a line with a slash says; gives the mode to go on with."""
    word, _space, rest = line.partition(" ")
    if word.lower() == "/mode":
        return chosen_mode(rest.strip(), mode)
    if word.lower() in SOURCES:
        sources(last)
    elif word.lower() in HELP:
        explain(mode)
    else:
        err.print(_("There is no {word}; /help shows what there is.").format(word=escape(word)))
    return mode


def explain(mode: "Asking | None") -> None:
    """Everything that can be typed."""
    from academy.config import MODES

    out.print(_("Type a question; the answer names document and page."))
    said = _("/mode NAME  another way of answering: {known} (now: {mode})")
    out.print(said.format(known=", ".join(MODES), mode=mode or _("as the run's settings say")))
    out.print(_("/sources    the places behind the last answer, with their chapters"))
    out.print(_("/quit       leave; Ctrl-C stops an answer"))


def sources(last: "Answer | None") -> None:
    """The places behind the last answer, whole."""
    if last is None or not last.sources:
        err.print(_("There is no answer with sources yet."))
        return
    for number, source in enumerate(last.sources, start=1):
        page = ", " + _("page {n}").format(n=source.page) if source.page else ""
        out.print(f"[bold]{number}. {escape(source.document)}{page}[/]  [dim]{escape(' > '.join(source.headings))}[/]")
        out.print(f"   „{escape(source.quote)}“")


def chosen_mode(word: str, mode: "Asking | None") -> "Asking | None":
    """The mode that a chat's /mode line asks for; a mistake is shown and changes nothing."""
    from academy.errors import ConfigError

    try:
        found = check_mode(word or None)
    except ConfigError as error:
        fail(error)
        return mode
    err.print(_("Way of answering: {mode}").format(mode=found or _("as the run's settings say")))
    return found


def reply(expert: "Expert", question: str, mode: "Asking | None") -> "Answer | None":
    """Stream one answer, then show its sources; None when it was stopped, or could not be given."""
    from academy.errors import AcademyError

    stream = expert.stream(question, mode)
    try:
        for piece in stream:
            out.print(escape(piece), end="")
    except KeyboardInterrupt:
        err.print("\n" + _("Stopped."))
        return None
    except AcademyError as error:
        fail(error)
        return None
    out.print()
    render_sources(stream.answer)
    return stream.answer
