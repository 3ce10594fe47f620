"""RTP that goes: outputs of one kind, by our own encoders, at the times of the media clock."""

from __future__ import annotations

import asyncio
from collections import deque
from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import av
from aiortc.mediastreams import MediaStreamError, MediaStreamTrack

from livedraft.media.chunks import SECOND, AudioChunk, VideoChunk
from livedraft.media.codecs.pixels import over
from livedraft.protocol.tracks import OPUS, RTP

from ...clock import Clock
from ..encoding import encoding
from ..picture_pool import PicturePool
from ..pieces import Piece
from ..turns import Flow

if TYPE_CHECKING:
    from ..encoding import Encoding

CODECS = {"video": "vp8", "audio": OPUS}
_TICK = Fraction(1, SECOND)
_PAPER = (255, 255, 255)  # behind what is clear: RTP's codecs have no alpha
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
    """One track: what the session made of its kind, as packets that are encoded already."""

    def __init__(self, kind: str) -> None:
        super().__init__()
        self.kind = kind
        self.pace: Pace | None = None  # of what goes with sound; else newest is best
        self._packets: deque[Piece] = deque()  # the client's window bounds them, see ``Room``
        self._filled = asyncio.Event()
        self._line: _Packing | None = None

    def key(self) -> None:
        """Let the next frame be a key frame: the other end lost one."""
        if self._line is not None:
            self._line.key()

    def line(self, pictures: PicturePool, flow: Flow) -> Encoding:
        """Return what puts outputs on this track."""
        self._line = _Packing(encoding(CODECS[self.kind], pictures, flow), self)
        return self._line

    def put(self, piece: Piece) -> None:
        """Take a packet to send."""
        self._packets.append(piece)
        self._filled.set()

    def forget(self) -> None:
        """Let go what waits: it is unwanted."""
        self._packets.clear()

    async def recv(self) -> av.Packet[Any]:
        """Return the next packet at its time, as the sender wants it."""
        while True:
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


class _Packing:
    """An encoding whose packets go over the track; what is told of them has no bytes."""

    def __init__(self, inner: Encoding, track: Outgoing) -> None:
        self._inner = inner
        self._track = track

    async def pieces(self, chunk: VideoChunk | AudioChunk) -> list[Piece]:
        """Send an output; return what messages tell of it."""
        if isinstance(chunk, VideoChunk) and chunk.frames.shape[3] == 4:
            chunk = replace(chunk, frames=over(chunk.frames, _PAPER))
        made = await self._inner.pieces(chunk)
        for piece in made:
            self._track.put(piece)
        return [replace(piece, data=b"", codec=RTP) for piece in made]

    def key(self) -> None:
        """Let the next frame be a key frame."""
        self._inner.key()

    def forget(self) -> None:
        """Begin anew: some of what was made is not sent, and what waits is unwanted."""
        self._track.forget()
        self._inner.forget()
