"""Whether a client takes more: of what it has not confirmed yet, and of what is not sent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from livedraft.media.chunks import AudioChunk, Output, Still, VideoChunk
from livedraft.protocol.connection import ServerConnection
from livedraft.protocol.messages import Track

from .tracks import MEDIA_WINDOW_MS

_WINDOW_US = MEDIA_WINDOW_MS * 1000
_SOUND_WINDOW_US = 2 * _WINDOW_US  # beside frames, so that these are left out first


class Room:
    """What a connection has room for; ``waiting`` is what was made and is not sent."""

    def __init__(self, connection: ServerConnection) -> None:
        self.tracks: Mapping[type[Output], Track] = {}  # that go down
        self._connection = connection

    def left(self, waiting: Sequence[Output], others: int) -> bool:
        """Return whether one more output may be made; ``others`` wait that are none."""
        wire = self._connection
        stills = sum(isinstance(output, Still) for output in waiting)
        most = {kind: _WINDOW_US for kind in self.tracks}
        if self._sounding(waiting):
            most = {AudioChunk: _SOUND_WINDOW_US}
        return (
            wire.state == "open"
            and wire.unacked + stills + others < wire.window
            and all(self._ahead_us(kind, waiting) < us for kind, us in most.items())
        )

    def falls_behind(self, waiting: Sequence[Output]) -> bool:
        """Return whether a frame is better left out, so that the sound that it comes with goes."""
        ahead = (self._ahead_us(kind, waiting) >= _WINDOW_US for kind in self.tracks)
        return self._sounding(waiting) and any(ahead)

    def _sounding(self, waiting: Sequence[Output]) -> bool:
        """Return whether frames go with sound, of which some is on its way."""
        both = VideoChunk in self.tracks and AudioChunk in self.tracks
        return both and self._ahead_us(AudioChunk, waiting) > 0

    def _ahead_us(self, kind: type[Output], waiting: Sequence[Output]) -> int:
        """Return how much of a track is unconfirmed or unsent, µs."""
        pieces = [
            each for each in waiting if isinstance(each, kind) and not isinstance(each, Still)
        ]
        unsent = sum(piece.duration for piece in pieces)
        return self._connection.unacked_us(self.tracks[kind]["name"]) + unsent
