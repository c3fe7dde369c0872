"""academy delete."""

from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from academy.cli.console import ConfigOption, JsonOption, SetOption, err, out, print_json, verb
from academy.messages import _


@verb
def delete(
    name: Annotated[str, typer.Argument(help=_("The run's name."))],
    yes: Annotated[bool, typer.Option("--yes", "-y", help=_("Do not ask."))] = False,
    config: ConfigOption = None,
    set_: SetOption = None,
    as_json: JsonOption = False,
) -> None:
    """Delete a run with everything in it: what it read, what it made of it, the specialist and the report."""
    from academy.errors import ConfigError
    from academy.figures import size
    from academy.runs import delete_run, find_run, size_of
    from academy.settings import load_config

    folder = find_run(load_config(config, set_ or ()).runs, name)
    files, space = size_of(folder)
    what = _("{folder}: {files} files, {space}").format(folder=folder, files=files, space=size(space))
    if not yes and not agreed(folder, what):
        raise ConfigError(_("Nothing was deleted."), _("To delete without being asked: --yes"))
    delete_run(folder)
    if as_json:
        print_json({"run": name, "folder": str(folder), "files": files, "bytes": space})
    else:
        out.print(_("Deleted: {what}. Your documents are where they were.").format(what=escape(what)))


def agreed(folder: Path, what: str) -> bool:
    """Whether the user types the run's name back; a run cannot be brought back."""
    err.print(_("This cannot be undone: {what}").format(what=escape(what)))
    try:
        return input(_("Type the run's name to delete it: ")).strip() == folder.name
    except EOFError:
        return False
