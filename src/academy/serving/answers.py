"""From a question to an answer: which passages, what the model is asked, what it wrote, and where that stands.

The seam for mode ``combined``: ``plan`` decides what the model is asked, ``Served.model`` is a ``LanguageModel`` like
any other, so whatever combines it with a general model can stand between the two.
"""

import asyncio
import math
import queue
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from academy.messages import _
from academy.models.template import ChatTemplate
from academy.records import Conversation, Delta, Generation, Message, Sampling
from academy.serving.failures import RequestError, SlowError
from academy.serving.jobs import Engine, Failed, Job, Piece, Token
from academy.specialist import Asked, Asking, Expert


class EngineModel:
    """A served specialist as a ``LanguageModel``, for whatever runs in a thread of its own.

    Attributes:
        name: the specialist's name.
    """

    def __init__(self, name: str, engine: Engine) -> None:
        self.name = name
        self._engine = engine

    @property
    def template(self) -> ChatTemplate:
        """Its tokenizer and chat template."""
        return self._engine.template(self.name)

    @property
    def context(self) -> int | None:
        """Longest prompt and answer together, in tokens."""
        return self._engine.context(self.name)

    def stream(self, conversations: Sequence[Conversation], sampling: Sampling) -> Iterator[Delta]:
        """See ``LanguageModel.stream``; sampled answers depend on the seed alone."""
        pieces: queue.Queue[tuple[int, Piece]] = queue.Queue()
        jobs: list[Job] = []
        try:
            for index, conversation in enumerate(conversations):
                prompt = tuple(self.template.render_ids(conversation, generate=True))
                jobs.append(Job(self.name, prompt, sampling, _into(pieces, index)))
                self._engine.submit(jobs[-1])
            yield from _deltas(pieces, len(jobs))
        finally:
            for job in jobs:
                job.cancelled.set()


def _into(pieces: "queue.Queue[tuple[int, Piece]]", index: int) -> Callable[[Sequence[Piece]], None]:
    def deliver(new: Sequence[Piece]) -> None:
        for piece in new:
            pieces.put((index, piece))

    return deliver


def _deltas(pieces: "queue.Queue[tuple[int, Piece]]", open_: int) -> Iterator[Delta]:
    while open_:
        index, piece = pieces.get()
        if isinstance(piece, Failed):
            raise piece.error
        delta = piece.delta
        open_ -= delta.finish_reason is not None
        yield Delta(index, delta.text, delta.logprob, delta.finish_reason)


@dataclass(frozen=True, slots=True)
class Served:
    """A specialist and its documents.

    Attributes:
        opened: its documents and settings, and what its exam found.
        created: when its run began, in seconds since 1970.
        vocabulary: token ids of its model are below this.
    """

    name: str
    opened: Expert
    model: EngineModel
    created: int
    vocabulary: int

    def expert(self, max_new_tokens: int) -> Expert:
        """Answers with this much room: passages are trimmed to what then fits."""
        opened = self.opened
        config = opened.config.model_copy(update={"max_new_tokens": max_new_tokens})
        return Expert(opened.index, config, lambda: self.model, opened.trust, opened.shots)


@dataclass(frozen=True, slots=True)
class Plan:
    """How a question will be answered; ``prompt`` is None where no model is needed."""

    expert: Expert
    asked: Asked
    prompt: tuple[int, ...] | None


def plan(served: Served, messages: Sequence[Message], mode: Asking | None, max_new_tokens: int) -> Plan:
    """Decide how to answer the last turn.

    From memory the model is shown the whole conversation. The other ways search for the last turn alone and show it
    with the passages, as training did.

    Raises:
        RequestError: the conversation does not end with the user, or the chat template cannot show it.
    """
    from jinja2 import TemplateError

    if messages[-1].role != "user":
        raise RequestError(_("The last message must be the user's."), "messages")
    if not messages[-1].content.strip():
        raise RequestError(_("The question is empty."), "messages")
    expert = served.expert(max_new_tokens)
    asked = expert.prepare(messages[-1].content, mode, False)
    conversation = asked.conversation
    if asked.mode == "specialist" and len(messages) > 1:
        conversation = tuple(messages)
    if conversation is None:
        return Plan(expert, asked, None)
    try:
        return Plan(expert, asked, tuple(served.model.template.render_ids(conversation, generate=True)))
    except TemplateError as error:
        raise RequestError(_("The turns of the conversation must alternate."), "messages") from error


class Writing:
    """Tokens of one job as they come; leaving the iteration cancels it.

    Args:
        seconds: longest time until the last token, waiting included.
    """

    def __init__(self, engine: Engine, model: str, prompt: tuple[int, ...], sampling: Sampling, seconds: float) -> None:
        self._loop = asyncio.get_running_loop()
        self._engine = engine
        self._pieces: asyncio.Queue[Piece] = asyncio.Queue()
        self._deadline = self._loop.time() + seconds
        self._request = (model, prompt, sampling)
        self.logprobs: list[float] = []
        self.texts: list[str] = []
        self.finish_reason: Literal["stop", "length"] | None = None

    async def tokens(self, likeliest: int = 0) -> AsyncIterator[Token]:
        """Submit the job and give its tokens.

        Raises:
            BusyError: too many are waiting.
            SlowError: the time is up.
            AcademyError: the engine failed or stops.
        """
        job = Job(*self._request, self._deliver, likeliest)
        self._engine.submit(job)
        try:
            while self.finish_reason is None:
                token = await self._next()
                self.logprobs.append(token.delta.logprob)
                self.texts.append(token.delta.text)
                self.finish_reason = token.delta.finish_reason
                yield token
        finally:
            job.cancelled.set()

    def generation(self) -> Generation:
        """The finished answer."""
        mean = sum(self.logprobs) / max(1, len(self.logprobs))
        return Generation("".join(self.texts), self.finish_reason or "stop", len(self.logprobs), math.exp(mean))

    async def _next(self) -> Token:
        try:
            async with asyncio.timeout_at(self._deadline):
                piece = await self._pieces.get()
        except TimeoutError:
            raise SlowError(_("The answer took too long.")) from None
        if isinstance(piece, Failed):
            raise piece.error
        return piece

    def _deliver(self, new: Sequence[Piece]) -> None:
        if self._loop.is_closed():
            return
        for piece in new:
            self._loop.call_soon_threadsafe(self._pieces.put_nowait, piece)
