"""RTP that goes: outputs of one kind, by our own encoders, at the times of the media clock."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import replace
from fractions import Fraction
from typing import Any, Protocol

import av
from aiortc.mediastreams import MediaStreamError, MediaStreamTrack

from livedraft.media.chunks import SECOND, AudioChunk, Output, VideoChunk
from livedraft.media.codecs.pixels import over
from livedraft.protocol.tracks import OPUS, RTP

from ...clock import Clock
from ..encoding import encoding
from ..picture_pool import PicturePool
from ..pieces import Piece
from ..turns import Flow
from .rate import Rated

CODECS = {"video": "vp8", "audio": OPUS}
KINDS: Mapping[type[Output], str] = {VideoChunk: "video", AudioChunk: "audio"}
_TICK = Fraction(1, SECOND)
_PAPER = (255, 255, 255)  # behind what is clear: RTP's codecs have no alpha
_MOST_WAITING = 256  # packets; the window of a client keeps them fewer, see ``Room``
_MOST_EARLY_US = SECOND  # that a packet waits for its time; more is a clock that jumped


class Pace:
    """When packets of one media clock go out: the first at once, the others at their times.

    So a burst of sound does not fill the other end's jitter buffer, and picture and sound leave
    together. What is late goes at once, and what follows is reckoned from it.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._offset: int | None = None  # µs, of this machine's clock over the media clock

    def wait_s(self, pts: int) -> float:
        """Return how long a packet has to wait."""
        now = round(self._clock() * SECOND)
        if self._offset is None or not now <= pts + self._offset <= now + _MOST_EARLY_US:
            self._offset = now - pts
        return (pts + self._offset - now) / SECOND


class Outgoing(MediaStreamTrack):
    """One track: packets that are encoded already, at their times."""

    def __init__(self, kind: str) -> None:
        super().__init__()
        self.kind = kind
        self.pace: Pace | None = None  # of what goes with sound; else newest is best
        self.lost: Callable[[], None] = lambda: None  # heard when the other end lost a key frame
        self.rated: Rated = lambda share, most: None  # heard when its way bears less, or more
        self._packets: deque[Piece] = deque()
        self._filled = asyncio.Event()

    def key(self) -> None:
        """Hear that the other end needs a key frame."""
        self.lost()

    def rate(self, share: float, most: int) -> None:
        """Hear how much the way to the other end bears."""
        self.rated(share, most)

    def put(self, piece: Piece) -> None:
        """Take a packet to send; where too many wait, all go and a key frame is asked for."""
        if len(self._packets) >= _MOST_WAITING:
            self._packets.clear()
            self.lost()
        self._packets.append(piece)
        self._filled.set()

    def forget(self) -> None:
        """Let go what waits: it is unwanted."""
        self._packets.clear()

    async def recv(self) -> av.Packet[Any]:
        """Return the next packet at its time, as the sender wants it."""
        while not self._packets:
            if self.readyState != "live":
                raise MediaStreamError
            self._filled.clear()
            await self._filled.wait()
        piece = self._packets.popleft()
        wait_s = self.pace.wait_s(piece.pts) if self.pace is not None else 0.0
        if wait_s > 0:
            await asyncio.sleep(wait_s)
        packet: av.Packet[Any] = av.Packet(piece.data)
        packet.pts, packet.time_base = piece.pts, _TICK
        return packet

    def stop(self) -> None:
        """End."""
        super().stop()
        self._filled.set()


class Way(Protocol):
    """Where packets go."""

    def put(self, piece: Piece) -> None:
        """Take a packet."""
        ...

    def forget(self) -> None:
        """Let go what waits."""
        ...


class Packing:
    """An encoding whose packets go by RTP; what is told of them has no bytes."""

    def __init__(self, kind: str, way: Way, pictures: PicturePool, flow: Flow) -> None:
        self._inner = encoding(CODECS[kind], pictures, flow)
        self._way = way

    async def pieces(self, chunk: VideoChunk | AudioChunk) -> list[Piece]:
        """Send an output; return what messages tell of it."""
        if isinstance(chunk, VideoChunk) and chunk.frames.shape[3] == 4:
            chunk = replace(chunk, frames=over(chunk.frames, _PAPER))
        made = await self._inner.pieces(chunk)
        for piece in made:
            self._way.put(piece)
        return [replace(piece, data=b"", codec=RTP) for piece in made]

    def key(self) -> None:
        """Let the next frame be a key frame."""
        self._inner.key()

    def rate(self, share: float, most: int) -> None:
        """Take so much of the bit rate, and at most so many bit/s; 0: no bound."""
        self._inner.rate(share, most)

    def forget(self) -> None:
        """Begin anew: some of what was made is not sent, and what waits is unwanted."""
        self._way.forget()
        self._inner.forget()
