"""``POST /v1/generate``: one picture for one request, as JSON or as a form."""

from __future__ import annotations

from http import HTTPStatus

from starlette.requests import Request
from starlette.responses import Response

from livedraft.errors import BadMessage
from livedraft.media.images import type_of
from livedraft.protocol.codec import from_json, json_bytes
from livedraft.protocol.values import check

from .forms import fields_of
from .making import Order, make
from .service import Service
from .turns import Flow


async def generate(request: Request) -> Response:
    """Return the final picture: PNG with its recipe, or JSON if only that is accepted."""
    service: Service = request.app.state.service
    order = await _read_order(request)
    service.count(service.owner(request.client))
    for encoded_input in order.inputs.values():
        service.pictures.probe(encoded_input)
    picture = await make(request, service, order)
    if picture is None:
        return Response(status_code=HTTPStatus.NO_CONTENT)  # nobody is left to read it
    image, mime = picture.file, type_of(picture.file)
    if not mime:
        mime = "image/png"
        image = await service.pictures.encode(
            picture.pixels, mime, picture.recipe, flow=Flow(service.owner(request.client), "")
        )
    encoded = service.clock()
    taken = picture.timings(encoded=encoded, sent=service.clock())
    service.metrics.frame(picture.model, picture.stage.value, taken, 0, picture.batch)
    accept = request.headers.get("accept", "")
    if "application/json" in accept and "image/" not in accept:
        answer = {
            "image": image,
            "mime": mime,
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
    return Response(image, media_type=mime, headers=headers)


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
