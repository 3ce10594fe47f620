"""Servers that no client should wait for: silent, dripping, flapping, lying, and of other kinds."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Any

from tests.fake_server import DEFAULTS, MODEL
from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed
from websockets.typing import Subprotocol

from livedraft.client.terms import Timeouts
from livedraft.protocol import messages as wire
from livedraft.protocol.codec import server_codec

Raw = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
Talk = Callable[[ServerConnection], Awaitable[None]]

CODEC = server_codec()
DRIP_S = 0.005

# Of clients that give up early before a session is open, and late: then the rest is in time.
EARLY = Timeouts(connect_s=0.3, open_s=0.3, queue_s=0.3, generate_s=0.3, close_s=0.1)
LATE = Timeouts(update_s=0.2, frame_s=0.2, refine_s=0.2, close_s=0.1)


@asynccontextmanager
async def raw(talk: Raw) -> AsyncIterator[str]:
    """Serve bytes; yield the address."""

    async def quietly(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await talk(reader, writer)
        except (OSError, asyncio.IncompleteReadError):
            pass  # the client has had enough
        finally:
            writer.transport.abort()

    server = await asyncio.start_server(quietly, "127.0.0.1", 0)
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    finally:
        server.close()


@asynccontextmanager
async def talking(talk: Talk, protocol: str = wire.SUBPROTOCOL) -> AsyncIterator[str]:
    """Serve WebSockets; yield the address."""

    async def quietly(socket: ServerConnection) -> None:
        try:
            await talk(socket)
        except ConnectionClosed:
            pass  # the client has had enough

    async with serve(
        quietly, "127.0.0.1", 0, subprotocols=[Subprotocol(protocol)], close_timeout=0.1
    ) as server:
        port = next(iter(server.sockets)).getsockname()[1]
        try:
            yield f"http://127.0.0.1:{port}"
        finally:
            for socket in list(server.connections):
                socket.transport.abort()


def opened(**fields: Any) -> wire.Opened:
    """Return the message that a sound server sends."""
    sound: dict[str, Any] = {
        "session": "s",
        "resume": "r",
        "model": dict(MODEL),
        "params": dict(DEFAULTS),
        "window": 2,
        "max_message_bytes": 8 * 2**20,
        "max_pixels": 4096**2,
    }
    return wire.Opened(**sound | fields)


def frame(**fields: Any) -> wire.Frame:
    """Return a frame that a sound server could send."""
    sound: dict[str, Any] = {
        "seq": 1,
        "id": 1,
        "stage": wire.Stage.DRAFT,
        "model": "fake",
        "seed": 1,
        "step": 1,
        "steps": 1,
        "params": {},
        "mime": "image/png",
        "width": 1,
        "height": 1,
        "image": b"",
        "timings": {},
    }
    return wire.Frame(**sound | fields)


def saying(*said: bytes | str | wire.ServerMessage, then: str = "mute") -> Talk:
    """Return a server that says this after the first message, then ``mute``, ``drop`` or again."""

    async def talk(socket: ServerConnection) -> None:
        await socket.recv()
        while True:
            for each in said:
                await socket.send(CODEC.encode(each) if isinstance(each, wire.Message) else each)
            if then == "mute":
                await socket.wait_closed()
            if then == "drop":
                socket.transport.abort()
            if then != "again":
                return
            await asyncio.sleep(DRIP_S)

    return talk


def answering(status: str, body: bytes = b"", headers: Mapping[str, str] | None = None) -> Raw:
    """Return a server that answers each request so."""

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        lines = {"Content-Length": str(len(body)), "Connection": "close", **(headers or {})}
        head = f"HTTP/1.1 {status}\r\n" + "".join(f"{k}: {v}\r\n" for k, v in lines.items())
        writer.write(head.encode() + b"\r\n" + body)
        await writer.drain()

    return talk


async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Take everything, say nothing."""
    while await reader.read(2**16):
        pass


