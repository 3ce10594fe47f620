"""Pictures that lack a packet: it is asked for again, or they go on behind it.

aiortc asks once for what it finds missing, and then holds up to 512 packets back: several seconds.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

from aiortc import RTCPeerConnection

from .reception import at, begins_key

_LOOK_S = 0.1  # and so long is waited for what was asked for
_KEY_AFTER_S = 0.3  # of waiting, from when on a key frame will do
_KEY_EVERY_S = 0.5
_MOST_AGAIN = 128  # packets asked for at once


async def mend(pc: RTCPeerConnection) -> None:
    """Look after all pictures that come to a peer, until cancelled.

    What waits is in ``RTCRtpReceiver``'s buffer, which also asks; a test fails where it no longer
    is, or does.
    """
    heads: dict[Any, Head] = {}
    while True:
        await asyncio.sleep(_LOOK_S)
        for receiver in pc.getReceivers():
            if receiver.track is not None and receiver.track.kind == "video":
                if receiver not in heads:
                    heads[receiver] = Head(receiver)
                await heads[receiver].look()


class Head:
    """What a receiver holds back."""

    def __init__(self, receiver: Any) -> None:
        self._receiver = receiver
        self._buffer = receiver._RTCRtpReceiver__jitter_buffer
        self._number: int | None = None  # of the first packet that waits
        self._waited_s = self._asked_s = 0.0

    async def look(self) -> None:
        """Ask for what lacks since the last look, or go on behind it."""
        buffer = self._buffer
        moved = buffer._origin != self._number  # which is cheaper to see than what lacks
        there = {} if moved else dict(self._waiting())
        lost = [place for place in range(max(there, default=0)) if place not in there]
        if not lost:
            self._number = buffer._origin
            self._waited_s, self._asked_s = 0.0, -_KEY_EVERY_S
            return
        self._waited_s += _LOOK_S
        source = next(iter(there.values())).ssrc
        if self._waited_s >= _KEY_AFTER_S:
            behind = (place for place in there if place > lost[0])
            key = next((place for place in behind if _begins_key(there[place])), None)
            if key is not None:
                buffer.remove(key)
                return
            if self._waited_s - self._asked_s >= _KEY_EVERY_S:
                self._asked_s = self._waited_s
                await self._receiver._send_rtcp_pli(source)
        numbers = sorted((buffer._origin + place) % 2**16 for place in lost[:_MOST_AGAIN])
        await self._receiver._send_rtcp_nack(source, numbers)

    def _waiting(self) -> Iterator[tuple[int, Any]]:
        """Yield packets with their places behind the one that is waited for."""
        for place in range(self._buffer.capacity):
            if (packet := at(self._buffer, place)) is not None:
                yield place, packet


def _begins_key(packet: Any) -> bool:
    """Tell whether a key frame begins here: of VP8 (RFC 7741, 4.2), or of H.264."""
    payload, data = packet.payload, packet._data
    if not payload or not data:
        return False
    if data[:3] == b"\0\0\0" or data[:3] == b"\0\0\1":
        return begins_key("video/h264", data)
    return payload[0] & 0x1F == 0x10 and begins_key("video/vp8", data)
