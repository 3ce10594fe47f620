"""fal's queue: submit, status, result, cancel; and results at once, or with previews as events.

| address | what it is |
|---|---|
| ``POST /queue/OWNER/APP`` | hands a request in; so does ``/OWNER/APP`` at a host ``queue.…`` |
| ``GET …/requests/ID/status`` | where it is in line; ``…/stream``: each change as an event |
| ``GET …/requests/ID`` | what came of it; ``…/pictures/0``, ``…/film.mp4``: its file |
| ``PUT …/requests/ID/cancel`` | gives it up |
| ``POST /OWNER/APP`` | the result at once; ``…/stream``: previews on the way to it |
| any, ``/fal/proxy`` | each of these, by ``X-Fal-Target-Url``: what its client in a page is given |

Source: fal's clients for Python (1.0) and JavaScript (1.10), and its documentation of the queue.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from dataclasses import replace
from http import HTTPStatus
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Match, Mount, Route, Router
from starlette.types import Receive, Scope, Send

from livedraft.errors import BadMessage, InvalidParams, ModelNotFound

from ..events import streamed
from ..making import left
from ..service import Service
from ..waiting import first
from . import answers
from .asking import wanted_of
from .events import course, event
from .job import Job
from .jobs import Jobs
from .kept import NAMES, FilmResponse

_QUEUE = "/queue"
_PROXY = "/fal/proxy"

Endpoint = Callable[[Request], Awaitable[Response]]


def routes(guarded: Callable[[Endpoint], Endpoint]) -> list[BaseRoute]:
    """Return the routes; at the root, only what is fal's is matched: other apps live there, too."""
    app = "/{owner}/{app}"
    job = f"{app}/requests/{{id}}"
    table: list[tuple[str, Endpoint, str]] = [
        (f"{job}/status", status, "GET"),
        (f"{job}/status/stream", follow, "GET"),
        (f"{job}/cancel", cancel, "PUT"),
        (job, result, "GET"),
        (f"{app}/stream", stream, "POST"),
        (app, hand_in, "POST"),
    ]
    made = [(path, guarded(endpoint), [method, "OPTIONS"]) for path, endpoint, method in table]
    made.append((f"{job}/pictures/{{number:int}}", picture, ["GET"]))
    made += [(f"{job}/{name}", film, ["GET"]) for name in NAMES]
    below = [Route(path, endpoint, methods=methods) for path, endpoint, methods in made]
    return [
        Route(_PROXY, _Proxy(Router([Mount(_QUEUE, routes=below), *below]), guarded)),
        Mount(_QUEUE, routes=below),
        *(_AppRoute(path, endpoint, methods=methods) for path, endpoint, methods in made),
    ]


class _AppRoute(Route):
    """A route of a model's, or of whoever has a key as fal's clients do."""

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Return whether a request is for it."""
        match, found = super().matches(scope)
        if match is Match.NONE:
            return match, found
        service: Service = scope["app"].state.service
        keys = [value for name, value in scope["headers"] if name == b"authorization"]
        known = found["path_params"]["app"] in service.models
        theirs = any(key[:4].lower() == b"key " for key in keys)
        return (match, found) if known or theirs else _NOT_OURS


_NOT_OURS: tuple[Match, Scope] = (Match.NONE, {})


class _Proxy:
    """Serves what a page asks of fal's hosts, which its client names in a header."""

    def __init__(self, inside: Router, guarded: Callable[[Endpoint], Endpoint]) -> None:
        self._inside = inside
        self._refusing = guarded(self._refuse)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve the address that is named, if it is one of fal's apps or its queue."""
        request = Request(scope, receive, send)
        try:
            target = urlsplit(request.headers.get("x-fal-target-url", ""))
        except ValueError:  # no address: half of an IPv6 one
            target = urlsplit("")
        inside = {"fal.run": "", "queue.fal.run": _QUEUE}.get(target.netloc)
        if request.method == "OPTIONS" or inside is None:
            await (await self._refusing(request))(scope, receive, send)
            return
        path = f"{inside}{target.path}"
        named = {"path": path, "raw_path": path.encode(), "query_string": target.query.encode()}
        await self._inside({**scope, **named, "root_path": ""}, receive, send)

    @staticmethod
    async def _refuse(request: Request) -> Response:
        given = request.headers.get("x-fal-target-url", "")[:100]
        raise BadMessage(
            f"'{given}' is neither an app nor the queue, and nothing is fetched from there",
            fix="send pictures as data URIs in the request: nothing is uploaded",
        )


