"""Pieces of media that wait to be sent: of each track as many as its policy lets wait."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from livedraft.errors import InvalidMedia
from livedraft.media.chunks import SECOND
from livedraft.protocol.codec import Data
from livedraft.protocol.connection import ClientConnection
from livedraft.protocol.messages import Track
from livedraft.protocol.tracks import TEXT

MOST_US = 60 * SECOND  # that waits of a track without a bound of its own


@dataclass(frozen=True, slots=True, eq=False)
class Piece:
    """What a ``media`` message carries."""

    track: str
    pts: int  # µs
    duration: int  # µs
    codec: str
    data: bytes
    key: bool = True  # whether it can be decoded without those before it
    rate: int = 0  # of sound, Hz
    channels: int = 0


@dataclass(frozen=True, slots=True, eq=False)
class Shot:
    """A frame that is encoded when it goes: others will need it, so none is dropped after that."""

    track: str
    pts: int  # µs
    duration: int  # µs
    encode: Callable[[], Piece]  # may take ms; raises InvalidMedia


class Lines:
    """Of a ``latest`` track the newest piece waits, of an ``append`` track all within ``max_s``."""

    def __init__(self) -> None:
        self.dropped: dict[str, int] = {}  # µs that were never sent, by track
        self._waiting: deque[Piece | Shot] = deque()
        self._asks: list[str] = []  # tracks on which a key frame is wanted
        self._ready: deque[Piece] = deque()  # encoded; each needs those before it
        self._length: dict[str, int] = {}  # µs that wait, by track
        self.interruptions = 0  # so far; what was handed over before the newest is unwanted
        self._talks = False  # whether the server knows the word
        self._interrupts = False  # whether the word still has to go
        self._since = 0  # the id from which on pieces are wanted

    def __len__(self) -> int:
        return len(self._waiting) + len(self._ready)

    async def encode(self) -> None:
        """Encode the frames that wait for it; what cannot be encoded is dropped and counted."""
        for shot in [each for each in self._waiting if isinstance(each, Shot)]:
            if shot not in self._waiting:
                continue  # a newer one came meanwhile
            self._remove(shot)
            try:
                self._ready.append(await asyncio.to_thread(shot.encode))
            except InvalidMedia:
                self._drop(shot)

    def ask(self, track: str) -> None:
        """Ask for a key frame on a track that comes down."""
        self._asks.append(track)

    def messages(self, line: ClientConnection) -> Iterator[Data]:
        """Yield all that may go now."""
        while self._asks:
            yield line.key(self._asks.pop())
        if self._interrupts:
            self._interrupts = False
            yield line.interrupt() if self._talks else line.cancel()
            self._since = line.last_id + (0 if self._talks else 1)
        with suppress(IndexError):
            while True:
                piece = self.take()
                more: dict[str, Any] = {} if piece.key else {"key": False}
                if piece.rate:
                    more |= {"rate": piece.rate, "channels": piece.channels}
                yield line.media(
                    piece.track, piece.pts, piece.duration, piece.codec, piece.data, **more
                )

    def interrupt(self, names: Iterable[str]) -> None:
        """Drop what waits of these tracks, and have the server told so before anything else."""
        gone = {*names}
        for piece in [*self._waiting, *self._ready]:
            if piece.track in gone:
                self._drop(piece)
        for piece in [each for each in self._waiting if each.track in gone]:
            self._remove(piece)
        self._ready = deque(piece for piece in self._ready if piece.track not in gone)
        self.interruptions += 1
        self._interrupts = True

    def taken_back(self, id: int) -> bool:
        """Return whether a piece that answers an id is wanted no more."""
        return self._interrupts or id < self._since

    def opened(self, *, talks: bool) -> None:
        """Begin on a new connection, on which nothing is under way that could be interrupted."""
        self.reopened()
        self._talks, self._interrupts, self._since = talks, False, 0

    def reopened(self) -> None:
        """Drop what was encoded for a connection that has ended: on the next one it is no use."""
        for piece in self._ready:
            self._drop(piece)
        self._ready.clear()
        self._asks.clear()

    def clear(self) -> None:
        """Drop all that waits; it is counted."""
        self.reopened()
        while self._waiting:
            piece = self._waiting[0]
            self._remove(piece)
            self._drop(piece)

    def put(self, piece: Piece | Shot, track: Track) -> None:
        """Add a piece; what it supersedes, or what waits too long, is dropped and counted."""
        if isinstance(piece, Piece) and piece.codec == TEXT:
            self._put_text(piece, track)
            return
        if track["policy"] == "latest":
            most_us = piece.duration
        else:
            most_us = round(track["max_s"] * SECOND) or MOST_US
        self._waiting.append(piece)
        self._length[piece.track] = self._length.get(piece.track, 0) + piece.duration
        while self._length[piece.track] > most_us:
            oldest = next(each for each in self._waiting if each.track == piece.track)
            if oldest is piece:
                break  # longer than all that may wait, and the only one
            self._remove(oldest)
            self._drop(oldest)

    def _put_text(self, piece: Piece, track: Track) -> None:
        most = track.get("max_chars", 0)
        waiting = [each for each in self._waiting if isinstance(each, Piece)]
        held = [each.data for each in waiting if each.track == piece.track]
        if sum(len(data.decode()) for data in (*held, piece.data)) > most:
            raise InvalidMedia(
                f"{piece.track}: more than {most} characters wait to be sent",
                fix=f"say at most {most} at a time, and the rest once they were heard",
            )
        self._waiting.append(piece)
        self._length.setdefault(piece.track, 0)

    def take(self) -> Piece:
        """Return the piece that goes next; raise IndexError if there is none."""
        if self._ready:
            return self._ready.popleft()
        piece = next((each for each in self._waiting if isinstance(each, Piece)), None)
        if piece is None:
            raise IndexError("nothing is to go")
        self._remove(piece)
        return piece

    def _remove(self, piece: Piece | Shot) -> None:
        self._waiting.remove(piece)
        self._length[piece.track] -= piece.duration

    def _drop(self, piece: Piece | Shot) -> None:
        self.dropped[piece.track] = self.dropped.get(piece.track, 0) + piece.duration
