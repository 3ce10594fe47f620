"""How large frames are made, so that a busy machine keeps its pace: down at once, up slowly.

Frames are made, coded and sent one after another. What a frame's way takes beside the model is not
ours to shorten, so the model gets what that leaves of the time that 15 frames a second allow.
"""

from __future__ import annotations

from collections import deque
from statistics import median

SIZES = (1.0, 0.875, 0.75, 0.625, 0.5)  # of each side
PERIOD_S = 1 / 15  # between frames, at most
MOST_S = 0.05  # a frame, of the model, while nothing is known of the rest of its way
LEAST_S = PERIOD_S / 4  # the same where that takes most of the time
HOPELESS_S = 2 * PERIOD_S  # of that: a slow line, say, for which no smaller frames make up
_FEW = 9  # frames, whose median counts: one that is late is no load
_EASY = 30  # frames that would have been in time at the next larger size, before it is tried
_ROOM = 0.8  # of the model's time, that these may take


class Governor:
    """One session's: the times of its newest frames at the size that they have now."""

    def __init__(self) -> None:
        self._times: deque[float] = deque(maxlen=_FEW)
        self._rests: deque[float] = deque(maxlen=_FEW)
        self._at = 0
        self._easy = 0

    @property
    def scale(self) -> float:
        """The share of each side that frames are made at."""
        return SIZES[self._at]

    def took(self, seconds: float, rest: float = 0.0) -> None:
        """Take how long a frame took in the model, and in the rest of its way."""
        self._times.append(seconds)
        self._rests.append(rest)
        if len(self._times) < _FEW:
            return
        usual, most = median(self._times), self._most
        if usual > most and self._at + 1 < len(SIZES):
            self._become(self._fitting(usual, most))
        elif self._at and usual * (SIZES[self._at - 1] / self.scale) ** 2 < _ROOM * most:
            self._easy += 1
            if self._easy >= _EASY:
                self._become(self._at - 1)
        else:
            self._easy = 0

    @property
    def _most(self) -> float:
        """The time that the model may take for a frame, s."""
        rest = median(self._rests)
        if rest > HOPELESS_S:
            return MOST_S
        return min(MOST_S, max(LEAST_S, PERIOD_S - rest))

    def _fitting(self, usual: float, most: float) -> int:
        """Return the next smaller size that would be in time, the smallest if none would."""
        smaller = range(self._at + 1, len(SIZES))
        of_now = usual / self.scale**2
        return next((at for at in smaller if of_now * SIZES[at] ** 2 <= most), smaller[-1])

    def _become(self, at: int) -> None:
        self._at, self._easy = at, 0
        self._times.clear()  # they were another size's
        self._rests.clear()
