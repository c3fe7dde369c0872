"""The client: answers, faults that pass, errors that stay, cache, streams; against a real server on this machine."""

import json
import logging
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Protocol

import pytest

from academy.config import EndpointConfig
from academy.errors import (
    AcademyError,
    ContentRefusedError,
    ContextTooLongError,
    EndpointDownError,
    KeyRefusedError,
    LimitReachedError,
    MissingKeyError,
    ModelError,
    NoCreditError,
    UnknownModelError,
)
from academy.models import generate
from academy.models.api import ApiModel
from academy.models.api_cache import AnswerCache, Spent
from academy.models.api_presets import resolve_endpoint
from academy.records import Message, Sampling
from tests.openai_server import OpenAIServer

pytestmark = pytest.mark.usefixtures("loopback")
SECRET = "sk-or-v1-0123456789abcdef0123456789abcdef"
ASK = (Message(role="user", content="Was ist udev?"),)
SCHEMA = {"type": "object", "properties": {}, "required": [], "additionalProperties": False}


@pytest.fixture
def cache(tmp_path: Path) -> Iterator[AnswerCache]:
    opened = AnswerCache(tmp_path / "answers.sqlite")
    yield opened
    opened.close()


class Open(Protocol):
    """Opens a model at a test server."""

    def __call__(
        self, server: OpenAIServer, cache: AnswerCache | None = None, name: str = "custom:tiny", **config: Any
    ) -> ApiModel: ...


@pytest.fixture
def model() -> Iterator[Open]:
    with ExitStack() as stack:

        def open_one(
            server: OpenAIServer, cache: AnswerCache | None = None, name: str = "custom:tiny", **config: Any
        ) -> ApiModel:
            endpoint = resolve_endpoint(name, EndpointConfig(base_url=server.url, **{"timeout_seconds": 5, **config}))
            opened = ApiModel(endpoint, cache, "run", backoff=0.01)
            stack.callback(opened.close)
            return opened

        yield open_one


def test_an_answer_comes_with_what_it_cost(model: Open, cache: AnswerCache) -> None:
    with OpenAIServer("ein Dienst") as server:
        reply = model(server, cache).complete(ASK)
    assert (reply.text, reply.finish, reply.model) == ("ein Dienst", "stop", "tiny")
    assert (reply.prompt_tokens, reply.answer_tokens, reply.cost, reply.cached) == (3, 2, 5e-6, False)
    assert cache.spent("run") == {"custom:tiny": Spent(1, 0, 3, 2, 5e-6)}


def test_what_was_paid_for_is_not_asked_again(model: Open, cache: AnswerCache) -> None:
    with OpenAIServer() as server:
        first = model(server, cache).complete(ASK)
        again = model(server, cache).complete(ASK)
        assert server.counts["answered"] == 1
        model(server, cache).complete(ASK, attempt=1)
        model(server, cache).complete(ASK, SCHEMA)
        model(server, cache, temperature=0.5).complete(ASK)
        model(server, cache, name="custom:other").complete(ASK)
        assert server.counts["answered"] == 4, "custom asks for JSON in words: a schema changes nothing there"
    assert (first.cached, again.cached, again.text) == (False, True, first.text)


def test_threads_that_ask_the_same_pay_once(model: Open, cache: AnswerCache) -> None:
    with OpenAIServer(delay=0.05) as server:
        asked = model(server, cache)
        with ThreadPoolExecutor(8) as pool:
            replies = list(pool.map(lambda _number: asked.complete(ASK), range(8)))
        assert server.counts["answered"] == 1
    assert {reply.text for reply in replies} == {"answer"}


@pytest.mark.parametrize("fault", ["429", "500", "502", "cut", "error_in_200", "broken_json", "wrong_schema", "html"])
@pytest.mark.parametrize("stream", [False, True])
def test_faults_that_pass_are_waited_for(model: Open, cache: AnswerCache, fault: str, stream: bool) -> None:
    if stream and fault in ("broken_json", "wrong_schema", "html"):
        pytest.skip("a fault of whole answers")
    with OpenAIServer("eins zwei drei vier", faults=[fault, fault]) as server:
        reply = model(server, cache, stream=stream).complete(ASK)
        assert server.counts[fault] == 2
    assert reply.text == "eins zwei drei vier"
    assert cache.spent("run")["custom:tiny"].failed == 2


