"""The server itself: from the names of runs to a listening socket, and to an orderly end."""

import logging
import os
import socket
import sys
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

from academy.config import ServeConfig
from academy.errors import ConfigError, MissingExtraError
from academy.messages import _
from academy.runs import find_run, read_state, started
from academy.serving.answers import EngineModel, Served
from academy.serving.guard import is_loopback
from academy.serving.lane import Limits
from academy.serving.metrics import Metrics
from academy.serving.scheduler import Scheduler
from academy.serving.service import Service
from academy.serving.weights import Place, open_scheduler
from academy.settings import config_of_run
from academy.specialist import Expert

if TYPE_CHECKING:
    import uvicorn

KEY = "ACADEMY_SERVE_KEY"
SHORTEST_KEY = 16
MIB = 1 << 20


def read_key(host: str) -> str | None:
    """The key that clients must show: from the environment; none is needed on the loopback device.

    Raises:
        ConfigError: other machines can reach the server, and it has no key, or one that can be guessed.
    """
    key = os.environ.get(KEY) or None
    if key is None and is_loopback(host):
        return None
    if key is None or len(key) < SHORTEST_KEY:
        problem = (
            _("Other machines can reach {host}, so the server needs a key.").format(host=host)
            if key is None
            else _("The key in {variable} is shorter than {n} characters.").format(variable=KEY, n=SHORTEST_KEY)
        )
        hint = _("Make one: export {variable}=$({command})").format(
            variable=KEY, command="python -c 'import secrets; print(secrets.token_urlsafe(32))'"
        )
        raise ConfigError(problem, hint)
    return key


def check_extra() -> None:
    """Refuse to start without the libraries of the extra ``serve``.

    Raises:
        MissingExtraError: one is missing.
    """
    from importlib.util import find_spec

    missing = [name for name in ("fastapi", "uvicorn", "prometheus_client") if find_spec(name) is None]
    if missing:
        raise MissingExtraError(
            _("Serving needs libraries that are not installed: {names}.").format(names=", ".join(missing)),
            'pip install "academy[serve]"',
        )


def find_places(runs: Path, names: Sequence[str], overrides: Sequence[str] = ()) -> dict[str, Place]:
    """The runs to serve, by name; no name means the newest that has a specialist.

    Raises:
        RunError: one is unknown or broken.
    """
    folders = [find_run(runs, name, reached="finetune") for name in (names or (None,))]
    return {folder.name: Place(folder, config_of_run(read_state(folder)["config"], overrides)) for folder in folders}


def open_service(places: Mapping[str, Place], config: ServeConfig, overrides: Sequence[str] = ()) -> Service:
    """Open all specialists and start the engine.

    Raises:
        RunError: a run is not finished.
        ModelError: a model cannot be opened.
    """
    limits = Limits(config.slots, config.batch_tokens, config.prefix_mb * MIB)
    engine = open_scheduler(places, limits, config.queue).start()
    specialists = {name: _served(name, place, engine, overrides) for name, place in places.items()}
    return Service(specialists, engine, config, Metrics(engine))


def _served(name: str, place: Place, engine: Scheduler, overrides: Sequence[str]) -> Served:
    created, vocabulary = int(started(place.folder)), engine.vocabulary(name)
    return Served(name, Expert.open(place.folder, overrides), EngineModel(name, engine), created, vocabulary)


def listen(host: str, port: int) -> socket.socket:
    """A socket on an address; port 0 chooses a free one.

    Raises:
        ConfigError: the address is taken, or not this machine's.
    """
    try:
        family, kind, _protocol, _name, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with ExitStack() as undo:
            found = undo.enter_context(socket.socket(family, kind))
            found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            found.bind(address)
            undo.pop_all()
    except (OSError, OverflowError) as error:
        reason = getattr(error, "strerror", None) or error
        raise ConfigError(
            _("The server cannot listen on {host}, port {port}: {reason}.").format(host=host, port=port, reason=reason),
            _("Choose another port: --port 8001"),
        ) from error
    return found


def make_server(service: Service, key: str | None) -> "uvicorn.Server":
    """The web server around the application; ``server.run(sockets=[...])`` serves until it is told to stop."""
    import uvicorn

    from academy.serving.app import create_app

    return uvicorn.Server(
        uvicorn.Config(
            create_app(service, key),
            log_config=None,
            access_log=False,
            server_header=False,
            limit_concurrency=service.config.connections,
            timeout_keep_alive=30,
            timeout_graceful_shutdown=service.config.grace_seconds,
            lifespan="on",
        )
    )


def prepare_log() -> None:
    """Send the log to standard error, one JSON object per line."""
    for name in ("academy.serving", "uvicorn.error"):
        logger = logging.getLogger(name)
        logger.handlers = [logging.StreamHandler(sys.stderr)]
        logger.setLevel(logging.INFO if name == "academy.serving" else logging.WARNING)
        logger.propagate = False
    form = logging.Formatter('{"time":"%(asctime)s","level":"%(levelname)s","facts":%(message)s}')
    logging.getLogger("academy.serving").handlers[0].setFormatter(form)
