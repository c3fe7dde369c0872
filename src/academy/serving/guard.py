"""What stands before every request: the key, the name of the host, the size and the time of the body, and the log.

An ASGI middleware of its own, because those of the libraries copy every piece of a stream.
"""

import asyncio
import hashlib
import hmac
import ipaddress
import json
import logging
import time
import uuid
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from academy.messages import _
from academy.serving.errors import problem
from academy.serving.service import Service

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

OPEN = ("/health", "/ready")
"""Answered without a key: a container's health check has none."""
log = logging.getLogger("academy.serving")


class Guard:
    """Refuses what must not reach the endpoints, and writes one line of log per request, without its text.

    Args:
        key: what clients must show; None for nothing, on the loopback device.
    """

    def __init__(self, app: App, service: Service, key: str | None) -> None:
        self._app = app
        self._service = service
        self._key = None if key is None else _digest(key)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass one request on."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = time.perf_counter()
        note = scope.setdefault("academy", {"id": uuid.uuid4().hex[:16]})
        told = _Told(send, note["id"])
        try:
            await self._pass(scope, _limited(receive, self._service), told)
        finally:
            self._log(scope, told.status, time.perf_counter() - started)

    async def _pass(self, scope: Scope, receive: Receive, told: "_Told") -> None:
        headers = {name.lower(): value for name, value in scope["headers"]}
        refused = self._refusal(scope["path"], headers)
        await (refused or self._app)(scope, receive, told)

    def _refusal(self, path: str, headers: dict[bytes, bytes]) -> App | None:
        length = headers.get(b"content-length", b"0")
        if length.isdigit() and int(length) > self._service.config.max_body_kb * 1024:
            return problem(413, _too_large(), "request_too_large")
        if self._key is None:
            # A page in a browser must not reach a server without a key through a name of its own (DNS rebinding).
            return None if _local(headers.get(b"host", b"")) and _local_origin(headers) else _forbidden()
        shown = headers.get(b"authorization", b"")
        if path in OPEN or hmac.compare_digest(_digest(shown.partition(b" ")[2].strip()), self._key):
            return None
        return problem(
            401, _("This server needs its key: Authorization: Bearer KEY"), "invalid_api_key", challenge=True
        )

    def _log(self, scope: Scope, status: int | None, seconds: float) -> None:
        # The path of the route, not of the request: what clients make up stays out of logs and figures.
        endpoint = getattr(scope.get("route"), "path", "other")
        self._service.metrics.requests.labels(endpoint, str(status or 499)).inc()
        self._service.metrics.seconds.labels(endpoint).observe(seconds)
        facts = {"event": "request", "method": scope["method"], "endpoint": endpoint, "status": status or 499}
        log.info("%s", json.dumps(facts | {"seconds": round(seconds, 4)} | scope["academy"]))


class _Told:
    """Remembers the status that was sent, and names the request in the headers."""

    def __init__(self, send: Send, request_id: str) -> None:
        self.status: int | None = None
        self._send = send
        self._id = request_id.encode()

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            extra = [(b"x-request-id", self._id), (b"x-content-type-options", b"nosniff")]
            message = {**message, "headers": [*message.get("headers", ()), *extra]}
        await self._send(message)


def _limited(receive: Receive, service: Service) -> Receive:
    """The body, up to a size and a time; FastAPI lets only errors of this kind through while it reads."""
    from starlette.exceptions import HTTPException

    deadline = asyncio.get_running_loop().time() + service.config.body_seconds
    room, complete = service.config.max_body_kb * 1024, False

    async def limited() -> Message:
        nonlocal room, complete
        if complete:
            return await receive()
        try:
            async with asyncio.timeout_at(deadline):
                message = await receive()
        except TimeoutError:
            raise HTTPException(408, _("The request did not arrive in time.")) from None
        room -= len(message.get("body", b""))
        if room < 0:
            raise HTTPException(413, _too_large())
        complete = not message.get("more_body", False)
        return message

    return limited


def _too_large() -> str:
    return _("The request is too large.")


def _forbidden() -> App:
    return problem(403, _("Without a key this server answers this machine alone."), "forbidden_host")


def _digest(secret: str | bytes) -> bytes:
    """Of one length, so that comparing tells nothing about the key's."""
    return hashlib.sha256(secret.encode() if isinstance(secret, str) else secret).digest()


def _local_origin(headers: dict[bytes, bytes]) -> bool:
    origin = headers.get(b"origin")
    return origin is None or _local(origin.partition(b"://")[2])


def _local(host: bytes) -> bool:
    """Whether a Host header names this machine."""
    name = host.decode("latin-1").rsplit("@", 1)[-1].lower()
    name = name[1:].partition("]")[0] if name.startswith("[") else name.partition(":")[0]
    return is_loopback(name)


def is_loopback(host: str) -> bool:
    """Whether an address can be reached from this machine alone."""
    if host in ("localhost", ""):
        return host == "localhost"
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
