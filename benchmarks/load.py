"""A load generator: many sessions that draw at a fixed rate and time every frame.

A process of its own, so that it takes no time from the server's. It speaks msgpack without the
client's checks and decodes no picture: what it costs is little beside what it measures.
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import json
import socket
import sys
import threading
import time
from dataclasses import asdict, dataclass, field
from typing import Any, cast
from urllib.parse import urlsplit

import msgpack
from websockets.asyncio.client import ClientConnection, connect
from websockets.client import ClientProtocol
from websockets.uri import parse_uri

from .drawing import jpegs


@dataclass(slots=True)
class Load:
    """What a run of the generator found."""

    latencies_ms: list[float] = field(default_factory=list)  # of frames, from their newest input
    inputs: int = 0
    dropped: int = 0  # inputs that newer ones superseded


async def draw(url: str, sessions: int, fps: float, seconds: float, size: int) -> Load:
    """Run sessions evenly out of step; what the first second brings is not counted."""
    pictures = jpegs(size)
    found = Load()
    opened = asyncio.Barrier(sessions)
    await asyncio.gather(
        *(
            _session(url, n / sessions, fps, seconds, pictures, opened, found)
            for n in range(sessions)
        )
    )
    return found


async def _session(
    url: str,
    phase: float,
    fps: float,
    seconds: float,
    pictures: list[bytes],
    opened: asyncio.Barrier,
    found: Load,
) -> None:
    sent: dict[int, float] = {}
    async with connect(endpoint(url), compression=None, ping_interval=None) as line:
        await line.send(packed({"type": "open", "model": "echo"}))
        answer = msgpack.unpackb(await line.recv())
        assert answer["type"] == "opened", answer
        await opened.wait()
        start = time.perf_counter() + phase / fps
        reading = asyncio.create_task(_read(line, sent, start + 1, found))
        for n, picture in enumerate(
            itertools.islice(itertools.cycle(pictures), int(seconds * fps)), 1
        ):
            await asyncio.sleep(start + (n - 1) / fps - time.perf_counter())
            sent[n] = time.perf_counter()
            await line.send(packed(_fields(n, picture)))
        await line.send(packed({"type": "close"}))
        await reading
        found.inputs += len(sent)


async def _read(line: ClientConnection, sent: dict[int, float], after: float, found: Load) -> None:
    async for data in line:
        now = time.perf_counter()
        message = msgpack.unpackb(data)
        if message["type"] == "frame":
            if now >= after:
                found.latencies_ms.append((now - sent[message["id"]]) * 1e3)
                found.dropped += message["dropped"]
            await line.send(packed({"type": "ack", "seq": message["seq"]}))
        else:
            assert message["type"] == "close", message


class StalledReader:
    """A client that draws and never reads: its side of the socket fills up."""

    def __init__(self, url: str, size: int) -> None:
        self._pictures = itertools.cycle(jpegs(size))
        self._sent = 0
        self._protocol = ClientProtocol(parse_uri(endpoint(url)))
        parts = urlsplit(url)
        self._socket = socket.socket()
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        self._socket.connect((parts.hostname, parts.port))
        self._protocol.send_request(self._protocol.connect())
        self._flush()
        while self._protocol.handshake_exc is None and not self._protocol.events_received():
            self._protocol.receive_data(self._socket.recv(4096))
        self._send({"type": "open", "model": "echo"})
        while not self._protocol.events_received():  # opened; the last that is read
            self._protocol.receive_data(self._socket.recv(4096))

    def draw(self, fps: float, until: threading.Event) -> None:
        """Send inputs, read nothing."""
        while not until.wait(1 / fps):
            self._sent += 1
            self._send(_fields(self._sent, next(self._pictures)))

    def close(self) -> None:
        """Break the connection."""
        self._socket.close()

    def _send(self, message: dict[str, Any]) -> None:
        self._protocol.send_binary(packed(message))
        self._flush()

    def _flush(self) -> None:
        for data in self._protocol.data_to_send():
            self._socket.sendall(data)


def _fields(id: int, picture: bytes) -> dict[str, Any]:
    return {"type": "input", "id": id, "inputs": {"sketch": picture}}


def packed(message: dict[str, Any]) -> bytes:
    return cast(bytes, msgpack.packb(message))


def endpoint(url: str) -> str:
    return url.replace("http", "ws", 1) + "/v1/realtime"


def main() -> None:
    """Print what was found as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("url")
    parser.add_argument("--sessions", type=int, default=100)
    parser.add_argument("--fps", type=float, default=10)
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--size", type=int, default=64)
    given = parser.parse_args()
    load = draw(given.url, given.sessions, given.fps, given.seconds, given.size)
    json.dump(asdict(asyncio.run(load)), sys.stdout)


if __name__ == "__main__":
    main()
