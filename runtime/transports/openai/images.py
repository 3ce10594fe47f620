"""The endpoints: pictures of words, and of pictures; at once, or with previews as events."""

from __future__ import annotations

import time
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from PIL import Image
from starlette.requests import Request
from starlette.responses import Response

from livedraft.errors import (
    BadInput,
    InvalidImage,
    LivedraftError,
    ModelNotFound,
    did_you_mean,
)
from livedraft.media import images
from livedraft.media.images import type_of
from livedraft.protocol.codec import json_bytes

from ...models.params import from_text, merge
from ...sessions.result import Result
from ...sessions.runner import Runner
from ...sessions.wants import check_wanted
from ..data_uris import data_uri
from ..events import Working, event, streamed
from ..making import Order, make, random_seed
from ..service import Service
from ..sizing import size_params
from ..turns import Flow
from .asking import Asking, read
from .refusing import described_error

_GENERATED, _EDITED = "image_generation", "image_edit"  # what events are called


async def generations(request: Request) -> Response:
    """Return pictures of a prompt."""
    asking = await read(request)
    if asking.pictures or asking.mask:
        raise BadInput("pictures come to /v1/images/edits", fix="send them there")
    return await _answer(request, asking, _GENERATED)


async def edits(request: Request) -> Response:
    """Return pictures of pictures, and a prompt."""
    asking = await read(request)
    if not asking.pictures:
        raise InvalidImage("image: none came", fix="send 'image' as a form, or 'images' as JSON")
    return await _answer(request, asking, _EDITED)


@dataclass(frozen=True, slots=True)
class _Making:
    """One picture that is asked for."""

    request: Request
    service: Service
    asking: Asking
    order: Order

    async def run(
        self, preview: Callable[[Result], None] | None = None
    ) -> tuple[bytes, int | None]:
        """Return the picture, and its seed; ``preview`` hears what is on the way."""
        made = await make(self.request, self.service, self.order, preview)
        if made is None:
            raise BadInput("the client has left", fix="wait for the answer")
        return await self.encoded(made), made.seed

    async def encoded(self, made: Result) -> bytes:
        """Return a picture with its recipe; one that was signed elsewhere as it came."""
        if type_of(made.file) == self.asking.mime:
            return made.file
        flow = Flow(self.service.owner(self.request.client), "")
        return await self.service.pictures.encode(
            made.pixels, self.asking.mime, made.recipe, flow=flow
        )


async def _answer(request: Request, asking: Asking, kind: str) -> Response:
    service: Service = request.app.state.service
    runner = await service.runner(asking.model)  # until when it does not say what it takes
    orders = await _orders(service, runner, asking)
    for order in orders:  # before a stream says that all is well
        described = service.models[order.model]
        params = from_text(described["params_schema"], order.params)
        merge(runner.models[order.model].params, None, params)
    makings = [_Making(request, service, asking, order) for order in orders]
    service.count(service.owner(request.client), len(makings))
    if asking.stream:
        return streamed(_events(makings, asking, kind))
    data = []
    for each in makings:  # one after another: a request has one place
        picture, seed = await each.run()
        shown: dict[str, Any] = {"b64_json": picture}
        if asking.as_url:
            shown = {"url": data_uri(picture, asking.mime)}
        data.append(shown | ({} if seed is None else {"seed": seed}))
    told = {"created": round(time.time()), "data": data} | _told(asking)
    return Response(json_bytes(told), media_type="application/json")


async def _events(makings: list[_Making], asking: Asking, kind: str) -> AsyncGenerator[bytes, None]:
    """Yield server-sent events: at most so many partial pictures of each, then the picture."""
    try:
        for each in makings:
            async for told in _course(each, asking, kind):
                yield told
    except LivedraftError as error:
        yield _event("error", {"error": described_error(error)})


async def _course(making: _Making, asking: Asking, kind: str) -> AsyncIterator[bytes]:
    async with Working(making.run) as working:
        for number in range(asking.partial):
            preview = await working.news()
            if preview is None:
                break
            picture = await making.encoded(preview)
            about = {"b64_json": picture, "partial_image_index": number}
            yield _event(f"{kind}.partial_image", about | _told(asking) | _now())
        picture, seed = await working.result()
        about = {"b64_json": picture} | ({} if seed is None else {"seed": seed})
        yield _event(f"{kind}.completed", about | _told(asking) | _now() | {"usage": _USAGE})


_USAGE = {  # nothing is billed by tokens here
    "input_tokens": 0,
    "input_tokens_details": {"image_tokens": 0, "text_tokens": 0},
    "output_tokens": 0,
    "total_tokens": 0,
}


async def _orders(service: Service, runner: Runner, asking: Asking) -> list[Order]:
    """Return each picture that is asked for; raise what the model cannot do."""
    name = asking.model or next(iter(service.models))
    described = service.models.get(name)
    if described is None:
        raise ModelNotFound(f"no model '{name[:40]}'", fix=did_you_mean(name, service.models))
    check_wanted(runner.models[name].info, "picture")
    rules = described["params_schema"]["properties"]
    sized = {} if asking.size is None else size_params(described, asking.size, "size")
    params = {**asking.params, **sized}
    if asking.prompt and "prompt" in rules:
        params["prompt"] = asking.prompt
    inputs = await _inputs(service, asking, described)
    first = random_seed() if asking.seed is None else asking.seed
    orders = []
    for number in range(asking.count):
        seeded = {"seed": (first + number) % 2**32} if "seed" in rules else {}
        orders.append(Order(name, inputs, params | seeded))
    return orders


async def _inputs(
    service: Service, asking: Asking, described: Mapping[str, Any]
) -> dict[str, bytes]:
    """Return pictures by the names of a model's inputs, in their order; the mask as it reads it."""
    names = [spec["name"] for spec in described["inputs"] if spec["kind"] == "image"]
    masked = "mask" in names
    names = [name for name in names if name != "mask"]
    if len(asking.pictures) > len(names):
        most = f"takes {len(names) or 'no'} picture{'' if len(names) == 1 else 's'}"
        raise InvalidImage(f"image: {described['id']} {most}", fix="send fewer, or another model")
    for picture in (*asking.pictures, *filter(None, [asking.mask])):
        service.pictures.probe(picture)
    inputs = dict(zip(names, asking.pictures, strict=False))
    if asking.mask:
        if not masked:
            raise InvalidImage(f"mask: {described['id']} takes none", fix="leave it out")
        inputs["mask"] = await service.pictures.work(
            partial(_mask, asking.mask, service.pictures.max_pixels),
            flow=Flow("", ""),
            cost=len(asking.mask),
        )
    return inputs


def _mask(data: bytes, max_pixels: int) -> bytes:
    """Return a mask as our models read it, white where the picture is painted anew.

    There, that is where the mask is transparent.
    """
    image = images.decode(data, max_pixels)
    if not image.has_transparency_data:
        raise InvalidImage(
            "mask: nothing of it is transparent", fix="clear what is to be painted anew"
        )
    alpha = np.asarray(image.convert("RGBA"))[..., 3]
    return images.encode(Image.fromarray(255 - alpha).convert("RGB"))


def _told(asking: Asking) -> dict[str, Any]:
    size = "auto" if asking.size is None else f"{asking.size[0]}x{asking.size[1]}"
    shape = asking.mime.partition("/")[2]
    return {"background": "auto", "output_format": shape, "quality": "auto", "size": size}


def _now() -> dict[str, Any]:
    return {"created_at": round(time.time())}


def _event(kind: str, fields: Mapping[str, Any]) -> bytes:
    return event(kind, json_bytes({"type": kind, **fields}))
