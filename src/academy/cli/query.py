"""academy query."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape

from academy.cli.console import ConfigOption, JsonOption, SetOption, err, out, print_json, verb
from academy.figures import decimal
from academy.messages import _, ngettext

if TYPE_CHECKING:
    from academy.config import AcademyConfig
    from academy.records import Answer
    from academy.specialist import Asking, Expert

WORDS = Annotated[
    list[str] | None,
    typer.Argument(help=_("[RUN] QUESTION; without a run's name the newest run answers."), show_default=False),
]


@verb
def query(
    words: WORDS = None,
    mode: Annotated[
        str | None,
        typer.Option(
            "--mode",
            "-m",
            help=_("auto: what the exam found best; or evidence, specialist, retrieval, combined."),
        ),
    ] = None,
    questions: Annotated[
        Path | None, typer.Option("--questions", help=_("A file of questions, JSON lines {id, question}."))
    ] = None,
    out_file: Annotated[Path | None, typer.Option("--out", help=_("Where the answers to --questions go."))] = None,
    config: ConfigOption = None,
    set_: SetOption = None,
    as_json: JsonOption = False,
) -> None:
    """Ask one question, a file of questions, or chat."""
    from academy.runs import find_run
    from academy.settings import load_config
    from academy.specialist import Expert

    settings = load_config(config, set_ or ())
    name, question = split(words or [], settings)
    chosen = check_mode(mode)
    expert = Expert.open(find_run(settings.runs, name, reached="finetune"), overrides=set_ or ())
    if questions:
        answer_file(expert, questions, out_file, chosen)
    elif question is None:
        from academy.cli.chat import chat

        chat(expert, chosen)
    elif as_json:
        print_json(expert.stream(question, chosen).answer.model_dump(mode="json"))
    else:
        render(expert.stream(question, chosen).answer)


def split(words: list[str], settings: "AcademyConfig") -> tuple[str | None, str | None]:
    """Tell the run's name from the question; a single word that names a run opens a chat with it."""
    from academy.runs import run_folders

    names = {folder.name for folder in run_folders(settings.runs)}
    if words and words[0] in names:
        return words[0], " ".join(words[1:]) or None
    if len(words) == 2 and " " in words[1] and " " not in words[0]:
        return words[0], words[1]
    return None, " ".join(words) or None


def check_mode(mode: str | None) -> "Asking | None":
    """Refuse a mode that does not exist, naming the nearest."""
    from academy.config import MODES, nearest
    from academy.errors import ConfigError

    if mode is not None and mode not in MODES:
        message = _("There is no mode '{mode}'.").format(mode=mode) + nearest(mode, MODES)
        raise ConfigError(message, _("Known modes: {known}").format(known=", ".join(MODES)))
    return mode  # type: ignore[return-value]  # checked just above


def answer_file(expert: "Expert", questions: Path, out_file: Path | None, mode: "Asking | None") -> None:
    """Answer a file of questions into another file."""
    from academy import answerfile
    from academy.errors import ConfigError

    if out_file is None:
        raise ConfigError(_("--questions needs --out: the file for the answers."), _("Add --out answers.jsonl"))
    too_long: list[str] = []
    count = answerfile.answer_file(expert, questions, out_file, mode, too_long=too_long.append)
    err.print(ngettext("{n} answer in {file}", "{n} answers in {file}", count).format(n=count, file=out_file))
    if too_long:
        note = _("{n} of the questions are too long for the model and were not answered, the first: {question}")
        err.print(note.format(n=len(too_long), question=escape(too_long[0][:80])))


def render(answer: "Answer") -> None:
    """Show an answer with its sources, and how it came about."""
    out.print(f"[bold]{escape(answer.answer)}[/]")
    render_sources(answer)


def render_sources(answer: "Answer") -> None:
    """Document, page and quote of each source; then the way of answering and the confidence."""
    for source in answer.sources:
        page = ", " + _("page {n}").format(n=source.page) if source.page else ""
        out.print(f"  [cyan]{escape(source.document)}{page}[/]  „{escape(source.quote)}“")
    share = decimal(answer.confidence, 2)
    how = _("answered by: {mode} · confidence {share}").format(mode=answer.mode_used, share=share)
    out.print(f"  [dim]{how}[/]")
    if answer.uncertain:
        said = _("Uncertain: in the exam, answers with this confidence were often wrong.")
        out.print(f"  [yellow]{said}[/]")
