"""OpenAI's shapes: chat completions, completions, and the list of models."""

import json
import time
import uuid
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any

from academy.models.template import ChatTemplate
from academy.records import Answer
from academy.serving.jobs import Token
from academy.serving.responses import Usage
from academy.serving.service import Reply

DONE = "[DONE]"


def event(data: object) -> bytes:
    """One server-sent event."""
    text = data if isinstance(data, str) else json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    return f"data: {text}\n\n".encode()


def head(kind: str, prefix: str, model: str) -> dict[str, Any]:
    """What every answer and every piece of it begins with."""
    return {"id": f"{prefix}-{uuid.uuid4().hex}", "object": kind, "created": int(time.time()), "model": model}


def model_card(name: str, created: int) -> dict[str, Any]:
    """A specialist in the list of models."""
    return {"id": name, "object": "model", "created": created, "owned_by": "academy"}


def extras(answer: Answer) -> dict[str, Any]:
    """What OpenAI's shape has no place for: where the answer stands, and how sure the specialist is."""
    return {"academy": answer.model_dump(mode="json", include={"confidence", "sources", "mode_used"})}


def chat_logprobs(tokens: Sequence[Token], template: ChatTemplate, asked: bool) -> dict[str, Any] | None:
    """Log-probabilities of a chat's tokens; None when nobody asked."""
    if not asked:
        return None
    return {"content": [_chat_token(token, template) for token in tokens], "refusal": None}


def _chat_token(token: Token, template: ChatTemplate) -> dict[str, Any]:
    own = _spelled(token.id, token.delta.logprob, template)
    return own | {"top_logprobs": [_spelled(other, logprob, template) for other, logprob in token.likeliest]}


def _spelled(token: int, logprob: float, template: ChatTemplate) -> dict[str, Any]:
    text = template.decode([token])
    return {"token": text, "logprob": logprob, "bytes": list(text.encode())}


def text_logprobs(
    tokens: Sequence[Token], template: ChatTemplate, asked: bool, start: int = 0
) -> dict[str, Any] | None:
    """Log-probabilities of a completion's tokens, in the older shape; ``start`` is where its text starts."""
    if not asked:
        return None
    offsets = []
    for token in tokens:
        offsets.append(start)
        start += len(token.delta.text)
    return {
        "tokens": [template.decode([token.id]) for token in tokens],
        "token_logprobs": [token.delta.logprob for token in tokens],
        "top_logprobs": [{template.decode([t]): p for t, p in token.likeliest} for token in tokens],
        "text_offset": offsets,
    }


def chat_response(reply: Reply, text: str, tokens: Sequence[Token], answer: Answer, logprobs: bool) -> dict[str, Any]:
    """A finished chat completion."""
    choice = {
        "index": 0,
        "message": {"role": "assistant", "content": text, "refusal": None},
        "logprobs": chat_logprobs(tokens, reply.served.model.template, logprobs),
        "finish_reason": reply.finish_reason,
    }
    top = head("chat.completion", "chatcmpl", reply.served.name)
    return top | {"choices": [choice], "usage": reply.usage.model_dump()} | extras(answer)


async def chat_chunks(
    reply: Reply, pieces: "AsyncIterator[tuple[str, Token | None]]", *, logprobs: bool, tell_usage: bool
) -> AsyncIterator[Mapping[str, Any]]:
    """The pieces of a chat completion: the role, the text, the end with its sources, and the usage if wanted."""
    top = head("chat.completion.chunk", "chatcmpl", reply.served.name)
    nothing_yet = {"usage": None} if tell_usage else {}

    def chunk(delta: Mapping[str, Any], reason: str | None = None, tokens: Sequence[Token] = ()) -> dict[str, Any]:
        told = chat_logprobs(tokens, reply.served.model.template, logprobs and bool(tokens))
        choice = {"index": 0, "delta": delta, "logprobs": told, "finish_reason": reason}
        return top | {"choices": [choice]} | nothing_yet

    yield chunk({"role": "assistant", "content": ""})
    async for text, token in pieces:
        if text or logprobs:
            yield chunk({"content": text}, tokens=() if token is None else (token,))
    answer = await reply.answer()
    yield chunk({}, reply.finish_reason) | extras(answer)
    if tell_usage:
        yield top | {"choices": [], "usage": reply.usage.model_dump()}


def text_response(model: str, choices: Sequence[Mapping[str, Any]], usage: Usage | None) -> dict[str, Any]:
    """A finished completion, or a piece of one."""
    return head("text_completion", "cmpl", model) | {
        "choices": list(choices),
        "usage": None if usage is None else usage.model_dump(),
    }


def tool(url: str, names: Sequence[str]) -> dict[str, Any]:
    """A specialist as a tool that other language models may call, in OpenAI's shape."""
    question = {"type": "string", "description": "One self-contained question, in English or German."}
    model = {"type": "string", "enum": list(names), "description": "Which specialist to ask."}
    return {
        "type": "function",
        "function": {
            "name": "ask_specialist",
            "description": "Ask a specialist that knows one field. Gives a short answer, how sure it is, and "
            f"the places in its documents. Send the arguments as JSON to POST {url}",
            "parameters": {
                "type": "object",
                "properties": {"prompt": question, "model": model},
                "required": ["prompt"],
                "additionalProperties": False,
            },
        },
    }
