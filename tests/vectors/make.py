"""Write the vectors that every client's tests read: `python -m tests.vectors.make`.

``client.json`` and ``server.json`` hold each message as a map, as msgpack (hex) and as JSON text;
``newer.json`` holds what a client must read of a server that is newer than it, null for nothing;
``refused.json`` holds bytes that a receiver must refuse, with the code; ``by`` says whether both
ends or the server alone. In the maps a picture is ``{"hex": …}``. ``pacing.json`` holds traces of
when a client sends, see ``pacing.py``; ``marks.json`` what marks a picture that a model made.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, cast

import msgpack
from tests.vectors import pacing
from tests.vectors.samples import CLIENT, SERVER

from livedraft.media import marks
from livedraft.protocol.codec import client_codec, server_codec
from livedraft.protocol.messages import Message, Unknown

HERE = Path(__file__).parent


def nested(depth: int) -> bytes:
    """Return an ``error`` with a map nested this deep where text belongs."""
    return b"\x82\xa4type\xa5error\xa4code" + b"\x81\xa1a" * depth + b"\xc0"


def newer() -> dict[str, dict[str, Any]]:
    """Return messages of a server that knows more than these clients, by what it knows more."""
    closed = {"type": "close", "code": "done", "reason": ""}
    return {
        "a key": closed | {"again_in_s": 60},
        "a key that holds a map": closed | {"why": {"a": [1]}},
        "a type": {"type": "weather", "sun": True},
    }


def refused() -> dict[str, bytes]:
    """Return what no end may accept, by what is wrong with it."""
    whole = pack({"type": "close", "code": "done"})
    return {
        "nothing": b"",
        "cut off": whole[:-2],
        "cut off in a length": b"\xdb\x00",
        "a text longer than the message": b"\x81\xa4type\xdb\xff\xff\xff\xff",
        "a list longer than the message": b"\xdd\xff\xff\xff\xff",
        "bytes too many": whole + b"\xc0",
        "no map": pack([1, 2]),
        "no type": pack({"code": "done"}),
        "type of another kind": pack({"type": 7}),
        "value of another kind": pack({"type": "close", "code": 7}),
        "key that is no text": b"\x81\x01\x02",
        "text that is not UTF-8": b"\x81\xa4type\xa2\xff\xfe",
        "reserved tag": b"\x81\xa4type\xc1",
        "extension": b"\x81\xa4type\xd4\x01\x00",
        "nested 1,000 deep": nested(1000),
    }


def refused_by_servers() -> dict[str, bytes]:
    """Return what a server refuses and a client passes over, by what is wrong with it."""
    return {
        "unknown type": pack({"type": "opne"}),
        "unknown key": pack({"type": "close", "cod": "done"}),
    }


def pack(value: Any) -> bytes:
    """Return msgpack."""
    return cast(bytes, msgpack.packb(value))


def vectors() -> dict[str, Any]:
    """Return the content of each file by its name."""
    return {
        "client.json": [_vector(name, message) for name, message in CLIENT.items()],
        "server.json": [_vector(name, message) for name, message in SERVER.items()],
        "newer.json": [_of_newer(name, fields) for name, fields in newer().items()],
        "refused.json": [
            {"name": name, "msgpack": data.hex(), "code": "bad_message", "by": by}
            for by, found in (("both", refused()), ("server", refused_by_servers()))
            for name, data in found.items()
        ],
        "pacing.json": pacing.traces(),
        "marks.json": {"png": marks.PNG_KEYWORD + "\0" * 5 + marks.xmp({}).decode()},
    }


def text(content: Any) -> str:
    """Return a file's content as it is written."""
    return json.dumps(content, ensure_ascii=False, indent=1) + "\n"


def _vector(name: str, message: Message) -> dict[str, Any]:
    codec: Any = server_codec() if name in SERVER and SERVER[name] is message else client_codec()
    data, json_text = codec.encode(message), codec.encode(message, text=True)
    assert codec.decode(data) == message == codec.decode(json_text)
    return {
        "name": name,
        "message": _plain(msgpack.unpackb(data)),
        "msgpack": data.hex(),
        "json": json_text,
    } | ({"whole_floats": True} if _whole_floats(message.model_dump()) else {})


def _whole_floats(value: Any) -> bool:
    """Say whether there are such as JavaScript would write as integers."""
    if isinstance(value, dict | list):
        return any(map(_whole_floats, value.values() if isinstance(value, dict) else value))
    return isinstance(value, float) and value.is_integer()


def _of_newer(name: str, fields: dict[str, Any]) -> dict[str, Any]:
    read = server_codec().decode(pack(fields))
    told = None if isinstance(read, Unknown) else _plain(read.model_dump())
    return {"name": name, "msgpack": pack(fields).hex(), "read": told}


def _plain(value: Any) -> Any:
    if isinstance(value, bytes):
        return {"hex": value.hex()}
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    return [_plain(item) for item in value] if isinstance(value, list) else value


if __name__ == "__main__":
    for file, content in vectors().items():
        (HERE / file).write_text(text(content), encoding="utf-8")
