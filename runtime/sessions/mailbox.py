"""The slot between a user and the engine: the newest wins, keys merge, media stand in line."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

import numpy as np

from livedraft.errors import InvalidMedia
from livedraft.media.chunks import SECOND, AudioChunk, TextChunk, VideoChunk

from ..models.base import AudioInput, InputSpec, Params, TextInput, VideoInput


@dataclass(frozen=True, slots=True)
class Encoded:
    """A frame that is decoded when it is its turn, if that comes."""

    data: bytes
    pts: int  # µs
    duration: int  # µs


@dataclass(frozen=True, slots=True)
class Packet:
    """What a codec made of one frame, or of some ms of sound."""

    number: int  # of its track's packets: one that is missing shows
    id: int  # of its message
    data: bytes
    key: bool  # whether it needs none before it
    duration: int  # µs


@dataclass(frozen=True, slots=True)
class Packets:
    """A packet that is decoded when it is its turn, after those before it that it needs."""

    decoder: Decoder
    packets: tuple[Packet, ...]  # the last is what counts
    pts: int  # µs, of the last, as the next
    duration: int

    def after(self, gone: Packets) -> Packets:
        """Return these with those of a piece that they superseded, where they need them.

        What waits for too long is left to the decoder to miss: it asks for a key frame.
        """
        whole = (*gone.packets, *self.packets)
        held = sum(len(packet.data) for packet in whole)
        if self.packets[0].key or len(whole) > MOST_PACKETS or held > MOST_PACKET_BYTES:
            return self
        return replace(self, packets=whole)


class Decoder(Protocol):
    """Decodes the packets of one track, in their order."""

    async def decode(self, piece: Packets) -> Sequence[VideoChunk | AudioChunk]:
        """Return the last packet's frame or sound; nothing if it cannot be decoded."""
        ...


MOST_PIECES = 256  # of a track, in line; of 20 ms each they are 5 s
_SHORT_US = 20_000  # shorter pieces of sound are joined to what follows them
MOST_PACKETS = 64  # that wait to be decoded for the newest frame of a track; 2 s of a camera
MOST_PACKET_BYTES = 4 * 2**20

Piece = Encoded | Packets | VideoChunk | AudioChunk | TextChunk
MediaInput = VideoInput | AudioInput | TextInput


@dataclass(slots=True)
class Change:
    """What a user changed since the last picture was begun."""

    id: int  # of the newest message in it
    received: float  # s, when that message was read
    params: Params  # all params in force after it
    inputs: dict[str, bytes] = field(default_factory=dict)  # encoded; empty bytes remove a picture
    media: dict[str, list[Piece]] = field(default_factory=dict)  # of each track, in order
    dropped: int = 0  # messages that it superseded
    dropped_us: int = 0  # how long the media among them were
    interrupted: bool = False  # what came of ``append`` inputs before it is unwanted

    @property
    def held_bytes(self) -> int:
        """What it takes: encoded pictures, and media as they came."""
        pieces = [piece for line in self.media.values() for piece in line]
        return sum(map(len, self.inputs.values())) + sum(map(_bytes_of, pieces))


class Mailbox:
    """Holds at most one change; a newer one merges into it and moves it up."""

    def __init__(self) -> None:
        self._waiting: Change | None = None

    @property
    def waiting(self) -> Change | None:
        """The change that waits, if any."""
        return self._waiting

    def put(self, id: int, received: float, params: Params, inputs: Mapping[str, bytes]) -> None:
        """Lay a message over what waits."""
        old = self._waiting
        new = Change(id, received, params, dict(inputs))
        if old is not None:
            new.inputs = old.inputs | new.inputs
            new.media, new.dropped_us = old.media, old.dropped_us
            new.dropped, new.interrupted = old.dropped + 1, old.interrupted
        self._waiting = new

    def append(
        self, id: int, received: float, params: Params, spec: MediaInput, piece: Piece
    ) -> None:
        """Put a piece at the end of its track's line; what is beyond its bound goes.

        Of text nothing goes that waits: raises InvalidMedia for more than may.
        """
        old = self._waiting or Change(id, received, params)
        new = replace(old, id=id, received=received, params=params)
        line = [*new.media.get(spec.name, ()), piece]
        if isinstance(piece, TextChunk):
            line = _written(line, spec)
        elif isinstance(piece, AudioChunk) and spec.policy == "append":
            line = _heard(line, piece)
        while len(line) > 1 and _too_long(line, spec):
            gone = line.pop(0)
            if isinstance(gone, Packets) and isinstance(line[0], Packets):
                line[0] = line[0].after(gone)
            new.dropped += 1
            new.dropped_us += gone.duration
        new.media[spec.name] = line
        self._waiting = new

    def interrupt(self, id: int, received: float, params: Params, names: Iterable[str]) -> None:
        """Drop what waits of these inputs, and tell so with what comes next."""
        old = self._waiting or Change(id, received, params)
        new = replace(old, id=id, received=received, params=params, interrupted=True)
        new.media = dict(old.media)
        for name in names:
            gone = new.media.pop(name, ())
            new.dropped += len(gone)
            new.dropped_us += sum(piece.duration for piece in gone)
        self._waiting = new

    def awaits(self, name: str) -> bool:
        """Return whether more of a track came, which nobody took yet."""
        return self._waiting is not None and name in self._waiting.media

    def take(self) -> Change | None:
        """Return what waits and leave the slot empty."""
        change, self._waiting = self._waiting, None
        return change


