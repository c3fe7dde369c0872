"""What every endpoint works with: the specialists, the engine, the limits, and one thread for searching."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, TypeVar

from academy.config import MODES, ServeConfig, nearest
from academy.messages import _
from academy.records import Answer, Message, Sampling
from academy.serving.answers import Plan, Served, Writing, plan
from academy.serving.failures import RequestError, StoppedError, UnknownModelError
from academy.serving.jobs import Engine, Token
from academy.serving.metrics import Metrics
from academy.serving.responses import Usage
from academy.specialist import Asking

if TYPE_CHECKING:
    from fastapi import Request

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Service:
    """A running server."""

    specialists: Mapping[str, Served]
    engine: Engine
    config: ServeConfig
    metrics: Metrics
    # Searching holds the interpreter anyway; one thread keeps it off the event loop.
    searching: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(1, "academy-search"))

    async def off_loop(self, work: Callable[[], T]) -> T:
        """Run what takes milliseconds beside the event loop."""
        return await asyncio.get_running_loop().run_in_executor(self.searching, work)

    def find(self, name: str | None) -> Served:
        """A specialist by name; without a name the first.

        Raises:
            UnknownModelError: it is not served here.
        """
        if name is None:
            return next(iter(self.specialists.values()))
        if name not in self.specialists:
            message = _("The specialist '{name}' is not served here.").format(name=name[:100])
            raise UnknownModelError(message + nearest(name[:100], list(self.specialists)))
        return self.specialists[name]

    def find_with_mode(self, name: str) -> tuple[Served, Asking | None]:
        """``handbook`` or ``handbook:evidence``, for clients that can choose nothing but a model."""
        plain, colon, mode = name.partition(":")
        if not colon:
            return self.find(name), None
        if mode not in MODES:
            raise UnknownModelError(
                _("There is no mode '{mode}'.").format(mode=mode[:100]) + nearest(mode[:100], MODES)
            )
        return self.find(plain), mode  # type: ignore[return-value]  # checked just above

    def sampling(self, wanted: "Wanted", default: int) -> Sampling:
        """How a request wants its answer written.

        Raises:
            RequestError: it asks for more tokens than this server writes.
        """
        most = self.config.max_new_tokens
        room = wanted.max_tokens or min(default, most)
        if room > most:
            raise RequestError(_("This server writes at most {n} tokens per answer.").format(n=most), "max_tokens")
        return Sampling(
            room,
            0.0 if wanted.temperature is None else wanted.temperature,
            1.0 if wanted.top_p is None else wanted.top_p,
            wanted.seed or 0,
            tuple(wanted.stop),
        )


@dataclass(frozen=True, slots=True)
class Wanted:
    """What requests of all endpoints have in common."""

    max_tokens: int | None
    temperature: float | None
    top_p: float | None
    stop: list[str]
    seed: int | None
    likeliest: int = 0


class Reply:
    """An answer on its way: iterate over its tokens, then read the rest. Made by ``begin``."""

    def __init__(self, service: Service, served: Served, planned: Plan, writing: Writing | None) -> None:
        self.served = served
        self.tokens: AsyncIterator[Token] = _none()
        self._service = service
        self._planned = planned
        self._writing = writing

    async def answer(self) -> Answer:
        """The finished answer with its sources; the tokens must have been read."""
        asked, expert, writing = self._planned.asked, self._planned.expert, self._writing
        if writing is None:
            return await self._service.off_loop(lambda: expert.without_model(asked))
        return await self._service.off_loop(lambda: expert.finish(asked, writing.generation(), None))

    @property
    def text(self) -> str:
        """What the model wrote, as it wrote it."""
        return "".join(self._writing.texts) if self._writing else ""

    @property
    def finish_reason(self) -> Literal["stop", "length"]:
        """Why it ended: stop or length."""
        return (self._writing and self._writing.finish_reason) or "stop"

    @property
    def usage(self) -> Usage:
        """Tokens read and written."""
        return usage(len(self._planned.prompt or ()), len(self._writing.logprobs) if self._writing else 0)


def usage(prompt: int, completion: int) -> Usage:
    """Tokens read and written, and their sum."""
    return Usage(prompt_tokens=prompt, completion_tokens=completion, total_tokens=prompt + completion)


async def begin(
    service: Service, served: Served, messages: tuple[Message, ...], mode: Asking | None, wanted: Wanted
) -> Reply:
    """Plan an answer and wait for its first token, so that whatever is wrong has a status of its own.

    Raises:
        RequestError: the request cannot be answered.
        BusyError: too many are waiting.
    """
    sampling = service.sampling(wanted, served.opened.config.max_new_tokens)
    planned = await service.off_loop(lambda: plan(served, messages, mode, sampling.max_new_tokens))
    if planned.prompt is None:
        return Reply(service, served, planned, None)
    writing = Writing(service.engine, served.name, planned.prompt, sampling, service.config.timeout_seconds)
    reply = Reply(service, served, planned, writing)
    reply.tokens = await primed(service, writing, wanted.likeliest)
    return reply


async def primed(service: Service, writing: Writing, likeliest: int) -> AsyncIterator[Token]:
    """The tokens of a job, whose first one is there."""
    tokens = writing.tokens(likeliest)
    with service.metrics.first_token.time():
        first = await anext(tokens)
    return _again(first, tokens)


async def unless_gone(request: "Request", work: "asyncio.Task[T]") -> T:
    """Wait for work, and end it when the client goes away.

    Raises:
        StoppedError: nobody is left to answer.
    """
    gone = asyncio.ensure_future(_gone(request))
    try:
        await asyncio.wait({gone, work}, return_when=asyncio.FIRST_COMPLETED)
        if not work.done():
            raise StoppedError(_("The client went away."))
        return work.result()
    finally:
        gone.cancel()
        work.cancel()


async def _gone(request: "Request") -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass


async def _again(first: Token, rest: AsyncIterator[Token]) -> AsyncIterator[Token]:
    yield first
    async for token in rest:
        yield token


async def _none() -> AsyncIterator[Token]:
    for token in list[Token]():
        yield token
