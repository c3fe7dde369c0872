"""academy compare."""

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.markup import escape

from academy.cli.console import ConfigOption, JsonOption, SetOption, out, print_json, table, verb
from academy.messages import _

if TYPE_CHECKING:
    from academy.config import AcademyConfig
    from academy.evaluation.compare import Compared, Comparison


@verb
def compare(
    names: Annotated[list[str], typer.Argument(help=_("The runs, the one to compare with first."))],
    page: Annotated[
        Path | None, typer.Option("--page", help=_("Write a page as well: a file that ends in .html or .md."))
    ] = None,
    config: ConfigOption = None,
    set_: SetOption = None,
    as_json: JsonOption = False,
) -> None:
    """Several runs side by side: settings, scores, differences beyond chance, cost, answers."""
    from academy.evaluation.compare import compare as compared
    from academy.messages import ui_language
    from academy.settings import load_config

    settings = load_config(config, set_ or ())
    check(names, page)
    found = compared([gathered(settings, name) for name in names], ui_language())
    if page:
        write(found, page)
    if as_json:
        print_json(asdict(found))
    else:
        show(found, page)


def check(names: list[str], page: Path | None) -> None:
    """Two different runs at least, and a page of a kind that can be written."""
    from academy.errors import ConfigError

    if len(names) < 2 or len(set(names)) < len(names):
        raise ConfigError(_("It takes two or more different runs to compare."), "academy list")
    if page and page.suffix not in (".html", ".md"):
        raise ConfigError(
            _("{file} is neither .html nor .md.").format(file=page), _("For example: --page comparison.html")
        )


def gathered(settings: "AcademyConfig", name: str) -> "Compared":
    """A run with its report, its settings, and the size of its specialist."""
    from academy.evaluation.compare import Compared
    from academy.publishing import read_report
    from academy.runs import find_run, read_state

    folder = find_run(settings.runs, name)
    report = read_report(folder)
    sizes = [file.stat().st_size for file in (folder / "5-specialist").rglob("*") if file.is_file()]
    return Compared(name, report, dict(flat(read_state(folder)["config"])), sum(sizes))


def flat(config: dict[str, Any], before: str = "") -> list[tuple[str, object]]:
    """Settings as "section.key"; where the runs stand is no difference."""
    found: list[tuple[str, object]] = []
    for key, value in config.items():
        if isinstance(value, dict):
            found += flat(value, f"{before}{key}.")
        elif key != "runs":
            found.append((f"{before}{key}", value))
    return found


def write(found: "Comparison", page: Path) -> None:
    """The comparison as a page."""
    from academy.artefacts import write_text
    from academy.evaluation.compare import render
    from academy.messages import ui_language

    write_text(page, render(found, ui_language(), page.suffix.removeprefix(".")))


def show(found: "Comparison", page: Path | None) -> None:
    """The comparison on the terminal; answers side by side need the width of a page."""
    from academy.evaluation.words import compare_words
    from academy.messages import ui_language

    words = compare_words(ui_language())
    for note in found.notes:
        out.print(f"[yellow]![/] {escape(note)}")
    out.print(table([words["measure"], *found.names], found.scores))
    if found.pairs:
        heads = [words[key] for key in ("runs", "measure", "difference", "interval", "questions", "finding")]
        out.print("", table(heads, found.pairs, right=(2, 3, 4)))
    out.print("", table([words["setting"], *found.names], found.settings) if found.settings else words["same_settings"])
    out.print("", table([words["what"], *found.names], found.costs))
    if page:
        out.print(_("Page: {file}").format(file=page))
    else:
        out.print("[dim]" + _("Answers side by side: add --page comparison.html") + "[/]")
