"""One client for every OpenAI-compatible endpoint: nothing is paid for twice, and what passes by is waited for.

    model = ApiModel(resolve_endpoint("ollama:qwen3:8b", config.teacher), cache, run="handbook")
    reply = model.complete(messages, schema)

``complete`` is for work that is worth keeping (teachers): cached, limited, retried, safe to call from many threads.
``stream`` is the protocol of all language models: piece by piece, for conversations.
"""

import random
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from typing import Any, Literal

import academy
from academy.errors import ContentRefusedError, EndpointDownError, LimitReachedError, ModelError
from academy.messages import _
from academy.models.api_cache import AnswerCache, Reply, answer_key
from academy.models.api_errors import Failure, as_error, hide, nothing_left, read_failure, refused
from academy.models.api_keys import Credential
from academy.models.api_limits import Allowance, Clock, Limiter
from academy.models.api_presets import Endpoint, Structured
from academy.models.api_wire import (
    EXPECTED_ANSWER,
    REFUSED,
    Piece,
    as_streamed,
    planned_tokens,
    read_stream,
    read_whole,
    request_body,
)
from academy.records import Conversation, Delta, Message, Sampling

CONNECT_SECONDS = 15.0
LONGEST_BACKOFF = 60.0
CROWDED_ATTEMPTS = 10
"""So many times the usual attempts for 429: the endpoint lives, it only asks for patience."""
WEAKER: Mapping[Structured, Structured] = {"schema": "object", "object": "none"}
"""What is asked for next when an endpoint does not know a way of asking for JSON."""
FORMAT_WORDS = ("response_format", "json_schema", "json schema", "grammar", "requested parameters")


