"""Server-sent events, and errors in the middle of them."""

from collections.abc import AsyncIterator, Mapping
from contextlib import aclosing
from typing import TYPE_CHECKING, Any

from academy.errors import AcademyError
from academy.serving.errors import told
from academy.serving.openai import DONE, event

if TYPE_CHECKING:
    from fastapi import Request, Response

HEADERS = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}


def stream(request: "Request", chunks: AsyncIterator[Mapping[str, Any]]) -> "Response":
    """Send chunks as they come; a client that goes away ends them."""
    from fastapi.responses import StreamingResponse

    return StreamingResponse(_events(request, chunks), media_type="text/event-stream", headers=HEADERS)


async def _events(request: "Request", chunks: AsyncIterator[Mapping[str, Any]]) -> AsyncIterator[bytes]:
    try:
        async with aclosing(chunks):  # type: ignore[type-var]  # every chunk comes from an async generator
            async for chunk in chunks:
                if chunk.get("usage"):
                    request.scope["academy"]["usage"] = chunk["usage"]
                yield event(chunk)
    except AcademyError as error:
        # The status was sent long ago: the error is an event of its own, as OpenAI sends it.
        yield event(told(error)[1])
    yield event(DONE)
