"""A client of talking heads that times all that comes: it speaks msgpack and decodes nothing."""

from __future__ import annotations

import asyncio
import itertools
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

import msgpack
import numpy as np
from numpy.typing import NDArray
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosedOK

from .load import endpoint, packed

RATE = 24_000  # Hz, of what is said
PIECE_S = 0.02  # of sound that is sent at once, as a microphone gives it
FEATURES = ["media", "talk"]

Sound = NDArray[np.int16]  # (n,), mono at RATE


@dataclass(frozen=True, slots=True)
class Piece:
    """What came, and when."""

    at: float  # s, by ``time.perf_counter``
    kind: str  # video or audio
    pts: int  # µs on the media clock
    data: bytes
    about: dict[str, Any]


@dataclass
class Talk:
    """One session: what it sends, and all that came so far."""

    line: ClientConnection
    pieces: list[Piece] = field(default_factory=list)
    failed: list[dict[str, Any]] = field(default_factory=list)
    _ids: itertools.count[int] = field(default_factory=lambda: itertools.count(1))
    _pts: int = 0  # µs, of the next piece of speech

    async def begin(self, portrait: bytes = b"", **params: object) -> None:
        """Have the head appear: with a portrait, a JPEG, or as its params say."""
        message: dict[str, Any] = {"type": "params", "id": next(self._ids), "params": params}
        if portrait:
            message = {**message, "type": "input", "inputs": {"portrait": portrait}}
        await self.line.send(packed(message))

    async def say(self, sound: Sound) -> float:
        """Send speech as it is spoken, in its own time; return when the first piece went."""
        begun = time.perf_counter()
        count = round(PIECE_S * RATE)
        for number, start in enumerate(range(0, len(sound), count)):
            await asyncio.sleep(begun + number * PIECE_S - time.perf_counter())
            await self.hand(sound[start : start + count])
        return begun

    async def hand(self, sound: Sound) -> None:
        """Send speech at once."""
        duration = 1_000_000 * len(sound) // RATE
        message = {"type": "media", "track": "speech", "id": next(self._ids), "pts": self._pts}
        self._pts += duration
        told = {"duration": duration, "codec": "pcm-s16", "rate": RATE, "channels": 1}
        await self.line.send(packed({**message, **told, "data": sound.tobytes()}))

    async def interrupt(self) -> float:
        """Interrupt it; return when."""
        await self.line.send(packed({"type": "interrupt", "id": next(self._ids)}))
        return time.perf_counter()

    async def until(self, count: int, kind: str = "video", within_s: float = 20.0) -> None:
        """Wait until so many pieces of a kind came in all."""
        async with asyncio.timeout(within_s):
            while sum(piece.kind == kind for piece in self.pieces) < count:
                await asyncio.sleep(0.005)

    async def alive(self, within_s: float = 20.0) -> None:
        """Wait until the face moves: until a portrait is prepared its picture stands still."""
        async with asyncio.timeout(within_s):
            while len({piece.data for piece in self.pieces[-6:] if piece.kind == "video"}) < 3:
                await asyncio.sleep(0.005)

    async def shown(self, what: str, count: int, since: int, told: str = "state") -> None:
        """Wait until so many frames told something of the head, among pieces from one on."""
        async with asyncio.timeout(20):
            while sum(piece.about.get(told) == what for piece in self.pieces[since:]) < count:
                await asyncio.sleep(0.005)

    async def read(self) -> None:
        """Take and confirm what comes, until the line ends."""
        with suppress(ConnectionClosedOK):
            async for data in self.line:
                await self._take(time.perf_counter(), msgpack.unpackb(data))

    async def _take(self, now: float, message: dict[str, Any]) -> None:
        if message["type"] == "media":
            kind = "audio" if message["codec"] == "pcm-s16" else "video"
            about = message.get("about", {})
            self.pieces.append(Piece(now, kind, message["pts"], message["data"], about))
            await self.line.send(packed({"type": "ack", "seq": message["seq"]}))
        elif message["type"] == "error":
            self.failed.append(message)


@asynccontextmanager
async def talking(url: str, model: str = "head") -> AsyncIterator[Talk]:
    """Open a session; raise RuntimeError for what went wrong in it."""
    async with connect(endpoint(url), compression=None, ping_interval=None, max_size=None) as line:
        await line.send(packed({"type": "open", "model": model, "features": FEATURES}))
        answer = msgpack.unpackb(await line.recv())
        if answer["type"] != "opened":
            raise RuntimeError(f"no session: {answer}")
        talk = Talk(line)
        reading = asyncio.create_task(talk.read())
        try:
            yield talk
        finally:
            await line.send(packed({"type": "close"}))
            await reading
        if talk.failed:
            raise RuntimeError(f"the session failed: {talk.failed[0]}")
