"""OpenAI's chat completions on the wire: what a request says, and how whole and streamed answers are read."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from academy.models.api_cache import Reply
from academy.models.api_errors import Failure, read_failure
from academy.models.api_presets import Endpoint, Structured
from academy.records import Message, Sampling

CHARACTERS_PER_TOKEN = 3.0
"""For planning alone: German text and JSON take about so many characters a token."""
EXPECTED_ANSWER = 2000
"""Tokens planned for an answer until the first ones have come."""
REFUSED = "content_filter"


def request_body(
    endpoint: Endpoint,
    messages: Sequence[Message],
    schema: Mapping[str, Any] | None = None,
    structured: Structured = "none",
    sampling: Sampling | None = None,
) -> dict[str, Any]:
    """The body of a request, without what only concerns the transport."""
    config, preset = endpoint.config, endpoint.preset
    body: dict[str, Any] = {
        "model": endpoint.model,
        "messages": [{"role": message.role, "content": message.content} for message in messages],
        preset.answer_limit: sampling.max_new_tokens if sampling else config.max_tokens,
        **preset.body,
    }
    if config.temperature is not None:
        body["temperature"] = config.temperature
    if sampling:
        body.update({"temperature": sampling.temperature, "top_p": sampling.top_p})
        body.update({"stop": list(sampling.stop)} if sampling.stop else {})
    if schema is not None and structured == "schema":
        shape = {"name": "answer", "strict": True, "schema": schema}
        body["response_format"] = {"type": "json_schema", "json_schema": shape}
    elif schema is not None and structured == "object":
        body["response_format"] = {"type": "json_object"}
    if preset.routed:
        body.update(_routing(endpoint, structured if schema is not None else "none"))
    return body


def _routing(endpoint: Endpoint, structured: Structured) -> dict[str, Any]:
    """What OpenRouter is told about providers: https://openrouter.ai/docs/features/provider-routing."""
    config = endpoint.config
    provider: dict[str, Any] = {"data_collection": config.data_collection, "enforce_distillable_text": True}
    if config.zdr:
        provider["zdr"] = True
    if structured != "none":
        provider["require_parameters"] = True
    routing: dict[str, Any] = {"provider": provider, "usage": {"include": True}}
    if config.fallback_models:
        routing["models"] = [endpoint.model, *config.fallback_models]
    return routing


def as_streamed(body: Mapping[str, Any], endpoint: Endpoint) -> dict[str, Any]:
    """The same request, answered piece by piece."""
    streamed = {**body, "stream": True}
    if endpoint.preset.usage_in_stream:
        streamed["stream_options"] = {"include_usage": True}
    return streamed


def planned_tokens(messages: Sequence[Message], expected: float = EXPECTED_ANSWER) -> int:
    """About how many tokens a request will use."""
    return int(sum(len(message.content) for message in messages) / CHARACTERS_PER_TOKEN + expected)


def read_whole(data: Any, headers: Mapping[str, str], endpoint: Endpoint, key: str) -> Reply | Failure:
    """The answer in a body of status 200, or the error that hides in it."""
    choices = data.get("choices") if isinstance(data, dict) else None
    first = choices[0] if isinstance(choices, list) and choices else None
    if not isinstance(first, dict) or data.get("error") or first.get("error"):
        holder = first if isinstance(first, dict) and first.get("error") else data
        return read_failure(200, headers, holder, key)
    message = first.get("message")
    if not isinstance(message, dict):
        return Failure(500, "an answer without message")
    refused = bool(message.get("refusal"))
    finish = REFUSED if refused else str(first.get("finish_reason") or "stop")
    return _reply(_text(message.get("content")), finish, data, endpoint)


def _text(content: Any) -> str:
    """Content is a text, nothing, or a list of parts."""
    if isinstance(content, list):
        return "".join(str(part.get("text") or "") for part in content if isinstance(part, dict))
    return content if isinstance(content, str) else ""


def _reply(text: str, finish: str, data: Mapping[str, Any], endpoint: Endpoint) -> Reply:
    usage = data.get("usage")
    used: Mapping[str, Any] = usage if isinstance(usage, dict) else {}
    prompt, answer = (_count(used.get(name)) for name in ("prompt_tokens", "completion_tokens"))
    cost = used.get("cost")
    return Reply(
        text=text,
        model=str(data.get("model") or endpoint.model),
        finish=finish,
        prompt_tokens=prompt,
        answer_tokens=answer,
        cost=float(cost) if isinstance(cost, int | float) else _priced(prompt, answer, endpoint),
    )


def _count(value: Any) -> int:
    return value if isinstance(value, int) else 0


def _priced(prompt: int, answer: int, endpoint: Endpoint) -> float | None:
    """What the user's prices make of the tokens; None where nobody knows."""
    config = endpoint.config
    if config.price_prompt is None or config.price_answer is None:
        return 0.0 if endpoint.free else None
    return (prompt * config.price_prompt + answer * config.price_answer) / 1e6


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of a streamed answer; the last one carries the whole as ``reply``."""

    text: str = ""
    reply: Reply | None = None
    failure: Failure | None = None


def read_stream(lines: Iterable[str], headers: Mapping[str, str], endpoint: Endpoint, key: str) -> Iterator[Piece]:
    """The pieces of a streamed answer (server-sent events), then exactly one with a reply or a failure."""
    whole: list[str] = []
    seen: dict[str, Any] = {}
    finish, done = "", False
    for line in lines:
        if not line.startswith("data:"):
            continue  # comments keep the connection alive; event names and empty lines say nothing here
        payload = line[5:].strip()
        if payload == "[DONE]":
            done = True
            break
        try:
            event = json.loads(payload)
        except ValueError:
            yield Piece(failure=Failure(0, "a broken piece of a stream"))
            return
        choice = _choice(event)
        if choice is None or event.get("error") or choice.get("error"):
            holder = choice if choice and choice.get("error") else event
            yield Piece(failure=read_failure(200, headers, holder, key))
            return
        seen.update({name: event[name] for name in ("model", "usage") if event.get(name)})
        delta = choice.get("delta") or {}
        text = _text(delta.get("content"))
        finish = REFUSED if delta.get("refusal") else str(choice.get("finish_reason") or finish)
        if text:
            whole.append(text)
            yield Piece(text)
    if finish and (done or whole or finish == REFUSED):
        yield Piece(reply=_reply("".join(whole), finish, seen, endpoint))
    else:
        yield Piece(failure=Failure(0, "the stream ended in the middle of the answer"))


def _choice(event: Any) -> dict[str, Any] | None:
    """The first choice; empty for events that only carry usage; None for what is no event of ours."""
    if not isinstance(event, dict):
        return None
    choices = event.get("choices")
    if choices == [] or (choices is None and "error" in event):
        return {}
    first = choices[0] if isinstance(choices, list) else None
    return first if isinstance(first, dict) else None
