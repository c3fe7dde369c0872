"""academy list."""

from datetime import datetime
from pathlib import Path
from typing import Any

from academy.cli.console import ConfigOption, JsonOption, SetOption, out, print_json, table, verb
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
        cells = [(r["name"], r["started"], r["stage"], ", ".join(r["sources"]), r["problem"]) for r in rows]
        out.print(table([_("run"), _("started"), _("finished up to"), _("sources"), ""], cells))


def _row(folder: Path) -> dict[str, Any]:
    from academy.errors import RunError
    from academy.runs import read_state, started

    row = {"name": folder.name, "started": "", "stage": "", "sources": [], "problem": ""}
    if started(folder):
        row["started"] = datetime.fromtimestamp(started(folder)).isoformat(" ", "minutes")
    try:
        state = read_state(folder)
    except RunError as error:
        return {**row, "problem": error.message}
    done = list(state["stages"])
    return {**row, "stage": done[-1] if done else "", "sources": state.get("sources", [])}
