"""academy rate."""

import getpass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape

from academy.cli.console import ConfigOption, JsonOption, RunArgument, SetOption, err, out, print_json, table, verb
from academy.messages import _, ngettext

if TYPE_CHECKING:
    from academy.config import AcademyConfig
    from academy.evaluation.rating import Item
    from academy.reports import Ratings, Sample

SEED = 0


@verb
def rate(
    name: RunArgument = None,
    rater: Annotated[str | None, typer.Option("--rater", help=_("Who rates; default: your login name."))] = None,
    number: Annotated[int, typer.Option("--number", "-n", help=_("How many questions, drawn by lot."), min=1)] = 20,
    candidates: Annotated[
        str | None,
        typer.Option("--candidates", help=_("Whose answers, such as base,specialist; default: those that matter.")),
    ] = None,
    prefer: Annotated[
        str | None, typer.Option("--prefer", help=_("Two candidates, such as base,specialist: which answer is better?"))
    ] = None,
    against: Annotated[
        str | None, typer.Option("--against", help=_("Another run: which of the two specialists answers better?"))
    ] = None,
    page: Annotated[Path | None, typer.Option("--page", help=_("Write a page for raters who sit elsewhere."))] = None,
    import_: Annotated[Path | None, typer.Option("--import", help=_("Take in the result of such a page."))] = None,
    config: ConfigOption = None,
    set_: SetOption = None,
    as_json: JsonOption = False,
) -> None:
    """Judge answers without seeing who gave them; what was judged is kept at once."""
    from academy.cli.rating import session
    from academy.publishing import publish, read_report
    from academy.runs import find_run
    from academy.settings import load_config

    settings = load_config(config, set_ or ())
    folder = find_run(settings.runs, name, reached="evaluate")
    report = read_report(folder)
    samples = joined(report.samples, settings, against)
    if import_:
        take_in(folder, import_, samples)
    elif not as_json:
        items = chosen(samples, candidates, prefer, against, number)
        if page:
            write_page(page, items, folder.name)
            return
        session(folder, items, who(rater))
    ratings = publish(folder).ratings if against is None else summary_of(folder, samples)
    if as_json:
        print_json(ratings.model_dump(mode="json") if ratings else None)
    elif ratings:
        render(ratings)
        out.print(_("Report: {file}").format(file=folder / "6-report.html"))


def who(rater: str | None) -> str:
    """The rater's name; without one the login name, where the machine knows one."""
    from academy.errors import ConfigError
    from academy.evaluation.rating import LONGEST_NAME

    try:
        name = (rater or getpass.getuser()).strip()
    except (KeyError, OSError):  # a container whose user has no name
        name = ""
    if not 0 < len(name) <= LONGEST_NAME:
        problem = _("A rater needs a name of at most {n} characters.").format(n=LONGEST_NAME)
        raise ConfigError(problem, _("Say who rates: --rater NAME"))
    return name


def joined(samples: "tuple[Sample, ...]", settings: "AcademyConfig", against: str | None) -> "list[Sample]":
    """The questions of the run; with another run those that both were asked, with the answers of both."""
    from academy.errors import ConfigError
    from academy.evaluation.rating import merged
    from academy.publishing import read_report
    from academy.runs import find_run

    if against is None:
        return list(samples)
    both = merged(samples, read_report(find_run(settings.runs, against)).samples, against)
    if not both:
        raise ConfigError(
            _("The two runs were not asked the same questions."),
            _("Examine both with one exam: academy evaluate RUN --exam QUESTIONS.jsonl"),
        )
    return both


def chosen(
    samples: "list[Sample]", candidates: str | None, prefer: str | None, against: str | None, number: int
) -> "list[Item]":
    """What is put before the rater."""
    from academy.errors import ConfigError
    from academy.evaluation.rating import pair_items, single_items

    present = list(dict.fromkeys(name for sample in samples for name in sample.candidates))
    if against and not prefer:
        prefer = f"specialist,{against}/specialist"
    if prefer:
        pair = known(prefer, present)
        if len(pair) != 2:
            raise ConfigError(_("--prefer needs two candidates."), _("For example: --prefer base,specialist"))
        return pair_items(samples, (pair[0], pair[1]), SEED, number)
    usual = [name for name in ("base", "specialist", "evidence", "retrieval") if name in present]
    return single_items(samples, known(candidates, present) if candidates else usual, SEED, number)


def known(said: str, present: list[str]) -> list[str]:
    """Candidates named with commas between them; one who did not sit the exam is refused."""
    from academy.config import nearest
    from academy.errors import ConfigError

    names = [name.strip() for name in said.split(",") if name.strip()]
    for name in names:
        if name not in present:
            message = _("'{name}' did not sit the exam.").format(name=name) + nearest(name, present)
            raise ConfigError(message, _("Known: {known}").format(known=", ".join(present)))
    return names


def write_page(page: Path, items: "list[Item]", run: str) -> None:
    """The page for raters elsewhere, and what to do with it."""
    from academy.artefacts import write_text
    from academy.evaluation.ratingpage import render_rating_page
    from academy.messages import ui_language

    write_text(page, render_rating_page(items, run, ui_language()))
    out.print(
        ngettext("{n} item to rate in {file}", "{n} items to rate in {file}", len(items)).format(
            n=len(items), file=page
        )
    )
    out.print(
        _("Send it to your raters; take in what they send back: academy rate {run} --import FILE").format(run=run)
    )


def take_in(folder: Path, result: Path, samples: "list[Sample]") -> None:
    """Add the ratings of a page's result; those that are there already are not added twice."""
    from academy.evaluation.rating import add_rating, read_ratings
    from academy.evaluation.ratingpage import read_result

    found = read_result(result, samples)
    there = {(row.rater, row.item): dict(row.values) for row in read_ratings(folder)}
    fresh = [row for row in found.ratings if there.get((row.rater, row.item)) != dict(row.values)]
    for row in fresh:
        add_rating(folder, row)
    err.print(ngettext("{n} new rating taken in.", "{n} new ratings taken in.", len(fresh)).format(n=len(fresh)))
    if found.strange:
        err.print(_("{n} belong to answers that this run does not give (any more).").format(n=found.strange))


def summary_of(folder: Path, samples: "list[Sample]") -> "Ratings | None":
    """What the ratings of a run say about these answers."""
    from academy.evaluation.judged import summarise
    from academy.evaluation.rating import read_ratings
    from academy.publishing import publish

    publish(folder)
    return summarise(samples, read_ratings(folder), SEED)


def render(ratings: "Ratings") -> None:
    """Means, preferences and agreement on the terminal."""
    from academy.evaluation.people import told
    from academy.messages import ui_language

    said = told(ratings, ui_language())
    heading = _("What people think")
    out.print(f"[bold]{heading}[/]  [dim]{said['note']}[/]")
    if said["rows"]:
        rows = [(r["name"], r["scale"], r["value"], f"{r['low']} – {r['high']}", r["n"]) for r in said["rows"]]
        out.print(table([_("who answers"), _("Measure"), _("Score"), _("95 % interval"), "n"], rows, right=(2, 3, 4)))
    for row in said["preferences"]:
        out.print(escape(row["what"]), f" [dim]{row['how']}[/]")
    for sentence in said["agreement"]:
        out.print(escape(sentence))
