"""Outputs of one kind as RTP carries them: encoded and cut into packets once, whoever gets them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any, Protocol

import av
from aiortc.codecs.h264 import H264Encoder
from aiortc.codecs.vpx import Vp8Encoder

from livedraft.media.chunks import SECOND, AudioChunk, Output, VideoChunk
from livedraft.media.codecs.pixels import over
from livedraft.protocol.tracks import OPUS, RTP

from ..encoding import encoding
from ..picture_pool import PicturePool
from ..pieces import Piece
from ..turns import Flow
from .pace import Pace

CODECS = {"video": "vp8", "audio": OPUS}
KINDS: Mapping[type[Output], str] = {VideoChunk: "video", AudioChunk: "audio"}
_TICK = Fraction(1, SECOND)
_OPUS_HZ = 48_000  # RTP's ticks of it (RFC 7587, 4.1)
_KEY_EVERY_US = 300_000  # at most: they cost the other frames their bits
_PAPER = (255, 255, 255)  # behind what is clear: RTP's codecs have no alpha


@dataclass(frozen=True, slots=True)
class Parcel:
    """What belongs to one moment: a frame, or a packet of sound."""

    pts: int  # µs
    ticks: int  # the same, of RTP's clock
    payloads: list[bytes]  # each of one packet


class Way(Protocol):
    """Where parcels go."""

    def put(self, parcel: Parcel) -> None:
        """Take a parcel."""
        ...

    def forget(self) -> None:
        """Let go what waits."""
        ...


class Packing:
    """An encoding whose packets go by RTP; what is told of them has no bytes."""

    def __init__(self, codec: str, way: Way, pictures: PicturePool, flow: Flow, pace: Pace) -> None:
        self._inner = encoding(codec, pictures, flow)
        self._cut = _Sound() if codec == OPUS else _Frames(codec)
        self._way = way
        self._pace = pace
        self._wanted, self._keyed = False, -_KEY_EVERY_US  # a key frame; when the last one was

    async def pieces(self, chunk: VideoChunk | AudioChunk) -> list[Piece]:
        """Send an output; return what messages tell of it."""
        if isinstance(chunk, VideoChunk) and chunk.frames.shape[3] == 4:
            chunk = replace(chunk, frames=over(chunk.frames, _PAPER))
        if self._wanted and not 0 <= chunk.pts - self._keyed < _KEY_EVERY_US:
            self._wanted, self._keyed = False, chunk.pts
            self._inner.key()
        made = await self._inner.pieces(chunk)
        self._pace.made(chunk)
        for piece in made:
            self._way.put(self._cut.parcel(piece))
        return [replace(piece, data=b"", codec=RTP) for piece in made]

    def key(self) -> None:
        """Let a frame soon be a key frame, however many of those who view ask for one."""
        self._wanted = True

    def rate(self, share: float, most: int) -> None:
        """Take so much of the bit rate, and at most so many bit/s; 0: no bound."""
        self._inner.rate(share, most)

    def forget(self) -> None:
        """Begin anew: some of what was made is not sent, and what waits is unwanted."""
        self._way.forget()
        self._inner.forget()


class _Frames:
    """Frames of VP8, with their numbers (RFC 7741), or of H.264 (RFC 6184)."""

    def __init__(self, codec: str) -> None:
        self._inner: Vp8Encoder | H264Encoder = Vp8Encoder() if codec == "vp8" else H264Encoder()

    def parcel(self, piece: Piece) -> Parcel:
        packet: av.Packet[Any] = av.Packet(piece.data)
        packet.pts, packet.time_base = piece.pts, _TICK
        payloads, ticks = self._inner.pack(packet)
        return Parcel(piece.pts, ticks, payloads)


class _Sound:
    """Packets of Opus as they are (RFC 7587)."""

    def parcel(self, piece: Piece) -> Parcel:
        return Parcel(piece.pts, piece.pts * _OPUS_HZ // SECOND, [piece.data])
