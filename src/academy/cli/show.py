"""academy show."""

import json
from collections import Counter
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.markup import escape

from academy.cli.console import ConfigOption, JsonOption, RunArgument, SetOption, out, print_json, table, verb
from academy.messages import _

NOUNS = {
    "ingest": "1-documents.jsonl",
    "chunk": "2-chunks.jsonl",
    "distil": "3-lessons.jsonl",
    "build": "4-dataset",
    "finetune": "5-specialist",
    "evaluate": "6-report.md",
    "rejected": "rejected.jsonl",
    "pages": "1-documents.jsonl",
}
"""What each stage left in the run folder."""
ALIASES = {
    "documents": "ingest",
    "chunks": "chunk",
    "lessons": "distil",
    "dataset": "build",
    "specialist": "finetune",
    "report": "evaluate",
}


@verb
def show(
    name: RunArgument = None,
    stage: Annotated[
        str | None, typer.Argument(help=_("A stage or its product, 'rejected', or 'pages': what became of every page."))
    ] = None,
    limit: Annotated[int, typer.Option("--limit", "-l", help=_("How many items to show."), min=1)] = 20,
    config: ConfigOption = None,
    set_: SetOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show a run, or what one stage of it made."""
    from academy.runs import find_run, run_folders
    from academy.settings import load_config

    runs = load_config(config, set_ or ()).runs
    if stage is None and name in {*NOUNS, *ALIASES} and name not in {folder.name for folder in run_folders(runs)}:
        name, stage = None, name
    folder = find_run(runs, name)
    if stage is None:
        overview(folder, as_json)
    else:
        detail(folder, known_stage(stage), limit, as_json)


def known_stage(word: str) -> str:
    """The stage that a verb or noun names."""
    from academy.config import nearest
    from academy.errors import ConfigError

    verb_ = ALIASES.get(word, word)
    if verb_ not in NOUNS:
        known = [*NOUNS, *ALIASES]
        raise ConfigError(
            _("There is no stage '{word}'.").format(word=word) + nearest(word, known),
            _("Known: {known}").format(known=", ".join(known)),
        )
    return verb_


def overview(folder: Path, as_json: bool) -> None:
    """Sources, stages with their counts, what was left out and why, and the verdict."""
    from academy.figures import whole
    from academy.runs import read_state

    state = read_state(folder)
    reasons = Counter((row["stage"], row["reason"]) for row in rows(folder / "rejected.jsonl"))
    report = folder / "6-report.json"
    verdict = (
        json.loads(report.read_text("utf-8"))["verdict"] if "evaluate" in state["stages"] and report.exists() else ""
    )
    if as_json:
        left_out = [{"stage": stage, "reason": reason, "n": n} for (stage, reason), n in sorted(reasons.items())]
        print_json({**state, "rejected": left_out, "verdict": verdict})
        return
    out.print(f"[bold]{escape(state['name'])}[/]  {escape(', '.join(state['sources']))}")
    done = [
        (verb_, whole(s["records"]), s["rejected"] or "", ", ".join(list(s["files"])[:3]))
        for verb_, s in state["stages"].items()
    ]
    out.print(table([_("stage"), _("records"), _("left out"), _("files")], done, right=(1, 2)))
    if reasons:
        out.print()
        left = [(stage, in_words(reason), whole(n)) for (stage, reason), n in sorted(reasons.items())]
        out.print(table([_("stage"), _("left out because"), "n"], left, right=(2,)))
    if verdict:
        out.print("\n" + escape(verdict))
    people(folder)


def in_words(reason: str) -> str:
    """Why something was left out, for people instead of programs."""
    from academy.evaluation.reasons import REASONS
    from academy.evaluation.words import label
    from academy.messages import ui_language

    return label(REASONS, reason, ui_language())


def people(folder: Path) -> None:
    """What people think of the answers, where somebody rated them."""
    if not (folder / "ratings.jsonl").is_file() or not (folder / "6-report.json").is_file():
        return
    from academy.cli.rate import render
    from academy.publishing import read_report

    ratings = read_report(folder).ratings
    if ratings:
        out.print()
        render(ratings)


def detail(folder: Path, stage: str, limit: int, as_json: bool) -> None:
    """The first items that a stage made."""
    from academy.errors import RunError

    path = folder / NOUNS[stage]
    if not path.exists():
        raise RunError(
            _("Run '{name}' has not reached '{stage}' yet.").format(name=folder.name, stage=stage),
            f"academy train --name {folder.name}",
        )
    if stage == "pages":
        from academy.cli.pages import pages

        pages(folder, limit, as_json)
        return
    if path.suffix == ".md":
        report = path.with_suffix(".json" if as_json else ".md")
        typer.echo(report.read_text("utf-8"))
        return
    files = sorted(path.glob("*.jsonl")) or sorted(path.glob("specialist.json")) if path.is_dir() else [path]
    found = [row for file in files for row in islice(rows(file), limit)]
    left_out = [row for row in rows(folder / NOUNS["rejected"]) if row["stage"] == stage]
    found += left_out[:limit]
    if as_json:
        print_json(found)
        return
    if stage == "distil":
        from academy.cli.data import taught

        taught(folder)
    for row in found:
        out.print(line(row))
    if left_out:
        steps = Counter(in_words(row["reason"]) for row in left_out)
        out.print(table([_("left out because"), "n"], steps.most_common(), right=(1,)))


def rows(path: Path) -> Iterator[dict[str, Any]]:
    """The items of a JSON-lines file, or the one object of a JSON file."""
    if not path.exists():
        return
    from academy.errors import RunError

    try:
        with path.open(encoding="utf-8") as file:
            yield from map(json.loads, [file.read()] if path.suffix == ".json" else file)
    except ValueError:
        raise RunError(
            _("{file} is damaged.").format(file=path), _("Make it again: academy train --from STAGE")
        ) from None


def line(row: dict[str, Any]) -> str:
    """One item for the eye: what it is, in bold, and its text."""
    shown = SHOWN.get(row.get("record", ""))
    if shown is not None:
        return shown(row)
    return escape(
        json.dumps({key: value for key, value in row.items() if key != "losses"}, ensure_ascii=False, indent=2)
    )


def document(row: dict[str, Any]) -> str:
    """Source, title, language, pages and characters."""
    pages = ", " + _("{n} pages").format(n=len(row["pages"])) if row["pages"] else ""
    from academy.figures import whole

    letters = _("{n} characters").format(n=whole(len(row["text"])))
    return f"[bold]{escape(row['source'])}[/]  {escape(row['title'])} ({row['language']}{pages}, {letters})"


def chunk(row: dict[str, Any]) -> str:
    """The path of headings, the page and the text."""
    return f"[bold]{escape(' > '.join(row['headings']))}[/] [dim]{row['page'] or ''}[/]\n{escape(row['text'])}\n"


SHOWN: dict[str, Callable[[dict[str, Any]], str]] = {
    "document": document,
    "chunk": chunk,
    "fact": lambda row: f"[bold]fact[/]  {escape(row['text'])}",
    "lesson": lambda row: f"[bold]{row['kind']}[/]  {escape(body(row['body']))}",
    "example": lambda row: f"[bold]example[/]  {escape(body(row['body']))}",
    "question": lambda row: f"[bold]?[/] {escape(row['question'])}  [dim]→[/] {escape(' | '.join(row['answers']))}",
    "rejection": lambda row: f"[bold]{row['stage']}[/] {escape(in_words(row['reason']))}  {escape(row['detail'])}",
}
"""How each record looks on the terminal."""


def body(data: dict[str, Any]) -> str:
    """What a lesson says."""
    if data["type"] == "messages":
        return "  →  ".join(turn["content"] for turn in data["messages"])
    return "  →  ".join(str(value) for key, value in data.items() if key != "type")
