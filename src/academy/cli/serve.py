"""academy serve."""

from typing import Annotated

import typer

from academy.cli.console import ConfigOption, SetOption, err, verb
from academy.messages import _

Names = Annotated[
    list[str] | None,
    typer.Argument(help=_("The runs to serve; default: the newest run."), show_default=False),
]


@verb
def serve(
    names: Names = None,
    host: Annotated[
        str | None, typer.Option("--host", help=_("Address to listen on; default: this machine alone."))
    ] = None,
    port: Annotated[int | None, typer.Option("--port", help=_("Port to listen on; 0 chooses a free one."))] = None,
    config: ConfigOption = None,
    set_: SetOption = None,
) -> None:
    """Answer over HTTP until Ctrl-C."""
    from academy.serving import server
    from academy.settings import load_config

    server.check_extra()
    given = {"host": host, "port": port}
    wanted = [*(set_ or ()), *(f"serve.{name}={value}" for name, value in given.items() if value is not None)]
    settings = load_config(config, wanted)
    key = server.read_key(settings.serve.host)
    places = server.find_places(settings.runs, names or [], set_ or ())
    listening = server.listen(settings.serve.host, settings.serve.port)
    server.prepare_log()
    service = server.open_service(places, settings.serve, set_ or ())
    shown = f"[{settings.serve.host}]" if ":" in settings.serve.host else settings.serve.host
    address = f"http://{shown}:{listening.getsockname()[1]}"
    err.print(_("{names} answers at {address} (Ctrl-C ends).").format(names=", ".join(places), address=address))
    err.print(_("Try: {command}").format(command=example(address, key)))
    server.make_server(service, key).run(sockets=[listening])


def example(address: str, key: str | None) -> str:
    """A command that asks the server."""
    shown = ' -H "Authorization: Bearer $ACADEMY_SERVE_KEY"' if key else ""
    return f"curl {address}/generate -H 'Content-Type: application/json'{shown} -d '{{\"prompt\": \"...\"}}'"
