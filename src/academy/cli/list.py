"""academy list."""

from datetime import datetime
from pathlib import Path
from typing import Any

from academy.cli.console import ConfigOption, JsonOption, SetOption, out, print_json, table, verb
from academy.figures import moment, size
from academy.messages import _


@verb
def list_runs(config: ConfigOption = None, set_: SetOption = None, as_json: JsonOption = False) -> None:
    """List the runs, the newest last."""
    from academy.runs import run_folders
    from academy.settings import load_config

    rows = [_row(folder) for folder in run_folders(load_config(config, set_ or ()).runs)]
    if as_json:
        print_json(rows)
    elif not rows:
        out.print(_("No runs yet. Start one: academy train DOCUMENT.pdf"))
    else:
        cells = [
            (r["name"], when(r["started"]), r["stage"], size(r["bytes"]), ", ".join(r["sources"]), r["problem"])
            for r in rows
        ]
        heads = [_("run"), _("started"), _("finished up to"), _("size"), _("sources"), ""]
        out.print(table(heads, cells, right=(3,)))
        out.print("[dim]" + _("To delete a run: academy delete NAME") + "[/]")


def when(started: str) -> str:
    """A moment as the user writes it; nothing for a run that left no events."""
    return moment(datetime.fromisoformat(started).timestamp()) if started else ""


def _row(folder: Path) -> dict[str, Any]:
    from academy.errors import RunError
    from academy.runs import read_state, size_of, started

    row = {"name": folder.name, "started": "", "stage": "", "sources": [], "problem": "", "bytes": size_of(folder)[1]}
    if started(folder):
        row["started"] = datetime.fromtimestamp(started(folder)).isoformat(" ", "minutes")
    try:
        state = read_state(folder)
    except RunError as error:
        return {**row, "problem": error.message}
    done = list(state["stages"])
    return {**row, "stage": done[-1] if done else "", "sources": state.get("sources", [])}
