"""A real server on the loopback device, around tiny models; skipped loudly where the extra is missing."""

import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from pytest_socket import enable_socket, socket_allow_hosts

from academy.config import ServeConfig


@dataclass(frozen=True, slots=True)
class Address:
    """Where a server of a test listens, and the runs behind it."""

    port: int
    runs: Path

    @property
    def url(self) -> str:
        """Its address."""
        return f"http://127.0.0.1:{self.port}"


@pytest.fixture(autouse=True)
def _loopback(_alone: None) -> None:
    """Real sockets, to this machine alone."""
    enable_socket()
    socket_allow_hosts(["127.0.0.1", "::1", "localhost"], allow_unix_socket=True)


def running(runs: Path, config: ServeConfig, key: str | None = None) -> Iterator[Address]:
    """Serve all runs of a folder until the test ends."""
    from academy.serving import server

    names = sorted(folder.name for folder in runs.iterdir())
    listening = server.listen("127.0.0.1", 0)
    web = server.make_server(server.open_service(server.find_places(runs, names), config), key)
    thread = threading.Thread(target=web.run, kwargs={"sockets": [listening]}, daemon=True)
    thread.start()
    while not web.started and thread.is_alive():
        time.sleep(0.01)
    yield Address(listening.getsockname()[1], runs)
    web.should_exit = True
    thread.join(timeout=30)
    assert not thread.is_alive(), "the server must end"


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Address]:
    """Two specialists with weights of their own, computed in fp32."""
    from tests.serving.runs import full_run

    enable_socket()
    runs = tmp_path_factory.mktemp("runs")
    full_run(runs / "alpha", seed=1)
    full_run(runs / "beta.2", seed=2)
    with pytest.MonkeyPatch.context() as exact:
        exact.setattr("academy.models.local.computes_bf16", lambda _device: False)
        yield from running(runs, ServeConfig(max_body_kb=64, max_new_tokens=1500))
