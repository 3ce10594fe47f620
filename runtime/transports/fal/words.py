"""fal's words and ours: params of a message, and pictures in it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from livedraft.errors import InvalidParams

from ..data_uris import read_uri
from ..sizing import size_params

_RENAMED = {
    "num_inference_steps": "steps",
    "guidance_scale": "guidance",
    "negative_prompt": "negative",
    "duration": "seconds",
}
_SIZES = {  # px, as fal's apps name them
    "square_hd": (1024, 1024),
    "square": (512, 512),
    "portrait_4_3": (768, 1024),
    "portrait_16_9": (576, 1024),
    "landscape_4_3": (1024, 768),
    "landscape_16_9": (1024, 576),
}
_PICTURES = ("image", "image_bytes", "image_url")  # of one input: the first of these
_MASKS = ("mask", "mask_bytes", "mask_url")
_OURS = ("request_id", "sync_mode", *_PICTURES, *_MASKS)  # read here, no params


@dataclass(slots=True)
class Asked:
    """What one message asks for."""

    params: dict[str, Any] = field(default_factory=dict)
    inputs: dict[str, bytes] = field(default_factory=dict)
    ignored: list[str] = field(default_factory=list)  # words that say nothing to the model
    request_id: Any = None  # comes back as it is
    as_url: bool = False  # pictures come back as data URIs, too


def asked_of(fields: Mapping[str, Any], described: Mapping[str, Any]) -> Asked:
    """Return what a message asks of a model; raise InvalidParams or InvalidImage.

    ``described`` is the model as ``/v1/models`` has it. fal's apps have words of their own, which
    a model of another kind does not know: they are passed over, and named in the answer.
    """
    rules = described["params_schema"]["properties"]
    asked = Asked(
        request_id=fields.get("request_id"), as_url=fields.get("sync_mode") in (True, "true")
    )
    for word, value in fields.items():
        name = word if word in rules else _RENAMED.get(word, word)
        if word in _OURS or value is None:
            continue
        if word in ("image_size", "video_size"):
            asked.params |= size_params(described, _size(value, word), word)
        elif name in rules:
            asked.params[name] = _seconds(value) if word == "duration" else value
        else:
            asked.ignored.append(word[:40])
    names = [spec["name"] for spec in described["inputs"] if spec["kind"] == "image"]
    for words, inputs in ((_MASKS, [n for n in names if n == "mask"]), (_PICTURES, names)):
        sent = next((word for word in words if fields.get(word) is not None), None)
        if sent is None:
            continue
        if inputs:
            asked.inputs[inputs[0]] = _picture(fields[sent], sent)
        else:
            asked.ignored.append(sent)
    return asked


def _size(value: object, word: str) -> tuple[int, int]:
    if isinstance(value, str) and value in _SIZES:
        return _SIZES[value]
    if isinstance(value, dict):
        width, height = value.get("width"), value.get("height")
        if isinstance(width, int) and isinstance(height, int) and 0 < width * height < 2**28:
            return width, height
    raise InvalidParams(
        f"{word}: {str(value)[:40]!r} is no size",
        fix="use " + ", ".join(_SIZES) + ', or {"width": …, "height": …}',
    )


def _seconds(value: object) -> object:
    """Return how long a film is to be: "5s", "5" or 5, as fal's apps have it."""
    return value.removesuffix("s") if isinstance(value, str) else value


def _picture(value: object, word: str) -> bytes:
    return value if isinstance(value, bytes) else read_uri(value, word)