class ApiModel:
    """A language model behind an endpoint.

    Attributes:
        name: provider and model, as the user wrote them.
    """

    def __init__(
        self,
        endpoint: Endpoint,
        cache: AnswerCache | None = None,
        run: str = "",
        *,
        clock: Clock | None = None,
        backoff: float = 1.0,
    ) -> None:
        self.endpoint = endpoint
        self.name = endpoint.name
        self.limiter = Limiter(allowance(endpoint), self._used_today, clock)
        self._cache = cache
        self._run = run
        self._clock = clock or Clock()
        self._backoff = backoff
        self._credential = Credential(endpoint)
        self._structured: Structured = endpoint.structured
        self._expected = float(EXPECTED_ANSWER)
        self._asked: dict[str, threading.Event] = {}
        self._lock = threading.Lock()
        self._client: Any = None
        if cache and (spent := cache.spent(run).get(self.name)):
            self.limiter.spend(spent.cost)

    # -- whole answers ---------------------------------------------------------------------------------------------

    def complete(self, messages: Sequence[Message], schema: Mapping[str, Any] | None = None, attempt: int = 0) -> Reply:
        """The answer to a conversation, from the cache when it was paid for earlier.

        Args:
            messages: the conversation.
            schema: JSON schema of the answer; how it is asked for depends on the endpoint.
            attempt: another number asks again although the answer is known.

        Raises:
            ModelError: of its family; everything kept before stays kept.
        """
        while True:
            structured = self._structured
            body = request_body(self.endpoint, messages, schema, structured)
            try:
                return self._kept(body, messages, attempt)
            except ModelError as error:
                weaker = WEAKER.get(structured) if schema is not None and _about_format(error) else None
                if weaker is None:
                    raise
                self._structured = weaker

    def _kept(self, body: dict[str, Any], messages: Sequence[Message], attempt: int) -> Reply:
        if self._cache is None:
            return self._patient(body, messages)
        key = answer_key(self.endpoint.base_url, body, attempt)
        with self._alone(key):
            reply = self._cache.get(key)
            if reply is None:
                reply = self._patient(body, messages)
                self._cache.keep(key, self.name, self._run, reply)
        if reply.finish == REFUSED:
            raise refused(self.endpoint)
        return reply

    @contextmanager
    def _alone(self, key: str) -> Iterator[None]:
        """Let only one thread ask the same thing; the others find its answer in the cache."""
        while True:
            with self._lock:
                other = self._asked.get(key)
                if other is None:
                    mine = self._asked[key] = threading.Event()
                    break
            other.wait()
        try:
            yield
        finally:
            with self._lock:
                del self._asked[key]
            mine.set()

    def _patient(self, body: dict[str, Any], messages: Sequence[Message]) -> Reply:
        """Ask until an answer comes, a failure will not pass, or patience ends."""
        failed = crowded = 0
        draw = random.Random(len(body["messages"][-1]["content"]))
        while True:
            planned = planned_tokens(messages, self._expected)
            with self.limiter.slot(planned) as began:
                outcome = self._once(body)
                if isinstance(outcome, Reply):
                    self._learn(outcome, planned)
                    return outcome
                if outcome.status == 429 and outcome.passing:
                    self.limiter.crowded(began, outcome.wait or 0.0)
            if self._cache:
                self._cache.book_failure(self.name, self._run)
            if not outcome.passing:
                raise as_error(outcome, self.endpoint)
            crowded, failed = crowded + (outcome.status == 429), failed + (outcome.status != 429)
            if failed >= self.endpoint.config.attempts or crowded >= self.endpoint.config.attempts * CROWDED_ATTEMPTS:
                raise self._down(outcome)
            self._pause(outcome, failed + crowded, draw.uniform(0.5, 1.0))

    def _learn(self, reply: Reply, planned: int) -> None:
        self._expected += (reply.answer_tokens - self._expected) / 16
        self.limiter.succeeded(planned, reply.prompt_tokens + reply.answer_tokens, reply.cost or 0.0)

    def _pause(self, failure: Failure, tries: int, jitter: float) -> None:
        if failure.wait is not None and failure.wait > self.endpoint.config.wait_hours * 3600:
            raise LimitReachedError(
                _("{host} asks to wait {hours:.1f} hours.").format(host=self.endpoint.host, hours=failure.wait / 3600),
                _("Repeat the same command then; everything so far is kept."),
            )
        backoff = min(LONGEST_BACKOFF, self._backoff * 2 ** min(tries - 1, 10)) * jitter
        self.limiter.sleep(backoff if failure.wait is None else failure.wait)

    def _down(self, failure: Failure) -> EndpointDownError:
        start = {"ollama": "ollama serve", "lm-studio": "lms server start"}.get(self.endpoint.provider, "")
        again = _("Everything paid for is kept. When it works again, repeat the same command.")
        return EndpointDownError(
            _("{host} does not answer any more ({tries} tries). The last time: {words}").format(
                host=self.endpoint.host, tries=self.endpoint.config.attempts, words=failure.words or failure.status
            ),
            f"{start}   # {again}" if start else again,
        )

    # -- one request -----------------------------------------------------------------------------------------------

    def _once(self, body: dict[str, Any]) -> Reply | Failure:
        """One request, whole or streamed; whatever goes wrong on the way is a Failure."""
        key = self._credential.key()
        if self.endpoint.config.stream:
            pieces = list(self._pieces(body, key))
            return pieces[-1].reply or pieces[-1].failure or Failure(0, "")
        import httpx2

        try:
            response = self._http().post("/chat/completions", json=body, headers=_authorization(key))
        except httpx2.TimeoutException:
            return Failure(0, _("no answer within {s:.0f} seconds").format(s=self.endpoint.config.timeout_seconds))
        except httpx2.HTTPError as error:
            return Failure(0, hide(f"{type(error).__name__} {error}", key))
        if (rest := nothing_left(response.headers)) is not None:
            self.limiter.rest(rest)
        try:
            data = response.json()
        except ValueError:
            status = 500 if response.status_code == 200 else response.status_code
            return self._failure(status, response.headers, response.text, key)
        if response.status_code != 200:
            return self._failure(response.status_code, response.headers, data, key)
        return read_whole(data, response.headers, self.endpoint, key)

    def _failure(self, status: int, headers: Mapping[str, str], body: Any, key: str) -> Failure:
        failure = read_failure(status, headers, body, key)
        if status == 401 and self._credential.renew(key):
            return Failure(503, failure.words, 0.0)  # a short-lived key ran out: a fresh one gets another try
        return failure

    def _pieces(self, body: dict[str, Any], key: str) -> Iterator[Piece]:
        import httpx2

        streamed = as_streamed(body, self.endpoint)
        try:
            with self._http().stream(
                "POST", "/chat/completions", json=streamed, headers=_authorization(key)
            ) as response:
                if response.status_code != 200:
                    text = response.read().decode("utf-8", "replace")
                    yield Piece(failure=self._failure(response.status_code, response.headers, _json(text), key))
                    return
                yield from read_stream(response.iter_lines(), response.headers, self.endpoint, key)
        except httpx2.TimeoutException:
            words = _("no answer within {s:.0f} seconds").format(s=self.endpoint.config.timeout_seconds)
            yield Piece(failure=Failure(0, words))
        except httpx2.HTTPError as error:
            yield Piece(failure=Failure(0, hide(f"{type(error).__name__} {error}", key)))

    def _http(self) -> Any:
        """The connections, opened at the first request; a proxy is never asked to reach this machine."""
        with self._lock:
            self.limiter.check()
            if self._client is None:
                import httpx2

                self._client = httpx2.Client(
                    base_url=self.endpoint.base_url,
                    headers={"User-Agent": f"academy/{academy.__version__}", **self.endpoint.preset.headers},
                    timeout=httpx2.Timeout(self.endpoint.config.timeout_seconds, connect=CONNECT_SECONDS, pool=None),
                    limits=httpx2.Limits(max_connections=None, max_keepalive_connections=None),
                    trust_env=not self.endpoint.local,
                )
            return self._client

    def get(self, path: str) -> Any:
        """The JSON at another address of the endpoint; None when it has nothing there."""
        import httpx2

        with suppress(httpx2.HTTPError, ValueError):
            response = self._http().get(path, headers=_authorization(self._credential.key()))
            return response.json() if response.status_code == 200 else None
        return None

    # -- the protocol of all language models -------------------------------------------------------------------------

    def stream(self, conversations: Sequence[Conversation], sampling: Sampling) -> Iterator[Delta]:
        """Answer conversations piece by piece, one after the other; a failure before the first piece is retried.

        Raises:
            ModelError: the endpoint refuses, or the answer breaks off.
        """
        for index, conversation in enumerate(conversations):
            yield from self._answer(index, conversation, sampling)

    def _answer(self, index: int, conversation: Conversation, sampling: Sampling) -> Iterator[Delta]:
        body = request_body(self.endpoint, conversation, sampling=sampling)
        planned, tries = planned_tokens(conversation, sampling.max_new_tokens), 0
        while True:
            tries += 1
            failure, said = None, False
            with self.limiter.slot(planned):
                for piece in self._pieces(body, self._credential.key()):
                    failure = piece.failure
                    if piece.text:
                        said = True
                        yield Delta(index, piece.text)
                    if piece.reply:
                        self._learn(piece.reply, planned)
                        yield Delta(index, "", finish_reason=self._ended(piece.reply))
            if failure is None:
                return
            if said or not failure.passing:
                raise as_error(failure, self.endpoint)
            if tries >= self.endpoint.config.attempts:
                raise self._down(failure)
            self._pause(failure, tries, 1.0)

    def _ended(self, reply: Reply) -> Literal["stop", "length"]:
        if reply.finish == REFUSED:
            raise refused(self.endpoint)
        return "length" if reply.finish == "length" else "stop"

    # -- small things ------------------------------------------------------------------------------------------------

    def close(self) -> None:
        """Call off what waits, and close the connections."""
        self.limiter.close()
        with self._lock:
            if self._client is not None:
                self._client.close()
                self._client = None

    def _used_today(self) -> int:
        import time

        day = time.strftime("%Y-%m-%d", time.gmtime(self._clock.wall()))
        return self._cache.requests_today(self.name, day) if self._cache else 0


def allowance(endpoint: Endpoint) -> Allowance:
    """The user's limits, else the preset's."""
    config, known = endpoint.config, endpoint.preset.limits
    per_minute = config.requests_per_minute or known.get("requests_per_minute")
    if per_minute is None and endpoint.free:
        per_minute = known.get("free_requests_per_minute")
    return Allowance(
        concurrency=min(config.concurrency, int(known.get("concurrency", config.concurrency))),
        requests_per_minute=per_minute,
        tokens_per_minute=config.tokens_per_minute,
        requests_per_day=config.requests_per_day,
        max_cost=config.max_cost,
        wait_seconds=config.wait_hours * 3600,
    )


def _authorization(key: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {key}"} if key else {}


def _json(text: str) -> Any:
    import json

    try:
        return json.loads(text)
    except ValueError:
        return text


def _about_format(error: ModelError) -> bool:
    """Whether an endpoint complains about the way in which JSON was asked for, and about nothing else."""
    if isinstance(error, ContentRefusedError):
        return False
    return any(word in error.message.lower() for word in FORMAT_WORDS)
