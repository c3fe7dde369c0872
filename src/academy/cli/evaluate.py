"""academy evaluate."""

import json
from pathlib import Path
from typing import Annotated

import typer

from academy.cli.console import ConfigOption, JsonOption, RunArgument, SetOption, out, print_json, verb
from academy.messages import _


@verb
def evaluate(
    name: RunArgument = None,
    exam: Annotated[Path | None, typer.Option("--exam", help=_("Your own questions, as JSON lines."))] = None,
    config: ConfigOption = None,
    set_: SetOption = None,
    as_json: JsonOption = False,
) -> None:
    """Examine a run again; only the last stage runs."""
    from academy import pipeline
    from academy.cli import scores
    from academy.cli.progress import listener
    from academy.runs import find_run
    from academy.settings import load_config

    show = listener(len(pipeline.STAGES))
    try:
        folder = find_run(load_config(config, set_ or ()).runs, name, reached="finetune")
        passing = [*(set_ or ()), *([f"evaluate.exam={json.dumps(str(exam))}"] if exam else [])]
        run = pipeline.reopen_run(folder, passing=passing)
        report = pipeline.reexamine(run, listener=show)
    finally:
        show.close()
    assert report is not None
    if as_json:
        print_json({"run": run.folder.name, "report": f"{pipeline.report_stem(run)}.json", **scores.as_data(report)})
        return
    out.print(scores.summary(report))
    out.print(_("Report: {file}").format(file=run.folder / f"{pipeline.report_stem(run)}.html"))
