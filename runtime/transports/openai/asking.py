"""What a request in OpenAI's words asks for, as params and pictures of our models.

What is named as there means what it means there; every other word is a param of the model, as
``extra_body`` of their clients sends it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from starlette.requests import Request

from livedraft.errors import BadMessage, InvalidParams
from livedraft.protocol.codec import from_json
from livedraft.protocol.values import check

from ..data_uris import read_uri
from ..forms import fields_of

MOST_PICTURES = 10  # of one request, as there
MOST_PARTIAL = 3
FORMATS = {"png": "image/png", "jpeg": "image/jpeg", "webp": "image/webp"}
# What says nothing to our models: how OpenAI's own are billed, watched, and how hard they try.
_IGNORED = ("user", "moderation", "quality", "input_fidelity", "output_compression", "background")
_THEIR_STYLES = ("vivid", "natural")  # of DALL·E 3; models of ours have styles of their own
_PICTURES = ("image", "image[]")


@dataclass(slots=True)
class Asking:
    """One request."""

    model: str = ""
    prompt: str = ""
    count: int = 1
    size: tuple[int, int] | None = None  # px; None: as the model likes
    mime: str = "image/png"
    as_url: bool = False  # as a data URI
    stream: bool = False
    partial: int = 0  # pictures on the way that are wanted
    seed: int | None = None
    params: dict[str, Any] = field(default_factory=dict)  # of the model
    pictures: list[bytes] = field(default_factory=list)
    mask: bytes = b""


async def read(request: Request) -> Asking:
    """Return what a request asks for; raise BadMessage or InvalidParams, which names the word."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    asking = Asking()
    fields: dict[str, Any] = {}
    if kind == "multipart/form-data":
        async for name, value in fields_of(request):
            if isinstance(value, str):
                fields[name] = value
            elif name == "mask":
                asking.mask = value
            elif name in _PICTURES:
                asking.pictures.append(value)
            else:
                raise _refused(name, "no picture is called so", "send 'image' or 'image[]'")
    else:
        fields = _from_json(await request.body())
        asking.pictures = [
            _picture(each, "images") for each in _list(fields.pop("images", []), "images")
        ]
        if mask := fields.pop("mask", None):
            asking.mask = _picture(mask, "mask")
    return _filled(asking, fields)


def _filled(asking: Asking, fields: dict[str, Any]) -> Asking:
    asking.model = _text(fields, "model")
    asking.prompt = _text(fields, "prompt")
    asking.count = _number(fields, "n", 1, 1, MOST_PICTURES)
    asking.size = _size(_text(fields, "size"))
    asking.mime = _choice(fields, "output_format", FORMATS, "png")
    asking.as_url = _choice(fields, "response_format", {"b64_json": False, "url": True}, "b64_json")
    asking.stream = _flag(fields, "stream")
    asking.partial = _number(fields, "partial_images", 0, 0, MOST_PARTIAL)
    if fields.get("seed") is not None:
        asking.seed = _number(fields, "seed", 0, 0, 2**32 - 1)
    fields.pop("seed", None)
    for name in _IGNORED:
        fields.pop(name, None)
    if fields.get("style") in _THEIR_STYLES:
        del fields["style"]
    asking.params = {name: value for name, value in fields.items() if value is not None}
    return asking


def _from_json(body: bytes) -> dict[str, Any]:
    try:
        text = body.decode()
    except UnicodeDecodeError:
        raise BadMessage("not JSON: no UTF-8", fix="send one JSON object") from None
    fields = from_json(text)
    if not isinstance(fields, dict):
        raise BadMessage("a request is an object", fix='send {"prompt": …}')
    check(fields)
    return fields


def _picture(value: object, word: str) -> bytes:
    """Return a picture of JSON: a data URI, or an object that holds one as ``image_url``."""
    uri = value.get("image_url") if isinstance(value, dict) else value
    if isinstance(uri, bytes):  # the codec has read it
        return uri
    return read_uri(uri, word)


def _list(value: object, name: str) -> list[Any]:
    if not isinstance(value, list):
        raise _refused(name, "a list is needed", 'send [{"image_url": "data:…"}]')
    return value


def _text(fields: dict[str, Any], name: str) -> str:
    value = fields.pop(name, None)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise _refused(name, "a text is needed", "send a text")
    return value


def _number(fields: dict[str, Any], name: str, default: int, least: int, most: int) -> int:
    value = fields.pop(name, None)
    if value is None:
        return default
    if isinstance(value, str) and value.isdecimal() and len(value) < 12:
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
        raise _refused(
            name, f"{str(value)[:20]} is out of range", f"use a whole number, {least} to {most}"
        )
    return value


def _flag(fields: dict[str, Any], name: str) -> bool:
    value = fields.pop(name, None)
    if value in (True, "true"):
        return True
    if value in (None, False, "false"):
        return False
    raise _refused(name, "true or false is needed", "send true or false")


def _choice(fields: dict[str, Any], name: str, choices: Mapping[str, Any], default: str) -> Any:
    value = fields.pop(name, None)
    if value in (None, ""):
        value = default
    if not isinstance(value, str) or value not in choices:
        raise _refused(
            name, f"'{str(value)[:40]}' is not known", f"use one of {', '.join(choices)}"
        )
    return choices[value]


def _size(text: str) -> tuple[int, int] | None:
    if text in ("", "auto"):
        return None
    sides = text.split("x")
    if len(sides) != 2 or not all(side.isdecimal() and 0 < len(side) < 6 for side in sides):
        raise _refused("size", f"'{text[:40]}' is no size", "use 'auto', or as 1024x1024")
    return int(sides[0]), int(sides[1])


def _refused(name: str, message: str, fix: str) -> InvalidParams:
    return InvalidParams(f"{name}: {message}", fix=fix)
