"""A data channel (RFC 8831) as a channel of whole messages, longer ones in parts.

What SCTP carries at once is bounded by what both ends name in ``a=max-message-size`` (RFC 8841,
6), often 64 KiB. So a binary message is one byte, 1 where more of it follows and 0 at its end,
and a part of it; text is whole.
"""

from __future__ import annotations

import asyncio
from collections import deque
from typing import TYPE_CHECKING

from livedraft.errors import BadMessage
from livedraft.protocol.codec import Data

from ..channel import Gone

if TYPE_CHECKING:
    from aiortc import RTCDataChannel

    from ..lines import Lines

LABEL = "livedraft"

_PART_BYTES = 60_000  # under 64 KiB with its first byte
_HIGH_BYTES = 2**20  # not sent yet, from which on who sends waits
_LOW_BYTES = 2**18
_MOST_WAITING = 4096  # messages that came and nobody read: SCTP holds its sender back by bytes only
_BEFORE_A_PLACE = 2**16  # bytes of a message: ``open`` alone is read before there is a place


class DataChannel:
    """An open data channel; ``lines`` are the tracks beside it."""

    def __init__(self, channel: RTCDataChannel, lines: Lines, most_bytes: int) -> None:
        self.lines: Lines | None = lines
        self._channel = channel
        self._most_bytes = most_bytes
        self._wide = False
        self._parts: list[bytes] = []
        self._held = 0  # bytes of parts
        self._waiting = 0  # bytes of messages that came
        self._came: deque[Data] = deque()
        self._arrived = asyncio.Event()
        self._room = asyncio.Event()
        self._room.set()
        self._fault: BadMessage | None = None
        self._over = False
        self._closed = asyncio.Event()
        channel.bufferedAmountLowThreshold = _LOW_BYTES
        channel.on("bufferedamountlow", self._room.set)
        channel.on("message", self._take)
        channel.on("close", self.end)

    async def receive(self) -> Data:
        """Return the next message; raise Gone at the end, BadMessage for what is none."""
        while not self._came:
            if self._fault is not None:
                raise self._fault
            if self._over:
                raise Gone
            self._arrived.clear()
            await self._arrived.wait()
        data = self._came.popleft()
        self._waiting -= len(data)
        return data

    def widen(self) -> None:
        """Let whole messages in."""
        self._wide = True

    async def send(self, data: Data) -> None:
        """Hand a message over, waiting while too much is on its way; raise Gone."""
        if isinstance(data, str):
            await self._hand(data)
            return
        for at in range(0, max(1, len(data)), _PART_BYTES):
            more = at + _PART_BYTES < len(data)
            await self._hand(bytes([more]) + data[at : at + _PART_BYTES])

    async def close(self, code: int, reason: str) -> None:
        """End the channel, once what is on its way has arrived: SCTP resets a stream after it."""
        if not self._over:
            self._channel.close()
            await self._closed.wait()

    def end(self) -> None:
        """Note that nothing more will come."""
        self._over = True
        self._closed.set()
        self._arrived.set()
        self._room.set()

    async def _hand(self, data: Data) -> None:
        await self._room.wait()
        if self._over or self._channel.readyState != "open":
            raise Gone
        self._channel.send(data)
        if self._channel.bufferedAmount > _HIGH_BYTES:
            self._room.clear()

    def _take(self, data: Data) -> None:
        """Take what SCTP brings; after what breaks the rules nothing is taken."""
        if self._fault is not None or self._over:
            return
        self._fault = self._put(data)
        self._arrived.set()

    def _put(self, data: Data) -> BadMessage | None:
        if len(self._came) >= _MOST_WAITING or self._waiting > self._most_bytes:
            return BadMessage("messages come faster than they are read", fix="send fewer")
        if isinstance(data, str):
            self._keep(data)
            return None
        if not data or data[0] > 1:
            return BadMessage(
                "a binary message of a data channel begins with a byte of 0 or 1",
                fix="put 1 before each part of a message but the last, and 0 before that",
            )
        most = self._most_bytes if self._wide else _BEFORE_A_PLACE
        self._held += len(data) - 1
        if self._held > most:
            return BadMessage(f"a message of over {most} bytes", fix="send smaller ones")
        self._parts.append(data[1:])
        if not data[0]:
            self._keep(b"".join(self._parts))
            self._parts, self._held = [], 0
        return None

    def _keep(self, data: Data) -> None:
        self._came.append(data)
        self._waiting += len(data)
