"""One media clock a session: what is due when, and how far another clock runs ahead of ours."""

from __future__ import annotations

import math
import time
from collections import deque
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


class Skew:
    """How much faster a peer's media clock runs than ours, learned from when its pieces come.

    Pieces are late by what the way takes, and never early: of each second the least late one
    counts, and the line through those of the last two minutes is the difference of the clocks.
    """

    SPAN_S = 120
    LEAST_S = 10  # of pieces, before anything is said

    def __init__(self, wall: Wall = time.monotonic) -> None:
        self._wall = wall
        self._least: deque[tuple[float, float]] = deque(maxlen=self.SPAN_S)  # wall s, lateness s
        self._second = -math.inf

    def observe(self, pts: int) -> None:
        """Note that the piece of this pts, µs, has just come."""
        now = self._wall()
        point = (now, now - pts / SECOND)
        if now - self._second >= 1:
            self._second = now
            self._least.append(point)
        elif point[1] < self._least[-1][1]:
            self._least[-1] = point

    @property
    def ppm(self) -> float:
        """Parts in a million, above zero where the peer is faster; 0 while too little is known."""
        points = list(self._least)
        if not points or points[-1][0] - points[0][0] < self.LEAST_S:
            return 0.0
        mid_x = sum(x for x, _ in points) / len(points)
        mid_y = sum(y for _, y in points) / len(points)
        slope = sum((x - mid_x) * (y - mid_y) for x, y in points)
        slope /= sum((x - mid_x) ** 2 for x, _ in points)
        return -slope * 1e6
