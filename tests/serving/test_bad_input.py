"""Whatever clients send, they get the right status in OpenAI's shape, learn nothing, and the server lives."""

import http.client
import json
import socket
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from academy.config import ServeConfig
from academy.errors import ConfigError
from academy.serving.guard import is_loopback
from academy.serving.server import KEY, listen, read_key
from tests.serving.conftest import Address, running
from tests.serving.runs import full_run

httpx = pytest.importorskip("httpx", reason="the HTTP client of the tests is not installed: pip install httpx")
PATIENT = 120
"""Seconds: machines that run these tests have other work as well."""
post = partial(httpx.post, timeout=PATIENT)
get = partial(httpx.get, timeout=PATIENT)
SECRET = "a-key-that-nobody-guesses-0123"
GOOD = {"prompt": "Was ist die Mainline?"}
CHAT = {"model": "alpha", "messages": [{"role": "user", "content": "Wer?"}]}


def lives(served: Address) -> None:
    assert post(f"{served.url}/generate", json=GOOD).status_code == 200


def refused(response: Any, status: int) -> dict[str, Any]:
    """The error of a response, after checking that it tells nothing of the machine."""
    assert response.status_code == status, response.text
    for secret in ("Traceback", "site-packages", "/tmp", ".py"):
        assert secret not in response.text
    error: dict[str, Any] = response.json()["error"]
    assert error["message"]
    assert set(error) == {"message", "type", "param", "code"}
    return error


@pytest.mark.parametrize(
    ("change", "param"),
    [
        ({"prompt": ""}, "prompt"),
        ({"prompt": "   "}, "messages"),
        ({"prompt": 5}, "prompt"),
        ({"prompt": ["a"]}, "prompt"),
        ({"prompt": None}, None),
        ({"messages": []}, "messages"),
        ({"max_tokens": "5"}, "max_tokens"),
        ({"max_tokens": 0}, "max_tokens"),
        ({"max_tokens": 1501}, "max_tokens"),
        ({"max_tokens": True}, "max_tokens"),
        ({"temperature": -1}, "temperature"),
        ({"temperature": 3}, "temperature"),
        ({"top_p": 0}, "top_p"),
        ({"seed": -1}, "seed"),
        ({"seed": 1 << 70}, "seed"),
        ({"stop": ["a"] * 9}, "stop"),
        ({"stop": [""]}, "stop.0"),
        ({"mode": "magic"}, "mode"),
        ({"colour": "red"}, "colour"),
        ({"stream": "yes"}, "stream"),
    ],
)
def test_impossible_values_name_their_field(served: Address, change: dict[str, Any], param: str | None) -> None:
    error = refused(post(f"{served.url}/generate", json=GOOD | change), 400)
    assert (error["type"], error["param"]) == ("invalid_request_error", param)


@pytest.mark.parametrize(
    "change",
    [
        {"n": 2},
        {"presence_penalty": 0.5},
        {"tools": []},
        {"logit_bias": {"1": 5}},
        {"top_logprobs": 2},
        {"max_tokens": 3, "max_completion_tokens": 3},
        {"response_format": {"type": "json_object"}},
        {"messages": [{"role": "tool", "content": "a"}]},
        {"messages": [{"role": "user", "content": [{"type": "image_url", "image_url": {"url": "x"}}]}]},
        {"messages": [{"role": "assistant", "content": "Ja"}]},
    ],
)
def test_what_is_not_supported_is_refused_not_ignored(served: Address, change: dict[str, Any]) -> None:
    refused(post(f"{served.url}/v1/chat/completions", json=CHAT | change), 400)


@pytest.mark.parametrize("prompt", [[], ["a"] * 17, [[]], [1, 5_000_000], [-1], ""])
def test_impossible_prompts_of_completions(served: Address, prompt: object) -> None:
    body = {"model": "alpha", "prompt": prompt}
    response = post(f"{served.url}/v1/completions", json=body)
    if prompt == "":  # the token that starts a text is a prompt of its own
        assert response.status_code == 200
    else:
        refused(response, 400)


def test_too_long_a_prompt_says_what_fits(served: Address) -> None:
    error = refused(post(f"{served.url}/generate", json={"prompt": "wo " * 5000, "mode": "specialist"}), 400)
    assert error["code"] == "context_length_exceeded"
    assert "2048" in error["message"]


@pytest.mark.parametrize(
    "name", ["gamma", "../../../etc/passwd", "alpha/../beta.2", "alpha\x00", "", "alpha:magic", "a" * 5000, "%2e%2e"]
)
def test_unknown_names_are_not_found(served: Address, name: str) -> None:
    error = refused(post(f"{served.url}/generate", json=GOOD | {"model": name}), 404)
    assert error["code"] == "model_not_found"
    refused(post(f"{served.url}/v1/chat/completions", json=CHAT | {"model": name}), 404)


