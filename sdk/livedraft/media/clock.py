"""One media clock a session: what is due when."""

from __future__ import annotations

import time
from collections.abc import Callable

from .chunks import SECOND

Wall = Callable[[], float]  # s, of any beginning; never set back


class MediaClock:
    """Media time in whole µs: it stands at 0 until the first output starts it, then runs."""

    def __init__(self, wall: Wall = time.monotonic) -> None:
        self._wall = wall
        self._began: float | None = None  # s of the wall clock at pts 0

    @property
    def started(self) -> bool:
        """Whether it runs."""
        return self._began is not None

    def start(self, pts: int = 0) -> None:
        """Let ``pts`` be now, if nothing has started it yet."""
        if self._began is None:
            self._began = self._wall() - pts / SECOND

    def now(self) -> int:
        """Return the time, µs."""
        return 0 if self._began is None else round((self._wall() - self._began) * SECOND)

    def due(self, pts: int) -> float:
        """Return when a pts is now, in s of the wall clock; before the start that is at once."""
        return (self._wall() if self._began is None else self._began) + pts / SECOND

    def late(self, pts: int) -> int:
        """Return how long ago a pts was due, µs; below zero for one to come."""
        return self.now() - pts
