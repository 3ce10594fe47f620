"""Plain HTTP: models, health, metrics, the browser's files; errors as JSON with their fix."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from http import HTTPStatus

from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import BaseRoute, Route, WebSocketRoute

from livedraft import elements, pages
from livedraft.elements import package
from livedraft.errors import BadMessage, LivedraftError, ModelNotFound, did_you_mean

from ..engine.faults import unexpected
from ..metrics import CONTENT_TYPE
from . import shadcn
from .fal import queue
from .fal import realtime as fal
from .fal.answers import refused as fal_refused
from .generate import generate
from .openai.images import edits, generations
from .openai.refusing import refused
from .policy import page_policy
from .refusals import refusal
from .security import PREFLIGHT, bearer
from .service import Service
from .tickets import VALID_S
from .webrtc import answering
from .websocket import realtime

_THEIRS = {"object": "model", "created": 0, "owned_by": "livedraft"}  # for clients of OpenAI's

Endpoint = Callable[[Request], Awaitable[Response]]


def routes(*, page: bool = True) -> list[BaseRoute]:
    """Return all routes of the server; without ``page`` the root stays free for another app."""
    found: list[BaseRoute] = [
        WebSocketRoute("/v1/realtime", realtime),
        Route(
            "/v1/realtime",
            _guarded(no_upgrade, open_to_readers=True),
            methods=["GET", "OPTIONS"],
        ),
        WebSocketRoute("/{owner}/{app}/realtime", fal.realtime),
        Route("/v1/models", _guarded(models), methods=["GET", "OPTIONS"]),
        Route("/v1/models/{id:path}", _guarded(model, refused), methods=["GET", "OPTIONS"]),
        Route("/v1/tickets", _guarded(tickets), methods=["POST", "OPTIONS"]),
        Route("/v1/generate", _guarded(generate), methods=["POST", "OPTIONS"]),
        Route(answering.ICE_SERVERS, _guarded(answering.servers), methods=["GET", "OPTIONS"]),
        Route(answering.PATH, _guarded(answering.call), methods=["POST", "OPTIONS"]),
        Route(
            f"{answering.PATH}/{{id}}",
            _guarded(answering.peer),
            methods=["DELETE", "PATCH", "OPTIONS"],
        ),
        Route(
            f"{answering.PATH}/{{id}}/events",
            _guarded(answering.events, open_to_readers=True),
            methods=["GET", "POST", "DELETE", "OPTIONS"],
        ),
        Route(answering.WHIP, _guarded(answering.publish), methods=["POST", "OPTIONS"]),
        Route(f"{answering.WHIP}/params", _guarded(answering.steer), methods=["POST", "OPTIONS"]),
        Route(answering.WHEP, _guarded(answering.view), methods=["POST", "HEAD", "OPTIONS"]),
        Route(
            "/v1/images/generations",
            _guarded(generations, refused),
            methods=["POST", "OPTIONS"],
        ),
        Route("/v1/images/edits", _guarded(edits, refused), methods=["POST", "OPTIONS"]),
        *queue.routes(partial(_guarded, refuse=fal_refused)),
        Route("/metrics", _guarded(metrics), methods=["GET", "OPTIONS"]),
        Route("/healthz", healthz),
        Route("/readyz", readyz),
        *(Route(f"/{name}", _file(name, _script)) for name in elements.SCRIPTS),
        *(Route(f"/{name}", _file(name, _types)) for name in elements.TYPES),
        Route(f"/{package.NAME}", _package),
        *shadcn.routes(),
        *(Route(f"/{name}", text) for name in (pages.LIST, pages.FULL, pages.AGENTS)),
        Route("/docs/{path:path}", text),
        Route("/camera", _file(elements.CAMERA_PAGE, _page)),
        Route("/head", _file(elements.HEAD_PAGE, _page)),
    ]
    if page:
        found.append(Route("/", _file(elements.PAGE, _page)))
    return found


async def models(request: Request) -> Response:
    """Return the models with their params' JSON schemas, the default one first.

    It waits until one is served; of those that are still loaded it says how far they are.
    """
    service: Service = request.app.state.service
    await service.runner()
    found = service.served.listed()
    theirs = [{"id": model["id"]} | _THEIRS for model in found]
    failed = service.served.failed()
    told = {"models": found, "failed": failed, "object": "list", "data": theirs}
    return JSONResponse(told)


async def model(request: Request) -> Response:
    """Return one of the models."""
    service: Service = request.app.state.service
    name = request.path_params["id"]
    await service.runner(name)
    found = {model["id"]: model for model in service.served.listed()}
    if name not in found:
        raise ModelNotFound(f"no model '{name[:40]}'", fix=did_you_mean(name, found))
    return JSONResponse(found[name] | _THEIRS)


async def tickets(request: Request) -> Response:
    """Return an address below which a page without one may open sessions, for a time."""
    service: Service = request.app.state.service
    return JSONResponse({"path": service.tickets.issue(), "valid_s": VALID_S})


async def metrics(request: Request) -> Response:
    """Return what Prometheus scrapes."""
    service: Service = request.app.state.service
    return Response(service.metrics.exposition(), media_type=CONTENT_TYPE)


async def healthz(request: Request) -> Response:
    """Say that the process answers."""
    return PlainTextResponse("ok\n")


async def readyz(request: Request) -> Response:
    """Say whether every model is warm or known to fail, sessions are taken, and no model hangs.

    ``?model=NAME``, once or more, asks whether those are served, whatever the others do. Of each
    model it says its state, how much of it is loaded or warm, what is missing, or why it failed.
    """
    service: Service = request.app.state.service
    why = service.unready_for(request.query_params.getlist("model"))
    told = {"ready": not why, "why": why, "models": service.readiness.told()}
    if not why:
        return JSONResponse(told)
    after_s = service.readiness.retry_after_s
    return JSONResponse(
        {**told, "retry_after_s": after_s},
        HTTPStatus.SERVICE_UNAVAILABLE,
        headers={"Retry-After": str(after_s)},
    )


async def text(request: Request) -> Response:
    """Return a page of the documentation as Markdown, or a list of all, for assistants."""
    path = request.path_params.get("path") or request.url.path.removeprefix("/")
    try:
        content = pages.read(path)
    except LivedraftError as error:
        return JSONResponse({"error": error.to_wire()}, HTTPStatus.NOT_FOUND)
    kind = "text/plain" if path.endswith(".txt") else "text/markdown"
    return Response(content, media_type=f"{kind}; charset=utf-8")


async def no_upgrade(request: Request) -> Response:
    """Say what is wrong where a proxy passes no upgrades: a request is all that comes of one."""
    error = BadMessage(
        "a WebSocket is spoken here, and no upgrade to one has come",
        fix="a proxy in between has to pass 'Upgrade' and 'Connection': /docs/guides/deploy.md",
    )
    headers = {"Upgrade": "websocket", "Connection": "Upgrade"}
    return JSONResponse({"error": error.to_wire()}, HTTPStatus.UPGRADE_REQUIRED, headers)


async def missing(request: Request, error: Exception) -> Response:
    """Answer where nothing is served: at an unknown address, or by another method."""
    assert isinstance(error, HTTPException)
    what = f"nothing is served at {request.url.path[:100]}"
    if error.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
        what = f"{request.url.path[:100]} takes no {request.method[:20]}"
    said = LivedraftError(what, fix="/llms.txt lists the documentation, with every address")
    service: Service = request.app.state.service
    headers = dict(error.headers or {}) | service.gate.cors(request.headers.get("origin"))
    return JSONResponse({"error": said.to_wire()}, error.status_code, headers)


def _guarded(
    endpoint: Endpoint,
    refuse: Callable[[LivedraftError], Response] = refusal,
    *,
    open_to_readers: bool = False,
) -> Endpoint:
    """Check the token first, answer preflights, and turn errors into answers.

    What is ``open_to_readers`` has an address that nobody guesses, as ``EventSource`` sends no
    token, or tells nothing.
    """

    async def guarded(request: Request) -> Response:
        service: Service = request.app.state.service
        cors = service.gate.cors(request.headers.get("origin"))
        if request.method == "OPTIONS":
            return Response(status_code=HTTPStatus.NO_CONTENT, headers=cors | PREFLIGHT)
        try:
            if not (open_to_readers and request.method == "GET"):
                service.gate.check_token(bearer(request.headers.get("authorization")))
            response = await endpoint(request)
        except LivedraftError as error:
            service.metrics.error(error.code)
            response = refuse(error)
        except ClientDisconnect:
            response = Response(status_code=HTTPStatus.NO_CONTENT)  # nobody is left to read it
        except Exception as error:  # a request's boundary: its answer is JSON like all others
            fault = unexpected(error, "this request")
            service.metrics.error(fault.code)
            response = refuse(fault)
        response.headers.update(cors)
        return response

    return guarded


def _script(content: str) -> dict[str, str]:
    """Return the headers of a script, which any website may load, also one that isolates itself."""
    return {
        "Content-Type": "text/javascript; charset=utf-8",
        "Access-Control-Allow-Origin": "*",
        "Cross-Origin-Resource-Policy": "cross-origin",
    }


def _types(content: str) -> dict[str, str]:
    return {"Content-Type": "text/plain; charset=utf-8"}


def _page(content: str) -> dict[str, str]:
    return {
        "Content-Type": "text/html; charset=utf-8",
        "Content-Security-Policy": page_policy(content),
    }


async def _package(request: Request) -> Response:
    """Give the npm package: ``npm install http://…/livedraft.tgz``."""
    try:
        packed = await asyncio.to_thread(package.tarball)
    except LivedraftError as error:
        return JSONResponse({"error": error.to_wire()}, HTTPStatus.NOT_FOUND)
    headers = {"Content-Type": "application/gzip", "Cache-Control": "no-cache"}
    return Response(packed, headers=headers)


def _file(name: str, headers_of: Callable[[str], dict[str, str]]) -> Endpoint:
    """Return an endpoint that gives one of the browser's files."""

    async def give(request: Request) -> Response:
        try:
            content = elements.read(name)
        except LivedraftError as error:
            return JSONResponse({"error": error.to_wire()}, HTTPStatus.NOT_FOUND)
        tag = f'"{elements.digest(name)}"'
        headers = headers_of(content) | {"Cache-Control": "no-cache", "ETag": tag}
        if request.headers.get("if-none-match") == tag:
            return Response(status_code=HTTPStatus.NOT_MODIFIED, headers=headers)
        return Response(content, headers=headers)

    return give
