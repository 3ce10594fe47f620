"""A track that goes down, in its codec: frames that need those before them, and sound in packets.

What was encoded is sent, in its order: frames are left out before they are made, see ``Outbox``.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Protocol

from livedraft.media.chunks import SECOND, AudioChunk, VideoChunk, microseconds
from livedraft.protocol.tracks import MOVING, OPUS, opus_us

from .pictures import Pictures
from .pieces import Piece, frames, pcm
from .turns import Flow

if TYPE_CHECKING:
    from livedraft.media import codecs

    from ..models.base import Pixels

_BITS_A_PIXEL = 0.1  # of a camera's motion
_BIT_RATES = (150_000, 8_000_000)  # least and most, bit/s
_RATES = (1.0, 60.0)  # frames a second that a bit rate is reckoned for
_GAP_US = 20_000  # by which sound may be off its place and still follow; less than is heard
_SOUND_COST = 10_000  # of a piece of sound; a frame costs its px


class Encoding(Protocol):
    """Makes the pieces of one track."""

    async def pieces(self, chunk: VideoChunk | AudioChunk) -> list[Piece]:
        """Return what goes on the wire for an output of the track's kind."""
        ...

    def key(self) -> None:
        """Let the next frame be one that needs none before it."""
        ...


def encoding(codec: str, pictures: Pictures, flow: Flow) -> Encoding:
    """Return what writes a codec."""
    if codec in MOVING:
        return _Frames(codec, pictures, flow)
    return _Packets(pictures, flow) if codec == OPUS else _Pieces(codec, pictures, flow)


class _Pieces:
    """Frames as pictures one by one, and PCM: nothing needs what was before it."""

    def __init__(self, codec: str, pictures: Pictures, flow: Flow) -> None:
        self._codec = codec
        self._pictures = pictures
        self._flow = flow

    async def pieces(self, chunk: VideoChunk | AudioChunk) -> list[Piece]:
        """Return each frame, or the sound."""
        if isinstance(chunk, AudioChunk):
            return [pcm(chunk)]
        return await frames(chunk, self._codec, self._pictures, self._flow)

    def key(self) -> None:
        """Do nothing: all are."""


class _Frames:
    """Frames that need those before them; the first is a key frame, as is one of another size."""

    def __init__(self, codec: str, pictures: Pictures, flow: Flow) -> None:
        self._codec = codec
        self._pictures = pictures
        self._flow = flow
        self._encoder: codecs.VideoEncoder | None = None
        self._size = (0, 0)
        self._key = True
        self._last = -1  # µs, pts of the newest frame

    def key(self) -> None:
        """Let the next frame be a key frame."""
        self._key = True

    async def pieces(self, chunk: VideoChunk | AudioChunk) -> list[Piece]:
        """Return a packet of each frame; frames with alpha go as WebP, since no packet has it."""
        assert isinstance(chunk, VideoChunk), "the track's kind"
        if chunk.frames.shape[3] == 4:
            return await frames(chunk, "webp", self._pictures, self._flow)
        key, self._key = self._key, False
        try:
            return await self._pictures.work(
                partial(self._encode, chunk, key), flow=self._flow, cost=chunk.frames.size // 3
            )
        except Exception:
            self._encoder, self._key = None, True  # nobody knows what it would go on from
            raise

    def _encode(self, chunk: VideoChunk, key: bool) -> list[Piece]:
        """Encode in a thread; one chunk at a time, as the outbox does."""
        made = []
        length = max(1, chunk.duration // len(chunk))
        for number, (frame, pts) in enumerate(chunk):
            encoder = self._fitting(frame, length)
            self._last = max(self._last + 1, pts)
            packet = encoder.encode(frame, self._last, length, key=key and not number)
            made.append(Piece(pts, length, packet.data, self._codec, packet.key))
        return made

    def _fitting(self, frame: Pixels, length: int) -> codecs.VideoEncoder:
        from livedraft.media.codecs import VideoEncoder

        size = (frame.shape[1], frame.shape[0])
        if self._encoder is None or size != self._size:
            rate = min(max(SECOND / length, _RATES[0]), _RATES[1])
            bits = round(size[0] * size[1] * rate * _BITS_A_PIXEL)
            self._encoder = VideoEncoder(
                self._codec,
                size,
                frame_rate=rate,
                bit_rate=min(max(bits, _BIT_RATES[0]), _BIT_RATES[1]),
            )
            self._size = size
        return self._encoder


class _Packets:
    """Sound in packets of 20 ms of Opus, evenly spaced; what is no whole one waits for the next."""

    def __init__(self, pictures: Pictures, flow: Flow) -> None:
        self._pictures = pictures
        self._flow = flow
        self._row: _Row | None = None

    def key(self) -> None:
        """Do nothing: all are."""

    async def pieces(self, chunk: VideoChunk | AudioChunk) -> list[Piece]:
        """Return the packets that sound completes; more than two channels become two."""
        assert isinstance(chunk, AudioChunk), "the track's kind"
        return await self._pictures.work(
            partial(self._encode, chunk), flow=self._flow, cost=_SOUND_COST
        )

    def _encode(self, chunk: AudioChunk) -> list[Piece]:
        made: list[Piece] = []
        if self._row is not None and not self._row.goes_on(chunk):
            made = self._row.end()
            self._row = None
        if self._row is None:
            self._row = _Row(chunk)
        return made + self._row.push(chunk)


class _Row:
    """Sound without a gap. Packets are placed by their number: the codec's 6.5 ms stay in it."""

    def __init__(self, first: AudioChunk) -> None:
        from livedraft.media.codecs import OpusEncoder

        self._channels = min(2, first.channels)
        self._kind = (first.rate, first.channels)
        self._encoder = OpusEncoder(self._channels)
        self._first = self._pts = first.pts
        self._taken = 0  # samples

    def goes_on(self, chunk: AudioChunk) -> bool:
        due = self._first + microseconds(self._taken, self._kind[0])
        same = (chunk.rate, chunk.channels) == self._kind
        return same and abs(chunk.pts - due) < _GAP_US

    def push(self, chunk: AudioChunk) -> list[Piece]:
        self._taken += len(chunk)
        return [self._piece(packet) for packet in self._encoder.encode(chunk)]

    def end(self) -> list[Piece]:
        return [self._piece(packet) for packet in self._encoder.flush()]

    def _piece(self, packet: codecs.Encoded) -> Piece:
        length = opus_us(packet.data)  # of the last, the silence that fills it, too
        pts, self._pts = self._pts, self._pts + length
        return Piece(pts, length, packet.data, OPUS, rate=48_000, channels=self._channels)
