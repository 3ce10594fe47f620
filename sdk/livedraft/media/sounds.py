"""Sound as users hold it (a file, PCM, chunks as they come) as chunks, one after the other."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterable, Iterable, Iterator
from contextlib import aclosing
from os import PathLike
from typing import TYPE_CHECKING, Any, TypeAlias, Union

from livedraft.errors import InvalidMedia

from .chunks import AudioChunk, microseconds
from .streams import pieces_of

if TYPE_CHECKING:
    from .chunks import Samples

# A file's path or bytes (WAV, MP3, Ogg, …), raw PCM as bytes (16 bits, mono) or an array, of shape
# (n,) or (n, channels), or pieces of that as they come.
Sound: TypeAlias = Union[str, PathLike[str], "Piece", Iterable["Piece"], AsyncIterable["Piece"]]
Piece: TypeAlias = Union[bytes, "Samples", AudioChunk]

_MOST_S, _LEAST_S = 1.0, 0.02  # of a chunk: what is shorter is joined to what follows
_FILES = (b"RIFF", b"ID3", b"OggS", b"fLaC", b"\x1aE\xdf\xa3")  # how files begin


async def sounds(sound: Sound, rate: int) -> AsyncGenerator[AudioChunk, None]:
    """Yield sound in chunks of 20 ms to 1 s, placed one after the other from 0 on.

    ``rate`` is that of PCM which does not tell its own, in Hz. Raises InvalidMedia, and
    MissingExtraError for a file where FFmpeg is not installed.
    """
    line = _Line()
    async with aclosing(_pieces(sound)) as pieces:
        async for piece in pieces:
            for chunk in line.push(_chunk(piece, rate)):
                yield chunk
    for chunk in line.end():
        yield chunk


class _Line:
    """Samples in a row, cut anew."""

    def __init__(self) -> None:
        self._waiting: list[AudioChunk] = []  # of one kind
        self._placed: dict[int, int] = {}  # samples so far, by their rate

    def push(self, chunk: AudioChunk) -> Iterator[AudioChunk]:
        first = next(iter(self._waiting), chunk)
        if _kind(first) != _kind(chunk):
            yield from self.end()
        self._waiting.append(chunk)
        if sum(map(len, self._waiting)) >= _LEAST_S * chunk.rate:
            yield from self.end()

    def end(self) -> Iterator[AudioChunk]:
        import numpy

        waiting, self._waiting = self._waiting, []
        if not waiting:
            return
        rate = waiting[0].rate
        samples: Any = numpy.concatenate([chunk.samples for chunk in waiting])
        step = round(_MOST_S * rate)
        for at in range(0, len(samples), step):
            pts = sum(microseconds(count, each) for each, count in self._placed.items())
            part = samples[at : at + step]
            self._placed[rate] = self._placed.get(rate, 0) + len(part)
            yield AudioChunk(part, rate, pts)


def _kind(chunk: AudioChunk) -> tuple[int, int, str]:
    return chunk.rate, chunk.channels, str(chunk.samples.dtype)


def _chunk(piece: Any, rate: int) -> AudioChunk:
    import numpy

    if isinstance(piece, AudioChunk):
        return piece
    if isinstance(piece, bytes | bytearray | memoryview):
        data = bytes(piece)
        if len(data) % 2:
            raise InvalidMedia(f"{len(data)} bytes are no 16-bit samples", fix="send whole ones")
        piece = numpy.frombuffer(data, "<i2").astype(numpy.int16)
    if getattr(piece, "ndim", 0) == 1:
        piece = piece.reshape(-1, 1)
    if str(getattr(piece, "dtype", "")) == "float64":
        piece = piece.astype(numpy.float32)
    return AudioChunk(piece, rate, 0)  # which says what is wrong with others


async def _pieces(sound: Any) -> AsyncGenerator[Any, None]:
    """Yield pieces as they come; what is slow to read or to make is waited for on a thread."""
    source = sound
    if isinstance(sound, str | PathLike) or (isinstance(sound, bytes) and sound.startswith(_FILES)):
        source = _file(sound)
    elif _is_piece(sound) or not isinstance(sound, Iterable | AsyncIterable):
        yield sound
        return
    async with aclosing(pieces_of(source)) as pieces:
        async for piece in pieces:
            yield piece


def _is_piece(sound: object) -> bool:
    return isinstance(sound, bytes | bytearray | memoryview | AudioChunk) or hasattr(sound, "dtype")


def _file(source: str | PathLike[str] | bytes) -> Iterator[AudioChunk]:
    from .codecs import OWN, read_audio

    yield from read_audio(source, limits=OWN)
