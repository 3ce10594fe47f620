"""``POST /v1/generate``: one picture for one request, as JSON or as a form."""

from __future__ import annotations

from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

from python_multipart.multipart import parse_options_header
from starlette.datastructures import UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import Request
from starlette.responses import Response

from livedraft.errors import BadMessage
from livedraft.protocol.codec import from_json, json_bytes
from livedraft.protocol.messages import MOST_PICTURES
from livedraft.protocol.values import check

from ..models.params import from_text
from ..sessions.oneshot import one_shot
from ..sessions.result import Result
from .service import Service
from .turns import Flow
from .waiting import first

_MOST_FIELDS = 100  # of a form: more than any model has params


class _InMemory(MultiPartParser):
    """Starlette's parser, with no file in it put on the disk: photographs are held in memory alone.

    How much that may be is bounded with the body that they come in.
    """

    spool_max_size = 0  # no such size; Starlette's own is 1 MiB


@dataclass(slots=True)
class Order:
    """What a request asks for."""

    model: str = ""
    inputs: dict[str, bytes] = field(default_factory=dict)  # encoded pictures by input name
    params: dict[str, Any] = field(default_factory=dict)


async def generate(request: Request) -> Response:
    """Return the final picture: PNG with its recipe, or JSON if only that is accepted."""
    service: Service = request.app.state.service
    order = await _read_order(request)
    service.count(service.owner(request.client))
    for encoded_input in order.inputs.values():
        service.pictures.probe(encoded_input)
    picture = await _make(request, service, order)
    if picture is None:
        return Response(status_code=HTTPStatus.NO_CONTENT)  # nobody is left to read it
    image = await service.pictures.encode(
        picture.pixels,
        "image/png",
        picture.recipe,
        flow=Flow(service.owner(request.client), ""),
    )
    encoded = service.clock()
    taken = picture.timings(encoded=encoded, sent=service.clock())
    service.metrics.frame(picture.model, picture.stage.value, taken, 0, picture.batch)
    accept = request.headers.get("accept", "")
    if "application/json" in accept and "image/" not in accept:
        answer = {
            "image": image,
            "mime": "image/png",
            "model": picture.model,
            **({} if picture.seed is None else {"seed": picture.seed}),
            "params": picture.params,
            "timings": taken,
            "notes": list(picture.notes),
            **({"data": dict(picture.data)} if picture.data else {}),
        }
        return Response(json_bytes(answer), media_type="application/json")
    headers = {"Server-Timing": ", ".join(f"{stage};dur={ms:g}" for stage, ms in taken.items())}
    if picture.seed is not None:
        headers["X-Livedraft-Seed"] = str(picture.seed)
    return Response(image, media_type="image/png", headers=headers)


async def _make(request: Request, service: Service, order: Order) -> Result | None:
    """Wait for a place and make the picture; None as soon as the client has left."""
    made: list[Result] = []

    async def work() -> None:
        await service.runner()  # until when no model says what it takes
        described = _description(service, order)
        ticket = service.admission.ask(places=described["places"] if described is not None else 1)
        try:
            await ticket.wait()
            runner = await service.runner()  # refuses while the server drains
            params = order.params
            if described is not None:  # else the runner says that there is no such model
                params = from_text(described["params_schema"], params)
            owner = service.owner(request.client)
            made.append(await one_shot(runner, order.model, order.inputs, params, owner))
        finally:
            ticket.release()

    async def listen() -> None:
        while (await request.receive())["type"] != "http.disconnect":
            pass  # the body has been read; only the end can come

    await first(work(), listen(), service.cut_off())
    return made[0] if made else None


def _description(service: Service, order: Order) -> dict[str, Any] | None:
    """Return what clients are described of the model that is asked for, if there is such a one."""
    return service.models.get(order.model or next(iter(service.models)))


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
    _check_charset(request.headers["content-type"])
    try:
        form = await _InMemory(
            request.headers, request.stream(), max_files=MOST_PICTURES, max_fields=_MOST_FIELDS
        ).parse()
    except (MultiPartException, KeyError) as error:
        raise BadMessage(
            f"not a form: {str(error)[:100]}", fix="send multipart/form-data"
        ) from None
    for name, value in form.multi_items():
        check(name)
        if isinstance(value, UploadFile):
            order.inputs[name] = await value.read()
            continue
        check(value)
        if name == "model":
            order.model = value
        else:
            order.params[name] = value
    await form.close()
    return order


def _check_charset(content_type: str) -> None:
    """Refuse all but UTF-8: some of Python's codecs take quadratic time, others make no text."""
    charset = parse_options_header(content_type)[1].get(b"charset", b"utf-8")
    if charset.lower() not in (b"utf-8", b"utf8"):
        raise BadMessage("a form of another charset", fix="send it as UTF-8")


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
