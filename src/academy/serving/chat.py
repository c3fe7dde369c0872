"""POST /v1/chat/completions."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from typing import TYPE_CHECKING, Any

from academy.serving import openai
from academy.serving.jobs import Token
from academy.serving.requests import ChatRequest
from academy.serving.service import Reply, Service, Wanted, begin, unless_gone
from academy.serving.streams import stream

if TYPE_CHECKING:
    from fastapi import APIRouter


def add_chat(router: "APIRouter", service: Service) -> None:
    """Add the endpoint."""
    from fastapi import Request, Response

    @router.post("/v1/chat/completions", summary="Chat, as OpenAI has it", response_model=None)
    async def chat_completions(request: Request, body: ChatRequest) -> Response | dict[str, Any]:
        """Answer the last turn of a conversation; `academy` in the answer holds sources, confidence and mode."""
        reply = await unless_gone(request, asyncio.create_task(_begin(service, body)))
        request.scope["academy"]["model"] = reply.served.name
        if body.stream:
            options = body.stream_options
            usage = options is not None and options.include_usage
            chunks = openai.chat_chunks(reply, said(reply), logprobs=bool(body.logprobs), tell_usage=usage)
            return stream(request, chunks)
        return await unless_gone(request, asyncio.create_task(_whole(reply, bool(body.logprobs), request.scope)))


async def _begin(service: Service, body: ChatRequest) -> Reply:
    served, mode = service.find_with_mode(body.model)
    likeliest = body.top_logprobs or 0
    limit = body.max_tokens or body.max_completion_tokens
    wanted = Wanted(limit, body.temperature, body.top_p, body.stop, body.seed, likeliest)
    messages = tuple(message.plain() for message in body.messages)
    return await begin(service, served, messages, body.mode or mode, wanted)


async def _whole(reply: Reply, logprobs: bool, scope: Mapping[str, Any]) -> dict[str, Any]:
    pieces = [piece async for piece in said(reply)]
    scope["academy"]["usage"] = reply.usage.model_dump()
    tokens = [token for _text, token in pieces if token is not None]
    text = "".join(text for text, _token in pieces)
    return openai.chat_response(reply, text, tokens, await reply.answer(), logprobs)


async def said(reply: Reply) -> AsyncIterator[tuple[str, Token | None]]:
    """What the model writes, without blanks before the first word; where it is silent, the finished answer."""
    begun = False
    async for token in reply.tokens:
        text = token.delta.text if begun else token.delta.text.lstrip()
        begun = begun or bool(text)
        yield text, token
    if not begun:
        yield (await reply.answer()).answer, None
