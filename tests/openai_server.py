"""A local server that speaks OpenAI's chat completions on the wire, at a set pace, and fails on request.

    with OpenAIServer(lambda body: "answer", faults=["429", "cut"]) as server:
        ...  # server.url, server.bodies, server.counts

Also a program of its own, for benchmarks and kill tests: python -m tests.openai_server --port 8123 --rate 20

Faults: 401, 402, 404, 429, 500, 502, moderation, too_long, no_format (HTTP errors); hang (no answer); cut (the
connection ends in the middle of the answer); error_in_200; broken_json (body cut short); wrong_schema (JSON without
choices); html (a proxy's page).
"""

import argparse
import asyncio
import json
import random
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Self

Answer = Callable[[Mapping[str, Any]], str]
REASONS = {200: "OK", 401: "Unauthorized", 402: "Payment Required", 404: "Not Found", 429: "Too Many Requests"}
ERRORS = {
    "401": (401, {"message": "Incorrect API key provided: {key}", "code": "invalid_api_key"}),
    "402": (402, {"message": "Insufficient credits", "code": 402}),
    "404": (404, {"message": "The model `gone/model` does not exist", "code": "model_not_found"}),
    "429": (429, {"message": "Rate limit exceeded", "code": 429}),
    "500": (500, {"message": "Internal server error", "code": 500}),
    "502": (502, {"message": "Bad gateway", "code": 502}),
    "moderation": (403, {"message": "Input was flagged by moderation", "code": 403}),
    "too_long": (
        400,
        {"message": "This model's maximum context length is 4096 tokens", "code": "context_length_exceeded"},
    ),
    "no_format": (400, {"message": "Unknown parameter: response_format", "code": 400}),
}


