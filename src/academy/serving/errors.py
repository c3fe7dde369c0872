"""Errors as clients see them: OpenAI's shape, the right status, no trace, nothing of the machine."""

import json
import logging
from collections.abc import Sequence
from itertools import takewhile
from typing import TYPE_CHECKING, Any

from academy.errors import AcademyError
from academy.messages import _
from academy.serving.failures import (
    BusyError,
    RequestError,
    SlowError,
    StoppedError,
    TooLongError,
    UnknownModelError,
)

if TYPE_CHECKING:
    from fastapi import FastAPI, Request
    from fastapi.responses import JSONResponse

RETRY = "1"
"""Seconds after which a client may try again."""
TYPES = {401: "authentication_error", 403: "permission_error", 404: "not_found_error", 429: "rate_limit_error"}
log = logging.getLogger("academy.serving")


def body(status: int, message: str, code: str | None = None, param: str | None = None) -> dict[str, Any]:
    """The JSON of an error."""
    kind = TYPES.get(status, "invalid_request_error" if status < 500 else "server_error")
    return {"error": {"message": message, "type": kind, "param": param, "code": code}}


def problem(status: int, message: str, code: str | None = None, *, challenge: bool = False) -> "JSONResponse":
    """An error as a response, which is an ASGI application as well."""
    from fastapi.responses import JSONResponse

    headers = {"WWW-Authenticate": "Bearer"} if challenge else None
    return JSONResponse(body(status, message, code), status, headers)


def told(error: AcademyError) -> tuple[int, dict[str, Any]]:
    """Status and JSON of an error."""
    for kind, status, code in (
        (UnknownModelError, 404, "model_not_found"),
        (TooLongError, 400, "context_length_exceeded"),
        (RequestError, 400, "invalid_value"),
        (BusyError, 429, "queue_full"),
        (StoppedError, 503, "stopping"),
        (SlowError, 504, "timeout"),
    ):
        if isinstance(error, kind):
            return status, body(status, error.message, code, getattr(error, "field", None))
    # Whatever else the library says may name folders of this machine.
    log.error("%s", json.dumps({"event": "error", "kind": type(error).__name__, "message": error.message}))
    return 500, body(500, _("The server failed to answer; its log says why."), "internal_error")


def add_handlers(app: "FastAPI") -> None:
    """Let every error of every endpoint take OpenAI's shape."""
    from fastapi.exceptions import RequestValidationError
    from fastapi.responses import JSONResponse
    from starlette.exceptions import HTTPException

    async def academy(_request: "Request", error: Exception) -> JSONResponse:
        assert isinstance(error, AcademyError)
        status, content = told(error)
        return JSONResponse(content, status, {"Retry-After": RETRY} if status in (429, 503) else None)

    async def invalid(_request: "Request", error: Exception) -> JSONResponse:
        assert isinstance(error, RequestValidationError)
        message, param = first_mistake(error.errors())
        return JSONResponse(body(400, message, "invalid_request", param), 400)

    async def http(_request: "Request", error: Exception) -> JSONResponse:
        assert isinstance(error, HTTPException)
        return JSONResponse(body(error.status_code, str(error.detail)), error.status_code, error.headers)

    async def unforeseen(request: "Request", error: Exception) -> JSONResponse:
        log.error("%s", json.dumps({"event": "error", "kind": type(error).__name__} | request.scope["academy"]))
        return JSONResponse(body(500, _("The server failed to answer; its log says why."), "internal_error"), 500)

    app.add_exception_handler(AcademyError, academy)
    app.add_exception_handler(RequestValidationError, invalid)
    app.add_exception_handler(HTTPException, http)
    app.add_exception_handler(Exception, unforeseen)


def first_mistake(errors: Sequence[Any]) -> tuple[str, str | None]:
    """What is wrong with a request and where, without repeating what it said."""
    error = errors[0]
    # Where several types are allowed, pydantic adds the type to the place.
    place = list(takewhile(lambda part: "[" not in part and part != "str", map(str, error["loc"][1:])))
    param = ".".join(place) or None
    message = str(error["msg"])
    # A field's name is the client's, and may hold half a character.
    told = f"{param}: {message}" if param else message
    return told.encode("utf-8", "replace").decode(), param and param.encode("utf-8", "replace").decode()
