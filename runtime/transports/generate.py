"""``POST /v1/generate``: one picture or film for one request, as JSON or as a form."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Mapping
from dataclasses import replace
from functools import partial
from http import HTTPStatus
from pathlib import Path
from typing import IO, Any

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from livedraft.errors import BadMessage, InvalidMedia, LivedraftError
from livedraft.media.images import type_of
from livedraft.protocol.codec import MAX_FRAME_BYTES, from_json, json_bytes
from livedraft.protocol.messages import Progress, Wants
from livedraft.protocol.values import check

from ..filming import MIME, FilmFolder, GeneratedFilm, made
from ..sessions.oneshot import Asked
from ..sessions.result import Result
from ..sessions.runner import Runner
from .events import Working, event, streamed
from .forms import fields_of
from .making import Order, judge, placed
from .service import Service
from .turns import Flow

_BLOCK = 2**18  # bytes that are read of a film at a time

Hear = Callable[[Progress], None]


async def generate(request: Request) -> Response:
    """Return the final picture or film: a file with its recipe, or JSON if only that is accepted.

    Who accepts ``text/event-stream`` hears how far it is, and gets the JSON as the last event.
    """
    service: Service = request.app.state.service
    order = await _read_order(request)
    for encoded_input in order.inputs.values():
        service.pictures.probe(encoded_input)
    making = _Making(request, service, order)
    if "text/event-stream" in making.accept:
        return streamed(_events(making))
    return await making.run(lambda _: None, as_json=making.as_json)


class _Making:
    """One request, until it is answered."""

    def __init__(self, request: Request, service: Service, order: Order) -> None:
        self.accept = request.headers.get("accept", "")
        self._request = request
        self._service = service
        self._order = order

    @property
    def as_json(self) -> bool:
        """Whether JSON alone is accepted."""
        files = "image/" in self.accept or "video/" in self.accept
        return "application/json" in self.accept and not files

    @property
    def _wants(self) -> Wants:
        """What may be answered: who accepts pictures alone gets no film, and the other way."""
        kinds = {each.strip().partition("/")[0] for each in self.accept.split(",")}
        if "*" in kinds or not kinds & {"image", "video"} or kinds >= {"image", "video"}:
            return "either"
        return "picture" if "image" in kinds else "film"

    async def run(self, hear: Hear, *, as_json: bool) -> Response:
        """Return what is answered, with nothing in it once nobody is left to read it."""
        with FilmFolder() as folder:
            marking = self._service.pictures.marking

            async def work(runner: Runner, asked: Asked) -> Result | GeneratedFilm:
                asked = replace(asked, wants=self._wants, progress=hear)
                return await made(runner, asked, folder.film, marking)

            what = await placed(self._request, self._service, self._order, work, self._admit)
            if what is None:
                return Response(status_code=HTTPStatus.NO_CONTENT)
            if isinstance(what, GeneratedFilm):
                return await self._film(what, folder.film(), as_json=as_json)
            return await self._picture(what, as_json=as_json)

    def _admit(self, runner: Runner) -> None:
        """Count what is asked for, once it is known to be right: what is refused costs nothing."""
        judge(self._service, runner, self._order, self._wants)
        self._service.count(self._service.owner(self._request.client))

    async def _picture(self, picture: Result, *, as_json: bool) -> Response:
        service = self._service
        image, mime = picture.file, type_of(picture.file)
        if not mime:
            mime = "image/png"
            flow = Flow(service.owner(self._request.client), "")
            image = await service.pictures.encode(picture.pixels, mime, picture.recipe, flow=flow)
        taken = self._timed(picture)
        if as_json:
            return _told(picture, {"image": image, "mime": mime}, taken, picture.notes)
        return Response(image, media_type=mime, headers=_headers(picture, taken))

    async def _film(self, film: GeneratedFilm, path: Path, *, as_json: bool) -> Response:
        """Return a film; its file may be removed afterwards. What is large is done on a thread."""
        taken, size = self._timed(film.first), path.stat().st_size
        if not as_json:
            headers = _headers(film.first, taken) | {"Content-Length": str(size)}
            return StreamingResponse(_blocks(path.open("rb")), media_type=MIME, headers=headers)
        if size > MAX_FRAME_BYTES:
            raise InvalidMedia(
                f"a film of {size / 1e6:.0f} MB is too large for JSON",
                fix=f"accept {MIME} alone, or ask for a shorter one",
            )
        about = {
            "mime": MIME,
            "width": film.width,
            "height": film.height,
            "frames": film.frames,
            "duration": film.duration,
        }

        def told() -> Response:
            return _told(film.first, {"film": path.read_bytes(), **about}, taken, film.notes)

        return await asyncio.to_thread(told)

    def _timed(self, result: Result) -> dict[str, float]:
        encoded = self._service.clock()
        taken = result.timings(encoded=encoded, sent=self._service.clock())
        self._service.metrics.frame(result.model, result.stage.value, taken, 0, result.batch)
        return taken


def _told(result: Result, file: Mapping[str, Any], taken: dict[str, float], notes: Any) -> Response:
    answer = {
        **file,
        "model": result.model,
        **({} if result.seed is None else {"seed": result.seed}),
        "params": result.params,
        "timings": taken,
        "notes": list(notes),
        **({"data": dict(result.data)} if result.data else {}),
    }
    return Response(json_bytes(answer), media_type="application/json")


def _headers(result: Result, taken: Mapping[str, float]) -> dict[str, str]:
    headers = {"Server-Timing": ", ".join(f"{stage};dur={ms:g}" for stage, ms in taken.items())}
    if result.seed is not None:
        headers["X-Livedraft-Seed"] = str(result.seed)
    return headers


async def _blocks(file: IO[bytes]) -> AsyncIterator[bytes]:
    with file:
        while block := await asyncio.to_thread(file.read, _BLOCK):
            yield block


async def _events(making: _Making) -> AsyncGenerator[bytes, None]:
    """Yield server-sent events: how far it is, the newest each time, then what came of it."""
    try:
        async with Working(partial(making.run, as_json=True)) as working:
            while (told := await working.news()) is not None:
                about = told.model_dump_json(include={"step", "steps", "notes"})
                yield event("progress", about.encode())
            answer = await working.result()
        if answer.status_code == HTTPStatus.OK:
            yield event("made", bytes(answer.body))
    except LivedraftError as error:
        yield event("error", json_bytes({"error": error.to_wire()}))


async def _read_order(request: Request) -> Order:
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind == "multipart/form-data":
        return await _from_form(request)
    if kind in ("application/json", ""):
        return _from_json(await request.body())
    raise BadMessage(
        f"no request body of type '{kind[:100]}'",
        fix="send application/json or multipart/form-data",
    )


async def _from_form(request: Request) -> Order:
    order = Order()
    async for name, value in fields_of(request):
        if isinstance(value, bytes):
            order.inputs[name] = value
        elif name == "model":
            order.model = value
        else:
            order.params[name] = value
    return order


def _from_json(body: bytes) -> Order:
    try:
        text = body.decode()
    except UnicodeDecodeError:
        raise BadMessage("not JSON: no UTF-8", fix="send one JSON object") from None
    fields = from_json(text)
    if not isinstance(fields, dict):
        raise BadMessage("a request is an object", fix='send {"prompt": …, "inputs": {…}}')
    check(fields)
    model, inputs = fields.pop("model", ""), fields.pop("inputs", {})
    if not isinstance(model, str):
        raise BadMessage("model: a text is needed", fix="use a name of GET /v1/models")
    if not isinstance(inputs, dict) or not all(isinstance(v, bytes) for v in inputs.values()):
        raise BadMessage(
            "inputs: pictures by name, in base64, are needed",
            fix='send {"inputs": {"sketch": "<a PNG in base64>"}}',
        )
    return Order(model, inputs, fields)
