"""The HTTP application: its endpoints and their description."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import academy
from academy.messages import _
from academy.serving.chat import add_chat
from academy.serving.completions import add_completions
from academy.serving.errors import add_handlers
from academy.serving.failures import StoppedError
from academy.serving.generation import add_generate
from academy.serving.guard import Guard
from academy.serving.openai import model_card, tool
from academy.serving.responses import ErrorResponse, Health, Ready
from academy.serving.service import Service

if TYPE_CHECKING:
    from fastapi import APIRouter, FastAPI

ERRORS: dict[int | str, dict[str, Any]] = {
    400: {"model": ErrorResponse, "description": "The request says something impossible."},
    401: {"model": ErrorResponse, "description": "The key is missing or wrong."},
    403: {"model": ErrorResponse, "description": "A server without a key answers its own machine alone."},
    404: {"model": ErrorResponse, "description": "There is no such specialist."},
    408: {"model": ErrorResponse, "description": "The request did not arrive in time."},
    413: {"model": ErrorResponse, "description": "The request is too large."},
    429: {"model": ErrorResponse, "description": "Too many are waiting; Retry-After says when to come again."},
    503: {"model": ErrorResponse, "description": "The server is stopping."},
    504: {"model": ErrorResponse, "description": "The answer took too long."},
}
DESCRIPTION = "Specialists that know your documents, on your own machine. The /v1 endpoints speak OpenAI's language."


def create_app(service: Service, key: str | None) -> Guard:
    """The application behind its guard.

    Args:
        key: what clients must show; None for nothing, which is for the loopback device alone.
    """
    from fastapi import APIRouter, FastAPI

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        yield
        service.engine.close()
        service.searching.shutdown()

    # The interactive pages of FastAPI load scripts from elsewhere; nothing here sends anybody's browser anywhere.
    app = FastAPI(
        title="Academy",
        version=academy.__version__,
        description=DESCRIPTION,
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
    )
    router = APIRouter(responses=ERRORS)
    for add in (add_generate, add_chat, add_completions, _add_models, _add_state):
        add(router, service)
    app.include_router(router)
    add_handlers(app)
    _describe(app)
    return Guard(app, service, key)


def _add_models(router: "APIRouter", service: Service) -> None:
    from fastapi import Request

    @router.get("/v1/models", summary="Which specialists answer here")
    async def models() -> dict[str, Any]:
        """All specialists, in the order in which they were named."""
        return {"object": "list", "data": [model_card(one.name, one.created) for one in service.specialists.values()]}

    @router.get("/v1/models/{model}", summary="One specialist")
    async def model(model: str) -> dict[str, Any]:
        """One specialist by its name."""
        found = service.find(model)
        return model_card(found.name, found.created)

    @router.get("/v1/tool.json", summary="A specialist as a tool for other language models")
    async def tool_description(request: Request) -> dict[str, Any]:
        """The description that OpenAI's `tools` takes."""
        return tool(str(request.url_for("generate")), list(service.specialists))


def _add_state(router: "APIRouter", service: Service) -> None:
    from fastapi import Response

    @router.get("/health", summary="Does the server live", responses={503: {"model": Health}})
    async def health(response: Response) -> Health:
        """503 when the engine has ended; then the server should be started again."""
        response.status_code = 200 if service.engine.alive else 503
        return Health(status="ok" if service.engine.alive else "failed")

    @router.get("/ready", summary="Are questions answered now")
    async def ready() -> Ready:
        """503 while the server stops."""
        if not service.engine.alive:
            raise StoppedError(_("The server is stopping."))
        return Ready(status="ready")

    @router.get("/metrics", summary="Figures for Prometheus", response_class=Response)
    async def metrics() -> Response:
        """Counters and times in the text format of Prometheus."""
        from prometheus_client import CONTENT_TYPE_LATEST

        return Response(service.metrics.text(), media_type=CONTENT_TYPE_LATEST)


def _describe(app: "FastAPI") -> None:
    """FastAPI describes its own answer to invalid requests, 422; here it is 400 like OpenAI's."""
    plain = app.openapi

    def described() -> dict[str, Any]:
        if app.openapi_schema is None:
            schema = plain()
            for path in schema["paths"].values():
                for operation in path.values():
                    operation["responses"].pop("422", None)
            for unused in ("HTTPValidationError", "ValidationError"):
                schema["components"]["schemas"].pop(unused, None)
        return dict(app.openapi_schema or {})

    app.openapi = described  # type: ignore[method-assign]  # the way that FastAPI documents
