"""What a request of the queue asks for, in fal's words, judged before it is taken on."""

from __future__ import annotations

import math
from typing import Any

from starlette.requests import Request

from livedraft.errors import BadMessage, InvalidParams, ModelNotFound, did_you_mean
from livedraft.protocol.codec import from_json
from livedraft.protocol.values import check

from ...models.params import from_text, merge
from ...sessions.wants import check_wanted
from ..making import Order, random_seed
from ..service import Service
from .job import Wanted
from .words import asked_of

_MOST_PICTURES = 8  # of one request
_FORMATS = {"png": "image/png", "jpeg": "image/jpeg", "jpg": "image/jpeg", "webp": "image/webp"}
_COUNT, _FORMAT = ("num_images",), ("output_format", "format")  # as fal's apps call them
_LONGEST_S = 86_400.0


async def wanted_of(request: Request) -> Wanted:
    """Return what is asked for; raise BadInput, BadMessage or ModelNotFound."""
    service: Service = request.app.state.service
    _refuse_webhook(request)
    owner, name = request.path_params["owner"], request.path_params["app"]
    runner = await service.runner(name)  # until when it does not say what it takes
    described = service.models.get(name)
    if described is None:
        raise ModelNotFound(f"no model '{name[:40]}'", fix=did_you_mean(name, service.models))
    check_wanted(runner.models[name].info, "either")
    films = all(spec["kind"] != "image" for spec in described["outputs"])
    fields = _fields(await request.body())
    count = 1 if films else _count(fields)  # of films there is one, whatever is asked for
    mime = _FORMATS["png"] if films else _mime(fields)
    asked = asked_of(fields, described)
    for data in asked.inputs.values():
        service.pictures.probe(data)
    params = from_text(described["params_schema"], asked.params)
    if "seed" in described["params_schema"]["properties"]:
        params.setdefault("seed", random_seed())
    judged = merge(runner.models[name].params, None, params).model_dump()
    orders = [Order(name, asked.inputs, params)]
    for number in range(1, count):
        another = {"seed": (judged["seed"] + number) % 2**32} if "seed" in judged else {}
        orders.append(Order(name, asked.inputs, params | another))
    service.count(service.owner(request.client), len(orders))
    return Wanted(
        app=f"{owner}/{name}",
        orders=tuple(orders),
        places=described["places"],
        mime=mime,
        as_url=asked.as_url,
        ignored=tuple(asked.ignored),
        wants="picture" if count > 1 else "either",
        films=films,
        start_s=_start_s(request.headers.get("x-fal-request-timeout", "")),
    )


def _refuse_webhook(request: Request) -> None:
    if "fal_webhook" in request.query_params:
        raise InvalidParams(
            "webhook: this server calls nobody",
            fix="ask for the request's status, or follow it by status/stream",
        )


def _fields(body: bytes) -> dict[str, Any]:
    try:
        text = body.decode()
    except UnicodeDecodeError:
        raise BadMessage("not JSON: no UTF-8", fix="send one JSON object") from None
    fields = from_json(text or "{}")
    if not isinstance(fields, dict):
        raise BadMessage("a request is an object", fix='send {"prompt": …}')
    check(fields)
    return fields


def _count(fields: dict[str, Any]) -> int:
    count = _taken(fields, _COUNT)
    if count is None:
        return 1
    if type(count) is not int or not 1 <= count <= _MOST_PICTURES:
        raise InvalidParams(
            f"num_images: {str(count)[:20]} is out of range",
            fix=f"use a whole number, 1 to {_MOST_PICTURES}",
        )
    return count


def _mime(fields: dict[str, Any]) -> str:
    name = _taken(fields, _FORMAT)
    if name is None:
        return _FORMATS["png"]
    if not isinstance(name, str) or name not in _FORMATS:
        known = ", ".join(_FORMATS)
        raise InvalidParams(f"output_format: {str(name)[:20]!r} is none", fix=f"use {known}")
    return _FORMATS[name]


def _taken(fields: dict[str, Any], words: tuple[str, ...]) -> Any:
    """Return the value of the first of these words, and remove them all."""
    found = [fields.pop(word, None) for word in words]
    return next((value for value in found if value is not None), None)


def _start_s(text: str) -> float | None:
    if not text:
        return None
    try:
        seconds = float(text)
    except ValueError:
        seconds = math.nan
    if not 0 < seconds <= _LONGEST_S:
        raise InvalidParams(
            f"X-Fal-Request-Timeout: {text[:20]!r} is no time", fix="send seconds, such as 30"
        )
    return seconds