@pytest.mark.parametrize(
    "path", ["/v1/models/..%2f..%2fetc%2fpasswd", "/v1/models/%ff%fe", "/..%2frun.yaml", "/nothing"]
)
def test_unknown_paths_are_not_found(served: Address, path: str) -> None:
    refused(get(served.url + path), 404)


def test_the_nearest_name_is_told(served: Address) -> None:
    assert "alpha" in refused(post(f"{served.url}/generate", json=GOOD | {"model": "alpa"}), 404)["message"]


@pytest.mark.parametrize(
    "content",
    [
        *(b"", b"{", b"[]", b"null", b"[" * 50_000, b'{"prompt": "\xff\xfe"}', b'{"prompt": "\\ud800"}'),
        *(b'{"\\ud800": 1, "prompt": "a"}', b'{"prompt": "a", "temperature": NaN}', b'{"prompt": "a", "seed": 1e400}'),
    ],
)
def test_broken_bodies_are_refused(served: Address, content: bytes) -> None:
    headers = {"Content-Type": "application/json"}
    refused(post(f"{served.url}/generate", content=content, headers=headers), 400)


def test_a_form_of_a_foreign_page_is_refused(served: Address) -> None:
    body = json.dumps(GOOD)
    refused(post(f"{served.url}/generate", content=body, headers={"Content-Type": "text/plain"}), 400)
    refused(post(f"{served.url}/generate", json=GOOD, headers={"Origin": "https://evil.example"}), 403)
    refused(get(f"{served.url}/v1/models", headers={"Host": "evil.example"}), 403)
    assert get(f"{served.url}/v1/models", headers={"Host": "localhost:1"}).status_code == 200


def test_wrong_methods_are_named(served: Address) -> None:
    refused(get(f"{served.url}/generate"), 405)


def test_large_bodies_are_refused_with_and_without_a_length(served: Address) -> None:
    def pieces() -> Iterator[bytes]:
        for _ in range(100):
            yield b" " * 1024

    refused(post(f"{served.url}/generate", json={"prompt": "a" * 100_000}), 413)
    headers = {"Content-Type": "application/json"}
    refused(post(f"{served.url}/generate", content=pieces(), headers=headers), 413)
    lives(served)


def test_clients_that_vanish_free_their_slots(served: Address) -> None:
    body = json.dumps(GOOD | {"mode": "specialist", "max_tokens": 1400, "stream": True}).encode()
    for stream in (body, body.replace(b"true", b"false")):
        for _ in range(10):
            connection = http.client.HTTPConnection("127.0.0.1", served.port)
            connection.request("POST", "/generate", stream, {"Content-Type": "application/json"})
            connection.close()
    deadline = time.monotonic() + PATIENT
    while "academy_running 0.0" not in get(f"{served.url}/metrics").text:
        assert time.monotonic() < deadline, "vanished clients must free their slots"
        time.sleep(0.05)
    written = get(f"{served.url}/metrics").text.partition("\nacademy_written_tokens ")[2].split()[0]
    assert float(written) < 20 * 1400
    lives(served)


def test_hundreds_of_idle_and_half_spoken_connections(served: Address) -> None:
    idle = [socket.create_connection(("127.0.0.1", served.port)) for _ in range(300)]
    for number, connection in enumerate(idle):
        connection.sendall(b"POST /generate HT" if number % 2 else b"\xff\x00\r\n\r\n")
    lives(served)
    for connection in idle:
        connection.close()
    lives(served)


@pytest.fixture(scope="module")
def narrow(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Address]:
    """A server with a key, one slot, a queue of one, and little patience."""
    runs = tmp_path_factory.mktemp("narrow")
    full_run(runs / "alpha", seed=1)
    config = ServeConfig(slots=1, queue=1, max_new_tokens=2000, timeout_seconds=1.5, body_seconds=0.5, connections=20)
    yield from running(runs, config, key=SECRET)


@pytest.mark.parametrize("shown", [None, "", "Bearer", "Bearer wrong", f"Bearer {SECRET[:-1]}", f"Bearer {SECRET}x"])
def test_a_guessed_key_opens_nothing(narrow: Address, shown: str | None) -> None:
    headers = {} if shown is None else {"Authorization": shown}
    for path in ("/v1/models", "/metrics", "/openapi.json", "/nothing"):
        response = get(narrow.url + path, headers=headers)
        refused(response, 401)
        assert response.headers["www-authenticate"] == "Bearer"
    assert get(f"{narrow.url}/health", headers=headers).status_code == 200


