"""Bytes or text to message and back: msgpack maps, or the same as JSON with base64 pictures."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Generic, TypeVar, cast, get_args

import msgpack  # type: ignore[import-untyped]  # ships no types
from pydantic import ValidationError

from livedraft.errors import BadMessage, did_you_mean

from .messages import ClientMessage, Message, ServerMessage
from .values import check, measure_json, measure_msgpack

MAX_MESSAGE_BYTES = 8 * 2**20
MAX_FRAME_BYTES = 64 * 2**20  # of what a server sends

M = TypeVar("M", bound=Message)
Data = bytes | str


class Codec(Generic[M]):
    """Encode and decode one direction of the protocol; ``wary`` of each value that comes."""

    def __init__(self, classes: Iterable[type[M]], max_bytes: int, *, wary: bool) -> None:
        self.max_bytes = max_bytes
        self._classes = {cls.model_fields["type"].default: cls for cls in classes}
        self._wary = wary

    def decode(self, data: Data) -> M:
        """Return the message in a binary (msgpack) or text (JSON) frame; raise BadMessage.

        What it costs in time and memory is bounded by the size of ``data``, whatever that is.
        """
        if len(data) > self.max_bytes:
            raise BadMessage(
                f"message of {len(data)} bytes", fix=f"send at most {self.max_bytes} bytes"
            )
        fields = _unpack(data) if isinstance(data, bytes) else from_json(data)
        if not isinstance(fields, dict):
            raise BadMessage("a message is a map", fix="send a map with the key 'type'")
        if self._wary:
            check(fields)
        cls = self._class(fields)
        try:
            return cls.model_validate(fields)
        except ValidationError as error:
            first = error.errors(include_url=False, include_context=False, include_input=False)[0]
            where = ".".join(str(part)[:40] for part in first["loc"])[:80]
            raise BadMessage(
                f"{fields['type']}.{where}: {first['msg'][:200]}",
                fix="send it as docs/reference/protocol.md describes it",
            ) from None

    def encode(self, message: M, *, text: bool = False) -> Data:
        """Return the message as msgpack bytes, or as JSON text."""
        fields = {name: getattr(message, name) for name in type(message).model_fields}
        if not text:
            return cast(bytes, msgpack.packb(fields))
        return json.dumps(fields, default=_base64, separators=(",", ":"))

    def _class(self, fields: dict[Any, Any]) -> type[M]:
        """Return the class of a message, all keys of which are known.

        Told here, since pydantic would describe every unknown key before it tells of the first.
        """
        kind = fields.get("type")
        cls = self._classes.get(kind) if isinstance(kind, str) else None
        if cls is None:
            got = str(kind)[:40] if isinstance(kind, str | None) else type(kind).__name__
            raise BadMessage(f"no message of type '{got}'", fix=did_you_mean(got, self._classes))
        for key in fields:
            if key not in cls.model_fields:
                name = str(key[:40])
                fix = did_you_mean(name, cls.model_fields)
                raise BadMessage(f"'{kind}' has no key '{name}'", fix=fix)
        return cls


def client_codec(max_bytes: int = MAX_MESSAGE_BYTES) -> Codec[ClientMessage]:
    """Return the codec of what clients send."""
    return Codec(get_args(ClientMessage), max_bytes, wary=True)


def server_codec() -> Codec[ServerMessage]:
    """Return the codec of what servers send; frames may be larger than inputs."""
    return Codec(get_args(ServerMessage), MAX_FRAME_BYTES, wary=False)


def _unpack(data: bytes) -> Any:
    try:
        measure_msgpack(data)
        return msgpack.unpackb(data, strict_map_key=True, use_list=True, raw=False)
    except (ValueError, msgpack.UnpackException, RecursionError) as error:
        reason = str(error) or type(error).__name__
        raise BadMessage(f"not msgpack: {reason[:120]}", fix="send one msgpack map") from None


def from_json(data: str) -> Any:
    """Return what JSON text holds, pictures in ``image`` and ``inputs`` as bytes; raise BadMessage.

    How much it may hold is bounded; what its texts and numbers are is for ``check``.
    """
    measure_json(data)
    try:
        fields = json.loads(data, parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        reason = str(error) or type(error).__name__
        raise BadMessage(f"not JSON: {reason[:120]}", fix="send one JSON object") from None
    if isinstance(fields, dict):
        if isinstance(fields.get("image"), str):
            fields["image"] = picture_bytes(fields["image"])
        inputs = fields.get("inputs")
        if isinstance(inputs, dict):
            fields["inputs"] = {
                k: picture_bytes(v) if isinstance(v, str) else v for k, v in inputs.items()
            }
    return fields


def picture_bytes(text: str) -> bytes:
    """Return the bytes of base64 text or of a ``data:`` URI."""
    if text.startswith("data:"):
        text = text.partition(",")[2]
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise BadMessage("a picture is not base64", fix="encode pictures in base64") from None


def _base64(value: object) -> str:
    if isinstance(value, bytes):
        return base64.b64encode(value).decode("ascii")
    raise TypeError(f"{type(value).__name__} does not go into JSON")


def _no_constant(name: str) -> Callable[[], None]:
    raise ValueError(f"{name} is not a number")


def json_bytes(fields: Mapping[str, Any]) -> bytes:
    """Return a map as JSON bytes, pictures in base64; for HTTP replies of the same shapes."""
    return json.dumps(fields, default=_base64, separators=(",", ":")).encode()