def test_a_request_that_hangs_is_asked_again(model: Open, cache: AnswerCache) -> None:
    with OpenAIServer(faults=["hang"]) as server:
        assert model(server, cache, timeout_seconds=0.2).complete(ASK).text == "answer"


@pytest.mark.parametrize(
    ("fault", "error", "hint"),
    [
        ("401", KeyRefusedError, "key"),
        ("402", NoCreditError, "distil.teacher"),
        ("404", UnknownModelError, "distil.teacher"),
        ("moderation", ContentRefusedError, "rejected"),
        ("too_long", ContextTooLongError, "chunk.max_tokens"),
    ],
)
def test_errors_that_stay_are_named_at_once(
    model: Open, cache: AnswerCache, fault: str, error: type, hint: str
) -> None:
    with OpenAIServer(faults=[fault] * 9) as server:
        with pytest.raises(error) as caught:
            model(server, cache).complete(ASK)
        assert server.counts[fault] == 1
    assert hint in caught.value.hint


def test_no_credit_is_retried_only_when_told_when() -> None:
    from academy.models.api_errors import Failure, read_failure

    assert not Failure(402, "").passing
    assert read_failure(402, {"retry-after": "3"}, {"error": {"message": "x"}}, "") == Failure(402, "x", 3.0)
    assert Failure(402, "", 3.0).passing


def test_an_endpoint_that_stays_down_is_named_and_what_was_paid_is_kept(model: Open, cache: AnswerCache) -> None:
    with OpenAIServer(faults=["", *["500"] * 9]) as server:
        asked = model(server, cache, attempts=3)
        asked.complete(ASK)
        with pytest.raises(EndpointDownError, match="3 tries") as caught:
            asked.complete((Message(role="user", content="other"),))
        assert asked.complete(ASK).cached
    assert "repeat the same command" in caught.value.hint


def test_nobody_there_is_an_error_too(model: Open, cache: AnswerCache) -> None:
    with OpenAIServer() as server:
        asked = model(server, cache, attempts=2)
    with pytest.raises(EndpointDownError, match=r"127\.0\.0\.1 does not answer"):
        asked.complete(ASK)


def test_a_way_of_asking_for_json_that_is_unknown_is_given_up(model: Open, cache: AnswerCache) -> None:
    with OpenAIServer(faults=["no_format"]) as server:
        asked = model(server, cache, structured="schema")
        asked.complete(ASK, SCHEMA)
        first, second = server.bodies
        assert first["response_format"]["type"] == "json_schema"
        assert second["response_format"] == {"type": "json_object"}
        asked.complete(ASK, SCHEMA)
        assert len(server.bodies) == 2, "remembered"


def test_a_refusal_in_the_answer_is_an_error_also_from_the_cache(model: Open, cache: AnswerCache) -> None:
    with OpenAIServer() as server:
        asked = model(server, cache)
        asked._once = lambda body: asked._cache and _refusal()  # type: ignore[method-assign]
        for _time in range(2):
            with pytest.raises(ContentRefusedError):
                asked.complete(ASK)


def _refusal() -> Any:
    from academy.models.api_cache import Reply

    return Reply("", "tiny", "content_filter")


# -- keys


