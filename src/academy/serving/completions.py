"""POST /v1/completions: the specialist's model goes on with a text."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from academy.messages import _
from academy.records import Sampling
from academy.serving import openai
from academy.serving.answers import Served, Writing
from academy.serving.failures import RequestError
from academy.serving.jobs import Token
from academy.serving.requests import MOST_PROMPTS, CompletionRequest
from academy.serving.service import Service, Wanted, primed, unless_gone, usage
from academy.serving.streams import stream

if TYPE_CHECKING:
    from fastapi import APIRouter


def add_completions(router: "APIRouter", service: Service) -> None:
    """Add the endpoint."""
    from fastapi import Request, Response

    @router.post("/v1/completions", summary="Continue a text, as OpenAI has it", response_model=None)
    async def completions(request: Request, body: CompletionRequest) -> Response | dict[str, Any]:
        """Continue one or several texts as they stand: no passages, no chat template."""
        texts = await unless_gone(request, asyncio.create_task(_begin(service, body)))
        request.scope["academy"]["model"] = texts.served.name
        if body.stream:
            tell_usage = body.stream_options is not None and body.stream_options.include_usage
            return stream(request, texts.chunks(tell_usage))
        return await unless_gone(request, asyncio.create_task(texts.whole()))


class _Texts:
    """The texts of one request as they are being continued."""

    def __init__(self, served: Served, prompts: Sequence[tuple[int, ...]], logprobs: bool) -> None:
        self.served = served
        self.writings: list[Writing] = []
        self.tokens: list[AsyncIterator[Token]] = []
        self._prompts = prompts
        self._logprobs = logprobs

    async def whole(self) -> dict[str, Any]:
        """All texts at their end."""
        found = await asyncio.gather(*(_collected(tokens) for tokens in self.tokens))
        choices = [self._choice(n, tokens, self.writings[n].finish_reason) for n, tokens in enumerate(found)]
        return openai.text_response(self.served.name, choices, self._usage())

    async def chunks(self, tell_usage: bool) -> AsyncIterator[Mapping[str, Any]]:
        """One text after the other, piece by piece; they are written at the same time."""
        for number, tokens in enumerate(self.tokens):
            start = 0
            async for token in tokens:
                choice = self._choice(number, [token], token.delta.finish_reason, start)
                start += len(token.delta.text)
                yield openai.text_response(self.served.name, [choice], None)
        if tell_usage:
            yield openai.text_response(self.served.name, [], self._usage())

    def _choice(self, number: int, tokens: Sequence[Token], reason: str | None, start: int = 0) -> dict[str, Any]:
        return {
            "index": number,
            "text": "".join(token.delta.text for token in tokens),
            "logprobs": openai.text_logprobs(tokens, self.served.model.template, self._logprobs, start),
            "finish_reason": reason,
        }

    def _usage(self) -> Any:
        return usage(sum(map(len, self._prompts)), sum(len(writing.logprobs) for writing in self.writings))


async def _begin(service: Service, body: CompletionRequest) -> _Texts:
    served, _mode = service.find_with_mode(body.model)
    wanted = Wanted(body.max_tokens, body.temperature, body.top_p, body.stop, body.seed, body.logprobs or 0)
    sampling = service.sampling(wanted, 16)
    prompts = await service.off_loop(lambda: _ids(served, body.prompts()))
    texts = _Texts(served, prompts, body.logprobs is not None)
    for prompt in prompts:
        texts.writings.append(_writing(service, served, prompt, sampling))
    pending = [primed(service, writing, wanted.likeliest) for writing in texts.writings]
    texts.tokens += await asyncio.gather(*pending)
    return texts


def _writing(service: Service, served: Served, prompt: tuple[int, ...], sampling: Sampling) -> Writing:
    return Writing(service.engine, served.name, prompt, sampling, service.config.timeout_seconds)


def _ids(served: Served, prompts: Sequence[str | list[int]]) -> list[tuple[int, ...]]:
    """Token ids of the prompts, the token that starts a text before each."""
    if not 1 <= len(prompts) <= MOST_PROMPTS:
        raise RequestError(_("Give between 1 and {n} prompts.").format(n=MOST_PROMPTS), "prompt")
    template = served.model.template
    start = [] if template.bos_id is None else [template.bos_id]
    found = [tuple(start + template.encode(one)) if isinstance(one, str) else tuple(one) for one in prompts]
    if any(not 0 <= token < served.vocabulary for ids in found for token in ids):
        raise RequestError(_("The prompt holds a token that the model does not know."), "prompt")
    return found


async def _collected(tokens: AsyncIterator[Token]) -> list[Token]:
    return [token async for token in tokens]
