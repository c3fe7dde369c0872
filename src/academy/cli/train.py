"""academy train."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape

from academy.cli.console import ConfigOption, JsonOption, SetOption, err, out, print_json, verb
from academy.messages import _

if TYPE_CHECKING:
    from academy.run import Run

SHOWN = 5
"""Left-out documents that are named at once."""
SourcesArgument = Annotated[
    list[str] | None, typer.Argument(help=_("Documents and folders: PDF, HTML, Markdown, text."), show_default=False)
]


@verb
def train(
    sources: SourcesArgument = None,
    name: Annotated[
        str | None, typer.Option("--name", "-n", help=_("Name of the run; default: from the source."))
    ] = None,
    config: ConfigOption = None,
    recipe: Annotated[str | None, typer.Option("--recipe", "-r", help=_("Start from this recipe."))] = None,
    set_: SetOption = None,
    from_: Annotated[str | None, typer.Option("--from", help=_("Do this stage and the later ones again."))] = None,
    until: Annotated[str | None, typer.Option("--until", help=_("Stop after this stage."))] = None,
    update: Annotated[bool, typer.Option("--update", help=_("Bring an existing run up to date."))] = False,
    local_only: Annotated[
        bool, typer.Option("--local-only", help=_("Refuse everything that would leave this machine."))
    ] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help=_("Only tell which stages would run."))] = False,
    as_json: JsonOption = False,
) -> None:
    """Documents in, a specialist that answers out."""
    from academy import pipeline
    from academy.cli import scores
    from academy.cli.progress import listener
    from academy.config import AcademyConfig
    from academy.settings import load_config

    show = listener(len(pipeline.STAGES))
    try:
        set_ = [*(set_ or ()), *(["local_only=true"] if local_only else [])]
        settings = load_config(config, set_, recipe=recipe)
        check_stages(from_, until)
        run = pipeline.open_run(sources or [], settings, name=name, update=update, overrides=set_ or ())
        announce(run, name)
        report = pipeline.train(run, start=from_, until=until, dry=dry_run, listener=show)
    finally:
        show.close()
    left_out(run.folder)
    if report is None:
        if as_json:
            print_json({"run": run.folder.name, "stages": run.state["stages"]})
        return
    if as_json:
        print_json({"run": run.folder.name, **scores.as_data(report)})
        return
    out.print(scores.summary(report))
    out.print(_("Report: {file}").format(file=Path(run.folder) / "6-report.html"))
    elsewhere = f" --set runs={run.config.runs}" if run.config.runs != AcademyConfig().runs else ""
    out.print(_('Ask it: academy query {name} "..."').format(name=run.folder.name) + escape(elsewhere))


def announce(run: "Run", name: str | None) -> None:
    """Say which run this is, and when it is a new one because the settings differ from an older one's."""
    from academy.runs import slug

    err.print(_("Run '{name}' in {folder}").format(name=run.folder.name, folder=run.folder))
    usual = slug([str(source) for source in run.sources])
    if name is None and run.folder.name != usual and not run.state["stages"]:
        note = _("'{usual}' was made from other sources or settings; to bring it up to date: --name {usual} --update")
        err.print(note.format(usual=usual))


def left_out(folder: Path) -> None:
    """Name the documents that were not read: they are easily missed, and nobody can learn from them."""
    from academy.cli.show import rows

    refused = [row for row in rows(folder / "rejected.jsonl") if row["stage"] == "ingest"]
    for row in refused[:SHOWN]:
        err.print(f"  [yellow]![/] {escape(row['detail'] or row['item_id'])}")
    if len(refused) > SHOWN:
        more = _("... and {n} more: academy show {name} rejected")
        err.print("  " + more.format(n=len(refused) - SHOWN, name=folder.name))


def check_stages(start: str | None, until: str | None) -> None:
    """Refuse a stage that does not exist, naming the nearest, and an end before the start."""
    from academy.config import nearest
    from academy.errors import ConfigError
    from academy.pipeline import STAGES

    known = [stage.verb for stage in STAGES]
    for word in (start, until):
        if word is not None and word not in known:
            raise ConfigError(
                _("There is no stage '{word}'.").format(word=word) + nearest(word, known),
                _("Known: {known}").format(known=", ".join(known)),
            )
    if start and until and known.index(start) > known.index(until):
        raise ConfigError(
            _("--from {start} comes after --until {until}.").format(start=start, until=until),
            _("The order is: {known}").format(known=", ".join(known)),
        )