class Kept:
    """Pictures of what was given up before they were in force, the newest of each input."""

    def __init__(self) -> None:
        self._pictures: dict[str, tuple[int, bytes]] = {}  # and the id that each came with

    @property
    def held_bytes(self) -> int:
        """What they take."""
        return sum(len(data) for _, data in self._pictures.values())

    def put(self, id: int, pictures: Mapping[str, bytes]) -> None:
        """Keep the pictures of a message or a task, in whatever order they are given up."""
        for name, data in pictures.items():
            if name not in self._pictures or self._pictures[name][0] <= id:
                self._pictures[name] = id, data

    def take(self) -> dict[str, bytes]:
        """Return them and keep none."""
        taken, self._pictures = self._pictures, {}
        return {name: data for name, (_, data) in taken.items()}


def lines(inputs: Iterable[InputSpec]) -> list[str]:
    """Return the names of the inputs that are taken in order."""
    return [spec.name for spec in inputs if spec.kind != "image" and spec.policy == "append"]


def _written(line: list[Piece], spec: MediaInput) -> list[Piece]:
    """Return a line of text, its newest piece joined to the one before unless that is ended."""
    assert isinstance(spec, TextInput), "the track's kind"
    *before, piece = [each for each in line if isinstance(each, TextChunk)]
    if before and not (before[-1].text or piece.text):
        return [*before]  # it has ended already
    if sum(map(len, before)) + len(piece) > spec.max_chars:
        most = f"{spec.max_chars} characters"
    elif before and before[-1].text and piece.text:
        last = before.pop()
        return [*before, TextChunk(last.text + piece.text, last.pts)]
    elif len(before) < MOST_PIECES:
        return [*before, piece]
    else:
        most = f"{MOST_PIECES // 2} utterances"
    raise InvalidMedia(f"{spec.name}: more than {most} wait", fix="wait until some are said")


def _heard(line: list[Piece], piece: AudioChunk) -> list[Piece]:
    """Return a line of sound, its newest piece joined to one that it follows, if that is short.

    So small pieces do not fill the line by their number: as few as one sample may come at a time.
    """
    before = line[-2] if len(line) > 1 else None
    if (
        not isinstance(before, AudioChunk)
        or before.duration >= _SHORT_US
        or (before.rate, before.channels) != (piece.rate, piece.channels)
        or before.samples.dtype != piece.samples.dtype
        or abs(before.end - piece.pts) * piece.rate * 2 > SECOND  # half a sample: as times round
    ):
        return line
    samples: Any = np.concatenate([before.samples, piece.samples])
    return [*line[:-2], replace(before, samples=samples)]


def _too_long(line: list[Piece], spec: MediaInput) -> bool:
    if spec.policy == "latest":
        return True
    if isinstance(spec, TextInput):
        return False  # refused before
    return len(line) > MOST_PIECES or sum(piece.duration for piece in line) > spec.max_s * SECOND


def _bytes_of(piece: Piece) -> int:
    if isinstance(piece, Encoded):
        return len(piece.data)
    if isinstance(piece, Packets):
        return sum(len(packet.data) for packet in piece.packets)
    if isinstance(piece, TextChunk):
        return 4 * len(piece)  # at most
    return (piece.frames if isinstance(piece, VideoChunk) else piece.samples).nbytes