class OpenAIServer:
    """Serves in a thread of its own.

    Attributes:
        bodies: the requests that came, in order (``keep`` of them at most).
        counts: how often each outcome was served; "answered" are the complete answers.
        headers: headers of the last request.
    """

    def __init__(
        self,
        answer: Answer | str = "answer",
        *,
        faults: Iterable[str] = (),
        fault_share: Mapping[str, float] | None = None,
        delay: float = 0.0,
        rate: float | None = None,
        key: str = "",
        keep: int = 10_000,
        models: Sequence[str] = ("tiny",),
        account: Mapping[str, Any] | None = None,
        retry_after: float | None = 0.01,
        port: int = 0,
    ) -> None:
        self.answer = answer if callable(answer) else lambda body: str(answer)
        self.faults = iter(faults)
        self.fault_share = dict(fault_share or {})
        self.delay, self.rate, self.key, self.keep, self.port = delay, rate, key, keep, port
        self.models, self.account, self.retry_after = list(models), account, retry_after
        self.bodies: list[dict[str, Any]] = []
        self.counts: Counter[str] = Counter()
        self.headers: dict[str, str] = {}
        self.flying = self.most_flying = 0
        self._draw = random.Random(0)
        self._due = 0.0
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._server: asyncio.Server | None = None

    @property
    def url(self) -> str:
        """The address that a client is given."""
        return f"http://127.0.0.1:{self.port}/v1"

    def __enter__(self) -> Self:
        self._thread.start()
        asyncio.run_coroutine_threadsafe(self._open(), self._loop).result(10)
        return self

    def __exit__(self, *_: object) -> None:
        asyncio.run_coroutine_threadsafe(self._shut(), self._loop).result(10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()

    async def _open(self) -> None:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def _shut(self) -> None:
        assert self._server is not None
        self._server.close()
        mine = asyncio.current_task()
        others = [task for task in asyncio.all_tasks() if task is not mine]
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while await self._one(reader, writer):
                await writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError):
            self.counts["client_gone"] += 1
        except asyncio.CancelledError:
            return  # the server is being shut
        finally:
            writer.close()

    async def _one(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        """Serve one request; whether the connection stays open."""
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        except asyncio.IncompleteReadError:
            return False
        start, *lines = head.split("\r\n")
        headers = {
            name.lower(): value.strip() for name, _colon, value in (line.partition(":") for line in lines if line)
        }
        content = await reader.readexactly(int(headers.get("content-length", 0)))
        method, path, _version = start.split(" ", 2)
        if method == "GET":
            return self._look(writer, path)
        self.headers = headers
        body = json.loads(content)
        if len(self.bodies) < self.keep:
            self.bodies.append(body)
        self.flying += 1
        self.most_flying = max(self.most_flying, self.flying)
        try:
            return await self._chat(writer, body, headers)
        finally:
            self.flying -= 1

    def _look(self, writer: asyncio.StreamWriter, path: str) -> bool:
        if path.endswith("/models"):
            data = [
                {"id": name, "object": "model", "pricing": {"prompt": "0.000001", "completion": "0.000002"}}
                for name in self.models
            ]
            _send(writer, 200, {"object": "list", "data": data})
        elif path.endswith("/key") and self.account is not None:
            _send(writer, 200, {"data": self.account})
        else:
            _send(writer, 404, {"error": {"message": "not found"}})
        return True

    async def _chat(self, writer: asyncio.StreamWriter, body: Mapping[str, Any], headers: Mapping[str, str]) -> bool:
        given = headers.get("authorization", "").removeprefix("Bearer ")
        if self.key and given != self.key:
            return self._error(writer, "401", given)
        if not self._in_time():
            self.counts["too_fast"] += 1
            return self._error(writer, "429", given)
        fault = next(self.faults, "") or self._drawn()
        if self.delay:
            await asyncio.sleep(self.delay)
        if fault in ERRORS:
            return self._error(writer, fault, given)
        if fault:
            return await self._broken(writer, fault, body)
        self.counts["answered"] += 1
        if body.get("stream"):
            await self._streamed(writer, self.answer(body), body, cut=False)
        else:
            _send(writer, 200, completion(self.answer(body), body))
        return True

    def _in_time(self) -> bool:
        """A bucket of one second's worth, as most gateways have it."""
        if self.rate is None:
            return True
        now = time.monotonic()
        self._due = max(self._due, now - 1.0)
        if self._due > now:
            return False
        self._due += 1.0 / self.rate
        return True

    def _drawn(self) -> str:
        point = self._draw.random() if self.fault_share else 1.0
        for fault, share in self.fault_share.items():
            if point < share:
                return fault
            point -= share
        return ""

    def _error(self, writer: asyncio.StreamWriter, fault: str, key: str) -> bool:
        self.counts[fault] += 1
        status, error = ERRORS[fault]
        extra = {}
        if status == 429 and self.retry_after is not None:
            extra = {"Retry-After": str(self.retry_after)}
        told = {name: value.format(key=key) if isinstance(value, str) else value for name, value in error.items()}
        _send(writer, status, {"error": told}, extra)
        return True

    async def _broken(self, writer: asyncio.StreamWriter, fault: str, body: Mapping[str, Any]) -> bool:
        self.counts[fault] += 1
        if fault == "hang":
            await asyncio.sleep(3600)
        if fault == "error_in_200":
            error = {"error": {"message": "Upstream overloaded", "code": 502}}
            if body.get("stream"):
                _open_stream(writer)
                _event(writer, {**error, "choices": [{"index": 0, "delta": {}, "finish_reason": "error"}]})
                _chunk(writer, b"")
            else:
                _send(writer, 200, error)
            return True
        if fault == "wrong_schema":
            _send(writer, 200, {"result": "hello"})
            return True
        if fault == "html":
            _raw(writer, 200, b"<html>Gateway</html>", {"Content-Type": "text/html"})
            return True
        if fault == "broken_json":
            _raw(writer, 200, json.dumps(completion("x", body)).encode()[:-20])
            return True
        assert fault == "cut", fault
        if body.get("stream"):
            await self._streamed(writer, self.answer(body), body, cut=True)
        else:
            whole = json.dumps(completion(self.answer(body), body)).encode()
            writer.write(_head(200, {"Content-Length": str(len(whole))}) + whole[: len(whole) // 2])
            await writer.drain()
        return False

    async def _streamed(self, writer: asyncio.StreamWriter, text: str, body: Mapping[str, Any], cut: bool) -> None:
        _open_stream(writer)
        _chunk(writer, b": PROCESSING\n\n")
        words = text.split(" ")
        for number, word in enumerate(words):
            if cut and number >= len(words) // 2:
                await writer.drain()
                return
            piece = word if number == 0 else f" {word}"
            _event(writer, _event_of(body, {"role": "assistant", "content": piece}, None))
        _event(writer, _event_of(body, {}, "stop"))
        if (body.get("stream_options") or {}).get("include_usage"):
            _event(writer, {**_event_of(body, {}, None), "choices": [], "usage": usage(text, body)})
        _chunk(writer, b"data: [DONE]\n\n")
        _chunk(writer, b"")


def completion(text: str, body: Mapping[str, Any]) -> dict[str, Any]:
    """A whole answer, as OpenAI words it."""
    message = {"role": "assistant", "content": text, "refusal": None}
    return {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": 0,
        "model": body["model"],
        "choices": [{"index": 0, "message": message, "finish_reason": "stop", "logprobs": None}],
        "usage": usage(text, body),
    }


def usage(text: str, body: Mapping[str, Any]) -> dict[str, Any]:
    """A word is a token here, and a token costs a millionth of a dollar."""
    prompt = sum(len(message["content"].split()) for message in body["messages"])
    answer = len(text.split())
    total = prompt + answer
    return {"prompt_tokens": prompt, "completion_tokens": answer, "total_tokens": total, "cost": total / 1e6}


def _event_of(body: Mapping[str, Any], delta: Mapping[str, Any], finish: str | None) -> dict[str, Any]:
    choice = {"index": 0, "delta": dict(delta), "finish_reason": finish, "logprobs": None}
    head = {"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 0, "model": body["model"]}
    return {**head, "choices": [choice]}


def _head(status: int, headers: Mapping[str, str]) -> bytes:
    lines = [
        f"HTTP/1.1 {status} {REASONS.get(status, 'Error')}",
        *(f"{name}: {value}" for name, value in headers.items()),
    ]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")


def _raw(writer: asyncio.StreamWriter, status: int, content: bytes, headers: Mapping[str, str] | None = None) -> None:
    base = {"Content-Type": "application/json", "Content-Length": str(len(content))}
    writer.write(_head(status, {**base, **(headers or {})}) + content)


def _send(writer: asyncio.StreamWriter, status: int, data: object, headers: Mapping[str, str] | None = None) -> None:
    _raw(writer, status, json.dumps(data, ensure_ascii=False).encode(), headers)


def _open_stream(writer: asyncio.StreamWriter) -> None:
    writer.write(_head(200, {"Content-Type": "text/event-stream", "Transfer-Encoding": "chunked"}))


def _event(writer: asyncio.StreamWriter, data: object) -> None:
    _chunk(writer, b"data: " + json.dumps(data, ensure_ascii=False).encode() + b"\n\n")


def _chunk(writer: asyncio.StreamWriter, content: bytes) -> None:
    writer.write(f"{len(content):x}\r\n".encode() + content + b"\r\n")


def main() -> None:
    """Serve until killed; prints the address."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--rate", type=float)
    parser.add_argument("--delay", type=float, default=0.0)
    parser.add_argument("--faults", type=float, default=0.0, help="share of requests that fail, evenly over all kinds")
    given = parser.parse_args()
    kinds = ("429", "500", "502", "cut", "error_in_200", "broken_json", "wrong_schema")
    shares = {kind: given.faults / len(kinds) for kind in kinds} if given.faults else None
    with OpenAIServer(port=given.port, rate=given.rate, delay=given.delay, fault_share=shares, keep=0) as server:
        sys.stdout.write(server.url + "\n")
        sys.stdout.flush()
        threading.Event().wait()


if __name__ == "__main__":
    main()
