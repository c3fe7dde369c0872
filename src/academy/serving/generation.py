"""POST /generate: a question to a specialist, with its sources."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from typing import TYPE_CHECKING, Any

from academy.serving.chat import said
from academy.serving.requests import GenerateRequest
from academy.serving.responses import GenerateResponse
from academy.serving.service import Reply, Service, Wanted, begin, unless_gone
from academy.serving.streams import stream

if TYPE_CHECKING:
    from fastapi import APIRouter

EXAMPLES = {
    "a question": {"value": {"prompt": "Was ist die Mainline?"}},
    "from memory, streamed": {"value": {"prompt": "Was ist die Mainline?", "mode": "specialist", "stream": True}},
    "an instruction": {"value": {"instruction": "Schreibe den Satz einfacher.", "input": "Das Verfahren terminiert."}},
    "a conversation": {"value": {"messages": [{"role": "user", "content": "Wer pflegt die Mainline?"}]}},
}


def add_generate(router: "APIRouter", service: Service) -> None:
    """Add the endpoint."""
    from typing import Annotated

    from fastapi import Body, Request, Response

    asked = Annotated[GenerateRequest, Body(openapi_examples=EXAMPLES)]

    async def generate(request: Request, body: GenerateRequest) -> Response | GenerateResponse:
        """Ask a specialist: the answer, how sure it is, and where it stands in the documents.

        With `stream` the answer comes as server-sent events: `{"delta": "..."}` for each piece, then the whole answer.
        """
        reply = await unless_gone(request, asyncio.create_task(_begin(service, body)))
        request.scope["academy"]["model"] = reply.served.name
        if body.stream:
            return stream(request, _chunks(reply))
        whole = await unless_gone(request, asyncio.create_task(_whole(reply)))
        request.scope["academy"]["usage"] = whole.usage.model_dump()
        return whole

    generate.__annotations__["body"] = asked
    router.add_api_route(
        "/generate", generate, methods=["POST"], summary="Ask a specialist", response_model=GenerateResponse
    )


async def _begin(service: Service, body: GenerateRequest) -> Reply:
    served, mode = (service.find(None), None) if body.model is None else service.find_with_mode(body.model)
    wanted = Wanted(body.max_tokens, body.temperature, body.top_p, body.stop, body.seed)
    return await begin(service, served, body.conversation(), body.mode or mode, wanted)


async def _whole(reply: Reply) -> GenerateResponse:
    async for _token in reply.tokens:
        pass
    answer = await reply.answer()
    return GenerateResponse(
        text=answer.answer,
        finish_reason=reply.finish_reason,
        usage=reply.usage,
        model=reply.served.name,
        confidence=answer.confidence,
        sources=answer.sources,
        mode_used=answer.mode_used,
    )


async def _chunks(reply: Reply) -> AsyncIterator[Mapping[str, Any]]:
    async for text, _token in said(reply):
        if text:
            yield {"delta": text}
    yield (await _whole(reply)).model_dump(mode="json")
