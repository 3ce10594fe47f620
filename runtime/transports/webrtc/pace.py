"""When packets go: at their times on the session's media clock, or as late as the latest is made.

So a burst of sound does not fill the other end's jitter buffer, and picture and sound leave
together, by what has been made latest of either of late. A picture without sound waits for nothing
but its own time. What was late once is forgotten again, or one hiccup would delay all that follows.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

from livedraft.media.chunks import SECOND, AudioChunk, VideoChunk

_RECENT_US = 2 * SECOND
_MOST_US = (
    SECOND  # that a packet waits; more is a clock that jumped, or sound before a slow picture
)


class Pace:
    """The pace of one session's tracks; ``now`` is its media clock, µs."""

    def __init__(self, now: Callable[[], int]) -> None:
        self._now = now
        self._late: deque[tuple[int, int]] = deque()  # when, and by how much: falling
        self._sounded = -_RECENT_US

    def made(self, chunk: VideoChunk | AudioChunk) -> None:
        """Note that an output has been made, and encoded, by now."""
        now = self._now()
        if isinstance(chunk, AudioChunk):
            self._sounded = now
        since = now - _RECENT_US if now - self._sounded < _RECENT_US else now
        while self._late and self._late[0][0] < since:
            self._late.popleft()
        late = now - chunk.pts
        while self._late and self._late[-1][1] <= late:
            self._late.pop()
        self._late.append((now, late))

    def wait_s(self, pts: int) -> float:
        """Return how long a packet has to wait."""
        late = self._late[0][1] if self._late else 0
        wait = pts + max(0, late) - self._now()
        if wait > _MOST_US:
            self._late.clear()
            return 0.0
        return max(0, wait) / SECOND