def test_without_key_the_variable_is_named(model: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OPENROUTER_API_KEY", raising=False)
    with OpenAIServer() as server, pytest.raises(MissingKeyError, match="OPENROUTER_API_KEY") as caught:
        model(server, name="openrouter:a/b").complete(ASK)
    assert "export OPENROUTER_API_KEY=" in caught.value.hint


def test_a_wrong_key_is_never_shown_stored_or_logged(
    model: Open, monkeypatch: pytest.MonkeyPatch, cache: AnswerCache, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("MY_KEY", SECRET)
    caplog.set_level(logging.DEBUG)
    seen = []
    with OpenAIServer(key="another", faults=()) as server:  # the server repeats the key in its error, as some do
        with pytest.raises(KeyRefusedError, match="MY_KEY") as caught:
            model(server, cache, key_variable="MY_KEY").complete(ASK)
        assert server.headers["authorization"] == f"Bearer {SECRET}"
        seen += [str(caught.value), repr(caught.value), caplog.text]
    with OpenAIServer(key=SECRET) as server:
        asked = model(server, cache, key_variable="MY_KEY")
        asked.complete(ASK)
        seen += [repr(vars(asked.endpoint) if hasattr(asked.endpoint, "__dict__") else asked.endpoint), caplog.text]
    cache.close()
    seen += [file.read_bytes().decode("latin-1") for file in cache.path.parent.glob("answers.sqlite*")]
    assert all(SECRET not in text and SECRET[:-4] not in text for text in seen)
    assert "[hidden]" in seen[0]


def test_a_short_lived_key_is_made_by_a_command_and_renewed(tmp_path: Path, model: Open, cache: AnswerCache) -> None:
    made = tmp_path / "made"
    script = tmp_path / "token.py"
    script.write_text(
        f"made = open(r'{made}', 'a+'); made.write('x'); made.seek(0); print('token', len(made.read()), sep='')"
    )
    presets = tmp_path / "mine.yaml"
    presets.write_text(json.dumps({"cloud": {"token_command": [sys.executable, str(script)]}}))
    with OpenAIServer(key="token1") as server:
        asked = model(server, cache, name="cloud:tiny", presets=presets)
        assert asked.complete(ASK).text == "answer"
        server.key = "token2"
        with pytest.raises(KeyRefusedError):  # one that was only just made will not get better
            asked.complete(ASK, attempt=1)
        asked._credential._made -= 60.0
        assert asked.complete(ASK, attempt=2).text == "answer"
    assert made.read_text() == "xx"


def test_the_program_that_makes_the_key_must_be_there(tmp_path: Path, model: Open) -> None:
    presets = tmp_path / "mine.yaml"
    presets.write_text(json.dumps({"cloud": {"token_command": ["no-such-program"]}}))
    with OpenAIServer() as server, pytest.raises(MissingKeyError, match="no-such-program, which is not installed"):
        model(server, name="cloud:tiny", presets=presets).complete(ASK)


# -- streams, the protocol of all models


def test_a_conversation_is_answered_piece_by_piece(model: Open) -> None:
    with OpenAIServer("eins zwei drei", faults=["502"]) as server:
        talk = model(server)
        deltas = list(talk.stream([ASK, ASK], Sampling(max_new_tokens=5, stop=("x",))))
        body = server.bodies[-1]
    assert [delta.text for delta in deltas] == ["eins", " zwei", " drei", ""] * 2
    assert deltas[-1].finish_reason == "stop"
    assert (body["max_tokens"], body["stop"], body["temperature"], body["stream"]) == (5, ["x"], 0.0, True)


def test_generate_works_with_an_endpoint(model: Open) -> None:
    with OpenAIServer("eins zwei") as server:
        assert [g.text for g in generate(model(server), [ASK], Sampling())] == ["eins zwei"]


def test_a_conversation_that_breaks_off_says_so(model: Open) -> None:
    with OpenAIServer("eins zwei drei vier", faults=["cut"]) as server, pytest.raises(ModelError):
        list(model(server).stream([ASK], Sampling()))


# -- limits


def test_the_cost_ceiling_holds_over_processes(model: Open, cache: AnswerCache) -> None:
    with OpenAIServer() as server:
        model(server, cache, max_cost=3e-6).complete(ASK)
        with pytest.raises(LimitReachedError, match="ceiling") as caught:
            model(server, cache, max_cost=3e-6).complete((Message(role="user", content="other"),))
        assert server.counts["answered"] == 1
    assert "teacher.max_cost" in caught.value.hint


def test_the_day_is_counted_over_processes(model: Open, cache: AnswerCache) -> None:
    with OpenAIServer() as server:
        model(server, cache, requests_per_day=1, wait_hours=0).complete(ASK)
        with pytest.raises(LimitReachedError, match="1 requests of today"):
            model(server, cache, requests_per_day=1, wait_hours=0).complete((Message(role="user", content="b"),))


def test_closing_calls_off_who_waits() -> None:
    with OpenAIServer(faults=["500"] * 9) as server:
        asked = ApiModel(resolve_endpoint("custom:tiny", EndpointConfig(base_url=server.url)), backoff=60)
        caught: list[AcademyError] = []

        def ask() -> None:
            try:
                asked.complete(ASK)
            except AcademyError as error:
                caught.append(error)

        thread = threading.Thread(target=ask)
        thread.start()
        while not asked.limiter.waiting:  # the first try has failed, and the second is a minute away
            time.sleep(0.001)
        asked.close()
        thread.join(20)
    assert not thread.is_alive()
    assert caught
