"""Bytes or text to message and back: msgpack maps, or the same as JSON with base64 pictures."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Generic, TypeVar, cast, get_args

import msgpack
from pydantic import ValidationError

from livedraft.errors import BadMessage, did_you_mean

from .messages import ClientMessage, Message, ServerMessage, Unknown
from .values import check, measure_json, measure_msgpack

MAX_MESSAGE_BYTES = 8 * 2**20
MAX_FRAME_BYTES = 64 * 2**20  # of what a server sends

M = TypeVar("M", bound=Message)
Data = bytes | str


class Codec(Generic[M]):
    """Encode and decode one direction of the protocol.

    Of a client each value is checked, and a word that is not known is refused with the one that
    may be meant. A server may be newer than its client: where ``unknown`` is given, it stands for
    messages of a type that is not known, and keys that are not known are passed over.
    """

    def __init__(
        self, classes: Iterable[type[M]], max_bytes: int, *, unknown: type[M] | None = None
    ) -> None:
        self.max_bytes = max_bytes
        self._classes = {cls.model_fields["type"].default: cls for cls in classes}
        self._unknown = unknown

    def decode(self, data: Data) -> M:
        """Return the message in a binary (msgpack) or text (JSON) frame; raise BadMessage.

        What it costs in time and memory is bounded by the size of ``data``, whatever that is.
        """
        if len(data) > self.max_bytes:
            raise BadMessage(
                f"message of {len(data)} bytes", fix=f"send at most {self.max_bytes} bytes"
            )
        fields = unpacked(data) if isinstance(data, bytes) else from_json(data)
        if not isinstance(fields, dict):
            raise BadMessage("a message is a map", fix="send a map with the key 'type'")
        if self._unknown is None:
            check(fields)
        kind = fields.get("type")
        cls = self._classes.get(kind) if isinstance(kind, str) else None
        if cls is None:
            return self._of_no_class(kind)
        try:
            return cls.model_validate(self._known(cls, fields))
        except ValidationError as error:
            first = error.errors(include_url=False, include_context=False, include_input=False)[0]
            where = ".".join(str(part)[:40] for part in first["loc"])[:80]
            raise BadMessage(
                f"{fields['type']}.{where}: {first['msg'][:200]}",
                fix="send it as docs/reference/protocol.md describes it",
            ) from None

    def encode(self, message: M, *, text: bool = False) -> Data:
        """Return the message as msgpack bytes, or as JSON text."""
        later = {n: type(message).model_fields[n].default for n in message.later}
        fields = {name: getattr(message, name) for name in type(message).model_fields}
        fields = {n: v for n, v in fields.items() if n not in later or v != later[n]}
        if not text:
            return cast(bytes, msgpack.packb(fields))
        return json.dumps(fields, default=_base64, separators=(",", ":"))

    def _of_no_class(self, kind: object) -> M:
        if self._unknown is not None and isinstance(kind, str):
            return self._unknown.model_validate({"type": kind[:40]})
        got = str(kind)[:40] if isinstance(kind, str | None) else type(kind).__name__
        raise BadMessage(f"no message of type '{got}'", fix=did_you_mean(got, self._classes))

    def _known(self, cls: type[M], fields: dict[Any, Any]) -> dict[Any, Any]:
        """Return the keys of a message that are known; raise BadMessage where all have to be.

        Told here, since pydantic would describe every unknown key before it tells of the first.
        """
        strange = [key for key in fields if key not in cls.model_fields]
        if self._unknown is not None:
            return {key: value for key, value in fields.items() if key in cls.model_fields}
        if strange:
            name = str(strange[0])[:40]
            fix = did_you_mean(name, cls.model_fields)
            raise BadMessage(f"'{fields['type']}' has no key '{name}'", fix=fix)
        return fields


def client_codec(max_bytes: int = MAX_MESSAGE_BYTES) -> Codec[ClientMessage]:
    """Return the codec of what clients send."""
    return Codec(get_args(ClientMessage), max_bytes)


def server_codec() -> Codec[ServerMessage]:
    """Return the codec of what servers send; frames may be larger than inputs."""
    known = [cls for cls in get_args(ServerMessage) if cls is not Unknown]
    return Codec(known, MAX_FRAME_BYTES, unknown=Unknown)


def unpacked(data: bytes) -> Any:
    """Return what msgpack holds; raise BadMessage. How much it may hold is bounded."""
    try:
        measure_msgpack(data)
        return msgpack.unpackb(data, strict_map_key=True, use_list=True, raw=False)
    except (ValueError, msgpack.UnpackException, RecursionError) as error:
        reason = str(error) or type(error).__name__
        raise BadMessage(f"not msgpack: {reason[:120]}", fix="send one msgpack map") from None


def from_json(data: str) -> Any:
    """Return what JSON text holds, ``image``, ``data`` and ``inputs`` as bytes; raise BadMessage.

    How much it may hold is bounded; what its texts and numbers are is for ``check``.
    """
    measure_json(data)
    try:
        fields = json.loads(data, parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        reason = str(error) or type(error).__name__
        raise BadMessage(f"not JSON: {reason[:120]}", fix="send one JSON object") from None
    if isinstance(fields, dict):
        for name in ("image", "data"):
            if isinstance(fields.get(name), str):
                fields[name] = picture_bytes(fields[name])
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