def test_the_key_opens_from_any_host(narrow: Address) -> None:
    headers = {"Authorization": f"Bearer {SECRET}", "Host": "specialist.example"}
    assert get(f"{narrow.url}/v1/models", headers=headers).status_code == 200


def test_a_full_queue_says_when_to_come_again_and_time_is_limited(narrow: Address) -> None:
    headers = {"Authorization": f"Bearer {SECRET}"}
    short = GOOD | {"mode": "specialist"}
    body = short | {"max_tokens": 1930, "stream": True}
    with (
        httpx.Client(headers=headers, timeout=PATIENT) as one,
        httpx.stream("POST", f"{narrow.url}/generate", json=body, headers=headers) as first,
    ):
        first.iter_lines()
        with ThreadPoolExecutor(4) as many:
            asked = [
                many.submit(one.post, f"{narrow.url}/generate", json=GOOD | {"mode": "specialist"}) for _ in range(4)
            ]
            statuses = [future.result() for future in asked]
        busy = [response for response in statuses if response.status_code == 429]
        assert busy
        assert refused(busy[0], 429)["code"] == "queue_full"
        assert busy[0].headers["retry-after"] == "1"
        events = [line for line in first.iter_lines() if line]
    assert events[-1] == "data: [DONE]"
    assert json.loads(events[-2].removeprefix("data: "))["error"]["code"] == "timeout"


def test_a_body_that_dribbles_is_cut_off(narrow: Address) -> None:
    with socket.create_connection(("127.0.0.1", narrow.port)) as slow:
        head = f"POST /generate HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {SECRET}\r\nContent-Length: 100\r\n"
        slow.sendall(f"{head}Content-Type: application/json\r\n\r\n{{".encode())
        slow.settimeout(PATIENT)
        assert slow.recv(4096).startswith(b"HTTP/1.1 408")


def test_more_connections_than_allowed_are_refused(narrow: Address) -> None:
    idle = [socket.create_connection(("127.0.0.1", narrow.port)) for _ in range(40)]
    assert get(f"{narrow.url}/health").status_code == 503
    for connection in idle:
        connection.close()
    deadline = time.monotonic() + PATIENT
    while get(f"{narrow.url}/health").status_code != 200:
        assert time.monotonic() < deadline


def test_only_this_machine_needs_no_key(monkeypatch: pytest.MonkeyPatch) -> None:
    assert [is_loopback(host) for host in ("localhost", "127.0.0.1", "::1", "0.0.0.0", "::", "example.org", "")] == [
        *(True, True, True, False, False, False, False)
    ]
    assert read_key("127.0.0.1") is None
    with pytest.raises(ConfigError, match="needs a key") as missing:
        read_key("0.0.0.0")
    assert KEY in missing.value.hint
    monkeypatch.setenv(KEY, "short")
    with pytest.raises(ConfigError, match="shorter"):
        read_key("0.0.0.0")
    monkeypatch.setenv(KEY, SECRET)
    assert read_key("0.0.0.0") == read_key("127.0.0.1") == SECRET


def test_a_taken_port_is_named() -> None:
    with listen("127.0.0.1", 0) as first:
        first.listen()
        with pytest.raises(ConfigError, match="cannot listen"):
            listen("127.0.0.1", first.getsockname()[1])
    with pytest.raises(ConfigError, match="cannot listen"):
        listen("192.0.2.1", 0)


def test_the_log_tells_no_prompt(served: Address, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level("INFO", logger="academy.serving"):
        post(f"{served.url}/generate", json={"prompt": "Geheimnis", "mode": "specialist"})
        get(f"{served.url}/Geheimnis")
        deadline = time.monotonic() + PATIENT
        while len(caplog.records) < 2 and time.monotonic() < deadline:
            time.sleep(0.01)  # the line is written after the answer
    lines = [json.loads(record.message) for record in caplog.records]
    assert [(line["endpoint"], line["status"]) for line in lines] == [("/generate", 200), ("other", 404)]
    assert lines[0]["usage"]["prompt_tokens"] > 0
    assert "Geheimnis" not in caplog.text


def test_a_server_that_stops_answers_what_it_has_begun(tmp_path: Path) -> None:
    full_run(tmp_path / "runs" / "alpha", seed=1)
    server = running(tmp_path / "runs", ServeConfig())
    served = next(server)
    body = GOOD | {"mode": "specialist", "max_tokens": 300, "stream": True}
    with httpx.stream("POST", f"{served.url}/generate", json=body) as begun:
        lines = begun.iter_lines()
        assert next(lines)
        with pytest.raises(StopIteration):
            next(server)
        assert [line for line in lines if line][-1] == "data: [DONE]"
