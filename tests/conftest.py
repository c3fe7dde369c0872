"""What every test gets: English, no network, a working folder of its own, no settings from the developer's shell."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from pytest_socket import disable_socket, enable_socket, socket_allow_hosts

from academy.environment import ENVIRONMENT

KEPT = ("ACADEMY_DATA",)

# Tiny models are slower on several threads, and twenty times slower where those must share their cores with others.
for name, value in {**ENVIRONMENT, "HF_HUB_OFFLINE": "1", "OMP_NUM_THREADS": "1"}.items():
    os.environ[name] = value


@pytest.fixture(autouse=True)
def _alone(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for variable in list(os.environ):
        if variable.startswith("ACADEMY_") and variable not in KEPT:
            monkeypatch.delenv(variable)
    monkeypatch.setenv("ACADEMY_LANGUAGE", "en")
    monkeypatch.chdir(tmp_path)
    disable_socket(allow_unix_socket=True)


@pytest.fixture
def loopback(_alone: None) -> Iterator[None]:
    """Servers on this machine may be reached, and nothing else."""
    enable_socket()
    socket_allow_hosts(["127.0.0.1", "::1"], allow_unix_socket=True)
    yield
    disable_socket(allow_unix_socket=True)


@pytest.fixture(scope="session")
def data() -> Path:
    """The development data; tests that need it are skipped where it is absent."""
    folder = os.environ.get("ACADEMY_DATA")
    if not folder or not Path(folder).is_dir():
        pytest.skip("needs the development data: set ACADEMY_DATA to its folder")
    return Path(folder)
