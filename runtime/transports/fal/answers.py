"""What the queue answers: requests, their courses and results, and errors as fal's clients read."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from http import HTTPStatus
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from livedraft.errors import InvalidMedia, LivedraftError
from livedraft.protocol.codec import MAX_FRAME_BYTES, json_bytes

from ..data_uris import data_uri
from ..refusals import refusal
from .job import Job, LateStart, Line, Picture
from .kept import KeptFilm

_KEPT = ("retry-after", "www-authenticate")
_ID = "x-fal-request-id"


def base_of(request: Request) -> str:
    """Return the address that a client has the server at."""
    return f"{request.url.scheme}://{request.url.netloc}{request.scope.get('root_path', '')}"


def addresses(job: Job, base: str) -> dict[str, Any]:
    """Return a request's id, and where it is asked about."""
    own = f"{base}/{job.wanted.app}/requests/{job.id}"
    return {
        "request_id": job.id,
        "response_url": own,
        "status_url": f"{own}/status",
        "cancel_url": f"{own}/cancel",
    }


def status(job: Job, base: str, logs: Iterable[Line] | None) -> dict[str, Any]:
    """Return how far a request is, with lines of its log where they are wanted."""
    told = addresses(job, base)
    told["logs"] = None if logs is None else [_line(line) for line in logs]
    if not job.begun:
        return told | {"status": "IN_QUEUE", "queue_position": job.position}
    if not job.done:
        return told | {"status": "IN_PROGRESS"}
    told |= {"status": "COMPLETED", "metrics": {"inference_time": round(job.inference_s, 6)}}
    if job.error is not None:
        told |= {"error": str(job.error), "error_type": job.error.code}
    return told


async def result(job: Job, base: str) -> dict[str, Any]:
    """Return what came of a request that did not fail; raise InvalidMedia, see ``_film``."""
    wanted, own = job.wanted, addresses(job, base)["response_url"]
    film = job.film
    if film is not None:
        kind = "video" if film.moves else "audio_file"
        made: dict[str, Any] = {kind: await _film(film, own, as_url=wanted.as_url)}
        seed = film.made.seed
    else:
        made = {"images": [_picture(job, number, own) for number in range(len(job.pictures))]}
        made["has_nsfw_concepts"] = [False] * len(job.pictures)  # nobody looks
        seed = job.pictures[0].seed
    return made | {
        "seed": seed,
        "prompt": wanted.orders[0].params.get("prompt", ""),
        "num_inference_steps": job.steps,
        "timings": {"inference": round(job.inference_s, 6)},
        "ignored": list(wanted.ignored),
    }


def shown(picture: Picture, url: str) -> dict[str, Any]:
    """Return a picture as answers have it."""
    return {
        "url": url,
        "width": picture.width,
        "height": picture.height,
        "content_type": picture.mime,
        "file_size": len(picture.data),
    }


def _picture(job: Job, number: int, own: str) -> dict[str, Any]:
    picture = job.pictures[number]
    at = data_uri(picture.data, picture.mime) if job.wanted.as_url else f"{own}/pictures/{number}"
    return shown(picture, at)


async def _film(film: KeptFilm, own: str, *, as_url: bool) -> dict[str, Any]:
    """Return a film, or sound, as answers have it; raise InvalidMedia for one too large in them."""
    told: dict[str, Any] = {
        "url": f"{own}/{film.name}",
        "content_type": film.mime,
        "file_name": film.name,
        "file_size": film.bytes,
        "duration": film.seconds,
    }
    if film.moves:
        frames = film.made.frames
        told |= {"width": film.made.width, "height": film.made.height}
        told |= {"num_frames": frames, "fps": round(frames / film.seconds, 3)}
    if as_url:
        if film.bytes > MAX_FRAME_BYTES:
            raise InvalidMedia(
                f"a film of {film.bytes / 1e6:.0f} MB is too large for an answer",
                fix="leave sync_mode out: it is then at its address",
            )
        with film.reading():
            told["url"] = await asyncio.to_thread(_inline, film)
    return told


def _inline(film: KeptFilm) -> str:
    return data_uri(film.path.read_bytes(), film.mime)


def answered(job: Job, fields: dict[str, Any], code: HTTPStatus = HTTPStatus.OK) -> Response:
    """Return an answer that names its request."""
    headers = {_ID: job.id}
    return Response(json_bytes(fields), code, headers, media_type="application/json")


def refused(error: LivedraftError) -> Response:
    """Return an error with the status that it has everywhere, said as fal's clients read it."""
    usual = refusal(error)
    headers = {name: value for name, value in usual.headers.items() if name in _KEPT}
    code = HTTPStatus(usual.status_code)
    if isinstance(error, LateStart):  # which its clients do not try again
        code, headers = HTTPStatus.GATEWAY_TIMEOUT, {"X-Fal-Request-Timeout-Type": "user"}
    return JSONResponse(said(error), code, headers)


def said(error: LivedraftError) -> dict[str, Any]:
    """Return an error's words: ``detail`` is what its client for Python shows, else ``message``."""
    return {
        "detail": str(error),
        "message": str(error),
        "error_type": error.code,
        "error": error.to_wire(),
    }


def _line(line: Line) -> dict[str, str]:
    return {
        "message": line.message,
        "level": "INFO",
        "source": "livedraft",
        "timestamp": line.timestamp,
    }
