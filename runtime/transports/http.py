"""Plain HTTP: models, health, metrics, the browser's files; errors as JSON with their fix."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from http import HTTPStatus

from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import BaseRoute, Route, WebSocketRoute

from livedraft import elements
from livedraft.errors import (
    BadInput,
    LivedraftError,
    ModelNotFound,
    OutOfMemory,
    ProtocolError,
    ServerBusy,
    SessionClosed,
    Unauthorized,
)

from ..engine.engine import ModelHangs
from ..engine.faults import unexpected
from ..metrics import CONTENT_TYPE
from .generate import TooLarge, generate
from .security import PREFLIGHT, bearer
from .service import Service
from .websocket import realtime

Endpoint = Callable[[Request], Awaitable[Response]]

RETRY_AFTER_S = 2  # a draft takes less, a refine hardly more

_STATUS: list[tuple[type[LivedraftError], HTTPStatus]] = [
    (TooLarge, HTTPStatus.REQUEST_ENTITY_TOO_LARGE),
    (BadInput, HTTPStatus.BAD_REQUEST),
    (ProtocolError, HTTPStatus.BAD_REQUEST),
    (Unauthorized, HTTPStatus.UNAUTHORIZED),
    (ModelNotFound, HTTPStatus.NOT_FOUND),
    (ServerBusy, HTTPStatus.SERVICE_UNAVAILABLE),
    (SessionClosed, HTTPStatus.SERVICE_UNAVAILABLE),
    (OutOfMemory, HTTPStatus.SERVICE_UNAVAILABLE),
    (ModelHangs, HTTPStatus.SERVICE_UNAVAILABLE),
]


def routes(*, page: bool = True) -> list[BaseRoute]:
    """Return all routes of the server; without ``page`` the root stays free for another app."""
    found: list[BaseRoute] = [
        WebSocketRoute("/v1/realtime", realtime),
        Route("/v1/models", _guarded(models), methods=["GET", "OPTIONS"]),
        Route("/v1/generate", _guarded(generate), methods=["POST", "OPTIONS"]),
        Route("/metrics", _guarded(metrics), methods=["GET", "OPTIONS"]),
        Route("/healthz", healthz),
        Route("/readyz", readyz),
        Route("/livedraft.js", _file("livedraft.js", "text/javascript; charset=utf-8")),
        Route("/livedraft.mjs", _file("livedraft.mjs", "text/javascript; charset=utf-8")),
    ]
    if page:
        found.append(Route("/", _file("page.html", "text/html; charset=utf-8")))
    return found


async def models(request: Request) -> Response:
    """Return the models with their params' JSON schemas, the default one first."""
    service: Service = request.app.state.service
    await service.runner()
    return JSONResponse({"models": list(service.models.values())})


async def metrics(request: Request) -> Response:
    """Return what Prometheus scrapes."""
    service: Service = request.app.state.service
    return Response(service.metrics.exposition(), media_type=CONTENT_TYPE)


async def healthz(request: Request) -> Response:
    """Say that the process answers."""
    return PlainTextResponse("ok\n")


async def readyz(request: Request) -> Response:
    """Say whether the models are warm, new sessions are taken, and no model hangs."""
    service: Service = request.app.state.service
    if service.ready:
        return PlainTextResponse("ready\n")
    return PlainTextResponse(f"{service.unready}\n", HTTPStatus.SERVICE_UNAVAILABLE)


def refusal(error: LivedraftError) -> Response:
    """Return an error as HTTP says it."""
    status = next(
        (status for cls, status in _STATUS if isinstance(error, cls)),
        HTTPStatus.INTERNAL_SERVER_ERROR,
    )
    headers = {}
    if status == HTTPStatus.SERVICE_UNAVAILABLE:
        headers["Retry-After"] = str(RETRY_AFTER_S)
    if status == HTTPStatus.UNAUTHORIZED:
        headers["WWW-Authenticate"] = "Bearer"
    return JSONResponse({"error": error.to_wire()}, status, headers)


def _guarded(endpoint: Endpoint) -> Endpoint:
    """Check origin and token first, answer preflights, and turn errors into answers."""

    async def guarded(request: Request) -> Response:
        service: Service = request.app.state.service
        origin, host = request.headers.get("origin"), request.headers.get("host", "")
        try:
            service.gate.check_origin(origin, host)
        except Unauthorized as error:
            service.metrics.error(error.code)
            return JSONResponse({"error": error.to_wire()}, HTTPStatus.FORBIDDEN)
        cors = service.gate.cors(origin)
        if request.method == "OPTIONS":
            return Response(status_code=HTTPStatus.NO_CONTENT, headers=cors | PREFLIGHT)
        try:
            service.gate.check_token(bearer(request.headers.get("authorization")))
            response = await endpoint(request)
        except LivedraftError as error:
            service.metrics.error(error.code)
            response = refusal(error)
        except ClientDisconnect:
            response = Response(status_code=HTTPStatus.NO_CONTENT)  # nobody is left to read it
        except Exception as error:  # a request's boundary: its answer is JSON like all others
            told = unexpected(error, "this request")
            service.metrics.error(told.code)
            response = refusal(told)
        response.headers.update(cors)
        return response

    return guarded


def _file(name: str, media_type: str) -> Endpoint:
    """Return an endpoint that gives one of the browser's files, which any website may load."""
    headers = {
        "Cache-Control": "no-cache",
        "Access-Control-Allow-Origin": "*",
        "Cross-Origin-Resource-Policy": "cross-origin",
    }

    async def give(request: Request) -> Response:
        try:
            content = elements.read(name)
        except LivedraftError as error:
            return JSONResponse({"error": error.to_wire()}, HTTPStatus.NOT_FOUND)
        tagged = headers | {"ETag": f'"{elements.digest(name)}"'}
        if request.headers.get("if-none-match") == tagged["ETag"]:
            return Response(status_code=HTTPStatus.NOT_MODIFIED, headers=tagged)
        return Response(content, media_type=media_type, headers=tagged)

    return give
