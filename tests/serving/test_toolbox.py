"""The official MCP client: over standard input and output, over HTTP, and with wrong arguments."""

import asyncio
import os
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from academy.specialist import Expert
from tests.serving.runs import full_run
from tests.test_specialist import TEXTS

mcp = pytest.importorskip("mcp", reason="the official MCP library is not installed: pip install mcp")
QUESTION = "Wessen Arbeitsstand ist die Mainline?"
PROGRAM = [sys.executable, "-c", "from academy.cli import main; main()", "mcp", "alpha"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with one finished run."""
    place = tmp_path_factory.mktemp("mcp")
    full_run(place / "runs" / "alpha", seed=1)
    return place


async def talk(server: Any) -> tuple[list[str], dict[str, Any], dict[str, Any], dict[str, Any], list[bool]]:
    """Use every tool, and every tool wrongly."""
    async with mcp.Client(server) as client:
        names = [tool.name for tool in (await client.list_tools()).tools]
        answer = await client.call_tool("ask", {"question": QUESTION, "mode": "retrieval"})
        search = await client.call_tool("search_evidence", {"question": "Treiber staging", "passages": 1})
        topics = await client.call_tool("list_topics", {})
        wrong: list[dict[str, Any]] = [
            {"question": ""},
            {"question": QUESTION, "specialist": "gamma"},
            {"question": QUESTION, "mode": "magic"},
        ]
        failed = [(await client.call_tool("ask", arguments)).is_error for arguments in wrong]
        failed.append((await client.call_tool("search_evidence", {"question": "a", "passages": 1000})).is_error)
        return names, *(one.structured_content for one in (answer, search, topics)), failed


def check(heard: Any, folder: Path) -> None:
    names, answer, search, topics, failed = heard
    assert names == ["ask", "search_evidence", "list_topics"]
    assert answer == Expert.open(folder / "runs" / "alpha").stream(QUESTION, "retrieval").answer.model_dump(mode="json")
    assert answer["answer"] == TEXTS[0].split(". ")[0] + "."
    assert [passage["text"] for passage in search["passages"]] == [TEXTS[1]]
    (topic,) = topics["topics"]
    assert (topic["specialist"], topic["document"], topic["headings"]) == ("alpha", "skript.pdf", ["Skript", "0", "1"])
    assert failed == [True] * 4


def reachable(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def test_a_client_starts_the_server_and_talks_to_it(folder: Path) -> None:
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    server = mcp.StdioServerParameters(command=PROGRAM[0], args=PROGRAM[1:], cwd=str(folder), env=environment)
    check(asyncio.run(talk(server)), folder)


def test_a_client_talks_to_it_over_http(folder: Path) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with subprocess.Popen([*PROGRAM, "--http", "--port", str(port)], cwd=folder, stderr=subprocess.PIPE) as server:
        try:
            deadline = time.monotonic() + 60
            while not reachable(port) and time.monotonic() < deadline:
                time.sleep(0.05)
            check(asyncio.run(talk(f"http://127.0.0.1:{port}/mcp")), folder)
        finally:
            server.terminate()


def test_the_model_is_asked_in_process(folder: Path) -> None:
    from academy.serving.toolbox import make_server

    async def ask() -> Any:
        async with mcp.Client(make_server({"alpha": Expert.open(folder / "runs" / "alpha")})) as client:
            return (await client.call_tool("ask", {"question": QUESTION, "mode": "specialist"})).structured_content

    assert asyncio.run(ask())["mode_used"] == "specialist"
