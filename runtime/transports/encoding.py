"""A track that goes down, in its codec: frames that need those before them, and sound in packets.

What was encoded is sent, in its order: frames are left out before they are made, see ``Outbox``.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Protocol

from livedraft.errors import InvalidMedia, LivedraftError, ModelFailed
from livedraft.media.chunks import AudioChunk, Output, VideoChunk
from livedraft.protocol.tracks import MOVING, OPUS

from ..engine.faults import unexpected
from .picture_pool import PicturePool
from .pieces import Piece, frames, pcm
from .turns import Flow

if TYPE_CHECKING:
    from livedraft.media import codecs

_ANOTHER = "have the model make it smaller, or ask for another codec"
_SOUND_COST = 10_000  # of a piece of sound; a frame costs its px


class Encoding(Protocol):
    """Makes the pieces of one track."""

    async def pieces(self, chunk: VideoChunk | AudioChunk) -> list[Piece]:
        """Return what goes on the wire for an output of the track's kind."""
        ...

    def key(self) -> None:
        """Let the next frame be one that needs none before it."""
        ...

    def rate(self, share: float, most: int) -> None:
        """Take a share of the bit rate, 0 to 1, and at most so many bit/s; 0: no bound."""
        ...

    def forget(self) -> None:
        """Begin anew: some of what was made is not sent."""
        ...


def encoding(codec: str, pictures: PicturePool, flow: Flow) -> Encoding:
    """Return what writes a codec."""
    if codec in MOVING:
        return _Frames(codec, pictures, flow)
    return _Packets(pictures, flow) if codec == OPUS else _Pieces(codec, pictures, flow)


class _Pieces:
    """Frames as pictures one by one, and PCM: nothing needs what was before it."""

    def __init__(self, codec: str, pictures: PicturePool, flow: Flow) -> None:
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

    def rate(self, share: float, most: int) -> None:
        """Do nothing: each piece is as large as it is."""

    def forget(self) -> None:
        """Do nothing: each piece is made by itself."""


class _Frames:
    """Frames that need those before them; the first is a key frame, as is one of another size."""

    def __init__(self, codec: str, pictures: PicturePool, flow: Flow) -> None:
        self._codec = codec
        self._pictures = pictures
        self._flow = flow
        self._film: codecs.Film | None = None
        self._key = False
        self._rate = (1.0, 0)

    def key(self) -> None:
        """Let the next frame be a key frame."""
        self._key = True

    def rate(self, share: float, most: int) -> None:
        """Have frames take so much from the next one on."""
        self._rate = (share, most)

    def forget(self) -> None:
        """Let the next frame need none of those that are not sent."""
        self._key = True

    async def pieces(self, chunk: VideoChunk | AudioChunk) -> list[Piece]:
        """Return a packet of each frame; frames with alpha go as WebP, since no packet has it."""
        assert isinstance(chunk, VideoChunk), "the track's kind"
        if chunk.frames.shape[3] == 4:
            return await frames(chunk, "webp", self._pictures, self._flow)
        return await self._pictures.work(
            partial(self._encode, chunk), flow=self._flow, cost=chunk.frames.size // 3
        )

    def _encode(self, chunk: VideoChunk) -> list[Piece]:
        """Encode in a thread; one chunk at a time, as the outbox does."""
        from livedraft.media.codecs import Film

        film = self._film = self._film or Film(self._codec)
        film.rate(*self._rate)
        if self._key:
            self._key = False
            film.key()
        length = max(1, chunk.duration // len(chunk))
        made = (film.encode(frame, pts, length) for frame, pts in chunk)
        return [Piece(each.pts, length, each.data, self._codec, each.key) for each in made]


class _Packets:
    """Sound in packets of Opus."""

    def __init__(self, pictures: PicturePool, flow: Flow) -> None:
        self._pictures = pictures
        self._flow = flow
        self._packets: codecs.Packets | None = None

    def key(self) -> None:
        """Do nothing: all are."""

    def rate(self, share: float, most: int) -> None:
        """Do nothing: each piece is as large as it is."""

    def forget(self) -> None:
        """Let go what is no whole packet yet."""
        self._packets = None

    async def pieces(self, chunk: VideoChunk | AudioChunk) -> list[Piece]:
        """Return the packets that sound completes."""
        assert isinstance(chunk, AudioChunk), "the track's kind"
        return await self._pictures.work(
            partial(self._encode, chunk), flow=self._flow, cost=_SOUND_COST
        )

    def _encode(self, chunk: AudioChunk) -> list[Piece]:
        from livedraft.media.codecs import Packets

        packets = self._packets = self._packets or Packets()
        rate, channels = 48_000, min(2, chunk.channels)
        return [
            Piece(each.pts, each.duration, each.data, OPUS, rate=rate, channels=channels)
            for each in packets.push(chunk)
        ]


def unwritable(error: Exception, output: Output) -> LivedraftError:
    """Return what is told of an output that could not be written; what a codec refuses is known."""
    kind = type(output).__name__
    if isinstance(error, InvalidMedia):
        return ModelFailed(f"a {kind} that its codec refuses: {error.message}", fix=_ANOTHER)
    return unexpected(error, f"writing a {kind}")