async def hangs_up(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Close at once."""


async def garbage(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Say what is no HTTP."""
    writer.write(b"\x00\xff\r\n" * 100)
    await silent(reader, writer)


def dripping(head: bytes) -> Raw:
    """Return a server that begins an answer so and gives the rest byte by byte, without end."""

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(head)
        while True:
            writer.write(b"x")
            await writer.drain()
            await asyncio.sleep(DRIP_S)

    return talk


async def endless(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Send without end, as fast as it goes."""
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/json image/png\r\n\r\n")
    while True:
        writer.write(bytes(2**20))
        await writer.drain()


NESTED = b'{"error": ' + b"[" * 100_000
HTML = {"Content-Type": "text/html"}
JSON = {"Content-Type": "application/json"}
PNG = {"Content-Type": "image/png"}

RAW: dict[str, Raw] = {
    "silent": silent,
    "hangs up": hangs_up,
    "garbage": garbage,
    "drips": dripping(
        b"HTTP/1.1 200 OK\r\nContent-Type: image/png\r\nContent-Length: 99999\r\n\r\n"
    ),
    "drips a head": dripping(b"HTTP/1.1 101 Switching Protocols\r\nX: "),
    "sends without end": endless,
    "another website": answering("200 OK", b"<html>", HTML),
    "no JSON": answering("200 OK", b"{", JSON),
    "JSON of another kind": answering("200 OK", b'{"models": 1}', JSON),
    "models of another kind": answering("200 OK", b'{"models": [{"id": 1}]}', JSON),
    "nested JSON": answering("200 OK", b"[" * 100_000, JSON),
    "no picture": answering("200 OK", b"\x89PNG", PNG),
    "an error that is nested": answering("500 Oops", NESTED, JSON),
    "an error of another kind": answering(
        "400 Bad", json.dumps({"error": {"code": [1], "message": {}, "fix": 7}}).encode(), JSON
    ),
    "a long error": answering(
        "400 Bad",
        json.dumps({"error": {"code": "x", "message": "\x1b" * 10**6, "fix": "y"}}).encode(),
        JSON,
    ),
    "leads elsewhere": answering("302 Found", b"", {"Location": "http://127.0.0.1:9/"}),
    "a body in no encoding": answering("200 OK", b"junk", JSON | {"Content-Encoding": "gzip"}),
}

NEVER_OPENS: dict[str, Talk] = {
    "says nothing": saying(),
    "queues for ever": saying(wire.Queued(position=1), then="again"),
    "queues once": saying(wire.Queued(position=1)),
    "fails for ever": saying(wire.Error(code="engine", message="no"), then="again"),
    "breaks off": saying(then="drop"),
    "no message": saying(b"\xc1"),
    "text": saying("hello"),
    "half a character": saying(b"\x82\xa4type\xa5error\xa4code\xa3\xed\xa0\x80"),
    "too many values": saying(b"\xdd\x00\x7f\xff\xff" * 1000),
    "another version": saying(opened(v=2)),
    "refuses the version": saying(
        wire.Error(code="version_mismatch", message="no", fix="upgrade", fatal=True)
    ),
    "a newer shape": saying(b"\x82\xa4type\xa6queued\xa3eta\x01"),
    "a frame first": saying(frame()),
    "no model": saying(opened(model={})),
    "an unknown error": saying(wire.Error(code="brew", message="teapot", fatal=True)),
    "closes": saying(wire.Close(code="x" * 10**5)),
    "closes as idle": saying(wire.Close(code="idle")),
}

IMAGE = b"\x89PNG\r\n\x1a\n"

OPENS: dict[str, Talk] = {
    "then says nothing": saying(opened()),
    "then breaks off": saying(opened(), then="drop"),
    "a frame, then breaks off": saying(opened(), frame(id=0, image=IMAGE), then="drop"),
    "twice": saying(opened(), opened()),
    "then says it is closed": saying(opened(), wire.Close(code="draining")),
    "then closes as idle": saying(opened(), wire.Close(code="idle")),
    "then no message": saying(opened(), b"\xc1"),
    "then another's acks": saying(opened(), *[wire.Ack(id=9, params={})] * 50),
    "then queued": saying(opened(), *[wire.Queued(position=1)] * 50),
    "a frame of no picture": saying(opened(), frame(id=1, image=IMAGE)),
    "frames backwards": saying(opened(), frame(id=7), frame(id=3)),
    "an id that is the last": saying(opened(last_id=2**53 - 1)),
    "times that are none": saying(opened(), frame(id=1, timings={"sent": float("nan")})),
    "takes no message": saying(opened(max_message_bytes=0)),
}
