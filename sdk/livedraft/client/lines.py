"""Pieces of media that wait to be sent: of each track as many as its policy lets wait."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

from livedraft.media.chunks import SECOND
from livedraft.protocol.messages import Track

MOST_US = 60 * SECOND  # that waits of a track without a bound of its own


@dataclass(frozen=True, slots=True, eq=False)
class Piece:
    """What a ``media`` message carries."""

    track: str
    pts: int  # µs
    duration: int  # µs
    codec: str
    data: bytes
    rate: int = 0  # of sound, Hz
    channels: int = 0


class Lines:
    """Of a ``latest`` track the newest piece waits, of an ``append`` track all within ``max_s``."""

    def __init__(self) -> None:
        self.dropped: dict[str, int] = {}  # µs that were never sent, by track
        self._waiting: deque[Piece] = deque()
        self._length: dict[str, int] = {}  # µs that wait, by track

    def __len__(self) -> int:
        return len(self._waiting)

    def put(self, piece: Piece, track: Track) -> None:
        """Add a piece; what it supersedes, or what waits too long, is dropped and counted."""
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
            self._waiting.remove(oldest)
            self._length[piece.track] -= oldest.duration
            self.dropped[piece.track] = self.dropped.get(piece.track, 0) + oldest.duration

    def clear(self) -> None:
        """Drop all that waits; it is counted."""
        while self._waiting:
            piece = self.take()
            self.dropped[piece.track] = self.dropped.get(piece.track, 0) + piece.duration

    def take(self) -> Piece:
        """Return the piece that waits the longest; raise IndexError if there is none."""
        piece = self._waiting.popleft()
        self._length[piece.track] -= piece.duration
        return piece
