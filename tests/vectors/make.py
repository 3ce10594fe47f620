"""Write the vectors that every client's tests read: `python -m tests.vectors.make`.

``client.json`` and ``server.json`` hold each message as a map, as msgpack (hex) and as JSON text;
``refused.json`` holds bytes that a receiver must refuse, with the code. In the maps a picture is
``{"hex": …}``. ``pacing.json`` holds traces of when a client sends, see ``pacing.py``.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, cast

import msgpack  # type: ignore[import-untyped]  # ships no types
from tests.vectors import pacing

from livedraft.protocol.codec import client_codec, server_codec
from livedraft.protocol.messages import (
    Ack,
    Cancel,
    Close,
    Error,
    Frame,
    Input,
    Message,
    Note,
    Open,
    Opened,
    ParamsUpdate,
    Ping,
    Pong,
    Queued,
    Refine,
    Stage,
)

HERE = Path(__file__).parent
PICTURE = bytes.fromhex("89504e470d0a1a0a") + bytes(range(24))
PARAMS: dict[str, Any] = {"prompt": "a red fox, Fuchs, 狐", "seed": 2**32 - 1, "strength": 0.6}
MODEL: dict[str, Any] = {
    "id": "echo",
    "title": "Null model",
    "width": 512,
    "height": 512,
    "alpha": False,
    "inputs": [{"name": "sketch", "width": 512, "height": 512, "alpha": False, "required": False}],
    "draft_steps": 1,
    "max_steps": 100,
    "params_schema": {"properties": {"prompt": {"type": "string", "default": ""}}},
}

CLIENT: dict[str, Message] = {
    "open, all defaults": Open(),
    "open, all keys": Open(
        model="echo", params=PARAMS, accept=["image/webp", "image/png"], token="s3cret"
    ),
    "open, resumed": Open(resume="b" * 40),
    "input": Input(id=1, inputs={"sketch": PICTURE}),
    "input with params": Input(id=2, inputs={"sketch": PICTURE}, params=PARAMS),
    "input that removes a picture": Input(id=3, inputs={"sketch": b""}),
    "input of 300 bytes": Input(id=4, inputs={"sketch": bytes(300)}),
    "params": ParamsUpdate(id=128, params={"seed": -1, "on": True, "none": None}),
    "params, nested": ParamsUpdate(id=65536, params={"loras": [{"name": "a", "weight": 0.5}]}),
    "params, long text": ParamsUpdate(id=2**32, params={"prompt": "ä" * 200}),
    "refine": Refine(id=2**53 - 1, params={"steps": 8}),
    "cancel": Cancel(),
    "ack of a frame": Ack(seq=3),
    "ping": Ping(),
    "ping with an id": Ping(id=5),
    "close": Close(),
    "close with a reason": Close(code="done", reason="the tab was closed"),
}

SERVER: dict[str, Message] = {
    "queued": Queued(position=2),
    "opened": Opened(
        session="s1",
        resume="r" * 43,
        model=MODEL,
        params=PARAMS,
        window=2,
        max_message_bytes=8 * 2**20,
        max_pixels=4096 * 4096,
    ),
    "opened, resumed": Opened(
        session="s1",
        resume="q" * 43,
        resumed=True,
        last_id=41,
        model=MODEL,
        params=PARAMS,
        window=2,
        max_message_bytes=8 * 2**20,
        max_pixels=4096 * 4096,
    ),
    "ack of params": Ack(id=7, params={"strength": 0.25}),
    "frame, draft": Frame(
        seq=1,
        id=7,
        stage=Stage.DRAFT,
        model="echo",
        seed=42,
        step=1,
        steps=1,
        params=PARAMS,
        mime="image/png",
        width=512,
        height=512,
        image=PICTURE,
        timings={"queued": 0.5, "prepared": 1.25, "stepped": 9.75, "model": 8.5, "sent": 12.5},
        notes=[
            Note(code="unknown_words", message="…", param="prompt", choices=["a red fox"]),
        ],
        dropped=3,
        batch=2,
    ),
    "frame, final": Frame(
        seq=300,
        id=70000,
        stage=Stage.FINAL,
        model="echo",
        seed=0,
        step=8,
        steps=8,
        params={},
        mime="image/webp",
        width=1,
        height=1,
        image=PICTURE,
        timings={},
    ),
    "error": Error(code="invalid_params", message="seed: too large", fix="at most 4", id=7),
    "error, fatal": Error(code="server_busy", message="no place", retryable=True, fatal=True),
    "pong": Pong(),
    "pong with an id": Pong(id=5),
    "close": Close(code="session_closed", reason="the server drains"),
}


def nested(depth: int) -> bytes:
    """Return an ``error`` with a map nested this deep where text belongs."""
    return b"\x82\xa4type\xa5error\xa4code" + b"\x81\xa1a" * depth + b"\xc0"


def refused() -> dict[str, bytes]:
    """Return what neither end may accept, by what is wrong with it."""
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
        "unknown type": pack({"type": "opne"}),
        "type of another kind": pack({"type": 7}),
        "unknown key": pack({"type": "close", "cod": "done"}),
        "value of another kind": pack({"type": "close", "code": 7}),
        "key that is no text": b"\x81\x01\x02",
        "text that is not UTF-8": b"\x81\xa4type\xa2\xff\xfe",
        "reserved tag": b"\x81\xa4type\xc1",
        "extension": b"\x81\xa4type\xd4\x01\x00",
        "nested 1,000 deep": nested(1000),
    }


def pack(value: Any) -> bytes:
    """Return msgpack."""
    return cast(bytes, msgpack.packb(value))


def vectors() -> dict[str, Any]:
    """Return the content of each file by its name."""
    return {
        "client.json": [_vector(name, message) for name, message in CLIENT.items()],
        "server.json": [_vector(name, message) for name, message in SERVER.items()],
        "refused.json": [
            {"name": name, "msgpack": data.hex(), "code": "bad_message"}
            for name, data in refused().items()
        ],
        "pacing.json": pacing.traces(),
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
    }


def _plain(value: Any) -> Any:
    if isinstance(value, bytes):
        return {"hex": value.hex()}
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    return [_plain(item) for item in value] if isinstance(value, list) else value


if __name__ == "__main__":
    for file, content in vectors().items():
        (HERE / file).write_text(text(content), encoding="utf-8")
