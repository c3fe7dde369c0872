"""academy train."""

from pathlib import Path
from typing import Annotated

import typer

from academy.cli.console import ConfigOption, JsonOption, SetOption, err, out, print_json, verb
from academy.messages import _

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
    dry_run: Annotated[bool, typer.Option("--dry-run", help=_("Only tell which stages would run."))] = False,
    as_json: JsonOption = False,
) -> None:
    """Documents in, a specialist that answers out."""
    from academy import pipeline
    from academy.cli import scores
    from academy.cli.progress import listener
    from academy.settings import load_config

    show = listener(len(pipeline.STAGES))
    try:
        settings = load_config(config, set_ or (), recipe=recipe)
        check_stages(from_, until)
        run = pipeline.open_run(sources or [], settings, name=name, update=update, overrides=set_ or ())
        err.print(_("Run '{name}' in {folder}").format(name=run.folder.name, folder=run.folder))
        report = pipeline.train(run, start=from_, until=until, dry=dry_run, listener=show)
    finally:
        show.close()
    if report is None:
        return
    if as_json:
        print_json({"run": run.folder.name, **scores.as_data(report)})
        return
    out.print(scores.summary(report))
    out.print(_("Report: {file}").format(file=Path(run.folder) / "6-report.html"))
    out.print(_('Ask it: academy query {name} "..."').format(name=run.folder.name))


def check_stages(*asked: str | None) -> None:
    """Refuse a stage that does not exist, naming the nearest."""
    from academy.config import nearest
    from academy.errors import ConfigError
    from academy.pipeline import STAGES

    known = [stage.verb for stage in STAGES]
    for word in asked:
        if word is not None and word not in known:
            raise ConfigError(
                _("There is no stage '{word}'.").format(word=word) + nearest(word, known),
                _("Known: {known}").format(known=", ".join(known)),
            )
