"""Bytes or text to message and back: msgpack maps, or the same as JSON with base64 pictures."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from typing import Annotated, Any, Generic, TypeVar, cast, get_args

import msgpack  # type: ignore[import-untyped]  # ships no types
from pydantic import Field, TypeAdapter, ValidationError

from livedraft.errors import BadMessage, did_you_mean

from .messages import ClientMessage, Message, ServerMessage

MAX_MESSAGE_BYTES = 8 * 2**20

M = TypeVar("M", bound=Message)
Data = bytes | str


class Codec(Generic[M]):
    """Encode and decode one direction of the protocol."""

    def __init__(
        self, adapter: TypeAdapter[M], classes: Iterable[type[Message]], max_bytes: int
    ) -> None:
        self.max_bytes = max_bytes
        self._adapter = adapter
        self._classes = {cls.model_fields["type"].default: cls for cls in classes}

    def decode(self, data: Data) -> M:
        """Return the message in a binary (msgpack) or text (JSON) frame; raise BadMessage."""
        if len(data) > self.max_bytes:
            raise BadMessage(
                f"message of {len(data)} bytes", fix=f"send at most {self.max_bytes} bytes"
            )
        fields = _unpack(data) if isinstance(data, bytes) else _unjson(data)
        if not isinstance(fields, dict):
            raise BadMessage("a message is a map", fix="send a map with the key 'type'")
        try:
            return self._adapter.validate_python(fields)
        except ValidationError as error:
            raise self._refusal(fields, error) from None

    def encode(self, message: M, *, text: bool = False) -> Data:
        """Return the message as msgpack bytes, or as JSON text."""
        fields = {name: getattr(message, name) for name in type(message).model_fields}
        if not text:
            return cast(bytes, msgpack.packb(fields))
        return json.dumps(fields, default=_base64, separators=(",", ":"))

    def _refusal(self, fields: dict[Any, Any], error: ValidationError) -> BadMessage:
        first = error.errors(include_url=False, include_input=False)[0]
        where = [str(part) for part in first["loc"][1:]]
        cls = self._classes.get(str(fields.get("type")))
        if cls is None:
            got = str(fields.get("type"))[:40]
            return BadMessage(f"no message of type '{got}'", fix=did_you_mean(got, self._classes))
        if first["type"] == "extra_forbidden":
            fix = did_you_mean(where[0], cls.model_fields)
            return BadMessage(f"'{fields['type']}' has no key '{where[0][:40]}'", fix=fix)
        return BadMessage(f"{fields['type']}.{'.'.join(where)[:80]}: {first['msg']}")


def client_codec(max_bytes: int = MAX_MESSAGE_BYTES) -> Codec[ClientMessage]:
    """Return the codec of what clients send."""
    return Codec(_client_adapter(), get_args(ClientMessage), max_bytes)


def server_codec(max_bytes: int = 64 * 2**20) -> Codec[ServerMessage]:
    """Return the codec of what servers send; frames may be larger than inputs."""
    return Codec(_server_adapter(), get_args(ServerMessage), max_bytes)


@cache  # building one takes milliseconds
def _client_adapter() -> TypeAdapter[ClientMessage]:
    return TypeAdapter(Annotated[ClientMessage, Field(discriminator="type")])


@cache
def _server_adapter() -> TypeAdapter[ServerMessage]:
    return TypeAdapter(Annotated[ServerMessage, Field(discriminator="type")])


def _unpack(data: bytes) -> Any:
    try:
        return msgpack.unpackb(data, strict_map_key=True, use_list=True, raw=False)
    except (ValueError, msgpack.UnpackException, RecursionError) as error:
        reason = str(error) or type(error).__name__
        raise BadMessage(f"not msgpack: {reason[:120]}", fix="send one msgpack map") from None


def _unjson(data: str) -> Any:
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