async def hand_in(request: Request) -> Response:
    """Take a request on, and return where it is asked about; elsewhere, what came of it."""
    jobs = _jobs(request)
    queued = _queued(request)
    job = jobs.submit(replace(await wanted_of(request), previews=queued), _owner(request))
    if queued:
        place = {"status": "IN_QUEUE", "queue_position": job.position}
        return answers.answered(job, answers.addresses(job, answers.base_of(request)) | place)
    with jobs.watching(job):
        try:
            await first(job.ended(), left(request))
            return await _answer(job, request)
        finally:
            if not job.done or job.wanted.as_url or job.error is not None:
                jobs.forget(job)


async def stream(request: Request) -> Response:
    """Return previews as events, and the result as the last."""
    jobs = _jobs(request)
    job = jobs.submit(await wanted_of(request), _owner(request))
    return streamed(course(request, jobs, job), {"X-Fal-Request-Id": job.id})


async def status(request: Request) -> Response:
    """Return how far a request is."""
    job = _job(request)
    told = answers.status(job, answers.base_of(request), job.logs if _logs(request) else None)
    return answers.answered(job, told, HTTPStatus.OK if job.done else HTTPStatus.ACCEPTED)


async def follow(request: Request) -> Response:
    """Return each change of a request's status as an event."""
    job = _job(request)
    base, logs, jobs = answers.base_of(request), _logs(request), _jobs(request)

    async def events() -> AsyncGenerator[bytes, None]:
        logged, told = 0, b""
        with jobs.watching(job):
            while True:
                changed, over = job.changed, job.done
                fresh = list(job.logs)[-(job.logged - logged) :] if job.logged > logged else []
                logged = job.logged
                now = event(answers.status(job, base, fresh if logs else None))
                if now != told:
                    yield now
                told = now
                if over:
                    return
                await changed.wait()

    return streamed(events(), {"X-Fal-Request-Id": job.id})


async def result(request: Request) -> Response:
    """Return what came of a request; of one that is under way that it is."""
    job = _job(request)
    if not job.done:
        raise InvalidParams(
            f"the request {job.id} is still in progress", fix="ask for its status until it is done"
        )
    return await _answer(job, request)


async def cancel(request: Request) -> Response:
    """Give a request up."""
    job = _job(request)
    if job.done:
        told = {"status": "ALREADY_COMPLETED"}
        return answers.answered(job, told, HTTPStatus.BAD_REQUEST)
    job.cancel()
    return answers.answered(job, {"status": "CANCELLATION_REQUESTED"}, HTTPStatus.ACCEPTED)


async def picture(request: Request) -> Response:
    """Return one picture of a request; its address, which nobody can guess, is leave enough."""
    service: Service = request.app.state.service
    cors = service.gate.cors(request.headers.get("origin"))
    try:
        made = _job(request).pictures
    except ModelNotFound as error:
        return answers.refused(error)
    number: int = request.path_params["number"]
    if number >= len(made):
        return Response(status_code=HTTPStatus.NOT_FOUND)
    return Response(made[number].data, media_type=made[number].mime, headers=cors)


async def film(request: Request) -> Response:
    """Return the film of a request, or the ranges of it that a player asks for; as ``picture``."""
    service: Service = request.app.state.service
    cors = service.gate.cors(request.headers.get("origin"))
    try:
        made = _job(request).film
    except ModelNotFound as error:
        return answers.refused(error)
    if made is None or not request.url.path.endswith(made.name):
        return Response(status_code=HTTPStatus.NOT_FOUND)
    return FilmResponse(made, cors)


async def _answer(job: Job, request: Request) -> Response:
    if job.error is not None:
        return answers.refused(job.error)
    if not job.done:
        return Response(status_code=HTTPStatus.NO_CONTENT)  # nobody is left to read it
    told = await answers.result(job, answers.base_of(request))
    return await asyncio.to_thread(answers.answered, job, told)  # a film may be in it


def _job(request: Request) -> Job:
    id = request.path_params["id"]
    jobs = _jobs(request)
    job = jobs.find(id)
    app = f"{request.path_params['owner']}/{request.path_params['app']}"
    if job is None or job.wanted.app != app:
        raise ModelNotFound(
            f"no request '{id[:40]}'",
            fix="submit it again; those that nobody asks about for 'idle_s' are forgotten",
        )
    return job


def _jobs(request: Request) -> Jobs:
    jobs: Jobs = request.app.state.jobs
    return jobs


def _owner(request: Request) -> str:
    service: Service = request.app.state.service
    return service.owner(request.client)


def _queued(request: Request) -> bool:
    """Return whether a request was handed to the queue, by its path or its host."""
    below = str(request.scope.get("root_path", "")).endswith(_QUEUE)
    return below or (request.url.hostname or "").startswith("queue.")


def _logs(request: Request) -> bool:
    return request.query_params.get("logs", "").lower() in ("1", "true")
