"""academy mcp."""

from importlib.util import find_spec
from typing import Annotated

import typer

from academy.cli.console import ConfigOption, SetOption, err, verb
from academy.cli.serve import Names
from academy.messages import _


@verb
def mcp(
    names: Names = None,
    http: Annotated[
        bool, typer.Option("--http", help=_("Listen on this machine's port instead of standard input and output."))
    ] = False,
    port: Annotated[int, typer.Option("--port", help=_("Port for --http."), min=1, max=65535)] = 8808,
    config: ConfigOption = None,
    set_: SetOption = None,
) -> None:
    """Be a tool for other language models until they hang up."""
    from academy.errors import MissingExtraError
    from academy.runs import find_run
    from academy.settings import load_config
    from academy.specialist import Expert

    if find_spec("mcp") is None:
        raise MissingExtraError(_("The Model Context Protocol needs the library mcp."), 'pip install "academy[mcp]"')
    from academy.serving.toolbox import make_server

    settings = load_config(config, set_ or ())
    folders = [find_run(settings.runs, name, reached="finetune") for name in (names or (None,))]
    server = make_server({folder.name: Expert.open(folder, overrides=set_ or ()) for folder in folders})
    if not http:
        # Standard output belongs to the protocol.
        server.run("stdio")
        return
    address, asked = f"http://127.0.0.1:{port}/mcp", ", ".join(folder.name for folder in folders)
    err.print(_("{names} answers at {address} (Ctrl-C ends).").format(names=asked, address=address))
    server.run("streamable-http", host="127.0.0.1", port=port)
