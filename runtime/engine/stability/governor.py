"""How large frames are made, so that a busy machine keeps its pace: down at once, up slowly."""

from __future__ import annotations

from collections import deque
from statistics import median

SIZES = (1.0, 0.875, 0.75, 0.625, 0.5)  # of each side
BUDGET_S = 0.05  # a frame, all that the model takes: 15 a second, with room for coding and sending
_FEW = 9  # frames, whose median counts: one that is late is no load
_EASY = 30  # frames that would have been in time at the next larger size, before it is tried
_ROOM = 0.8  # of the budget, that these may take


class Governor:
    """One session's: the times of its newest frames at the size that they have now."""

    def __init__(self) -> None:
        self._times: deque[float] = deque(maxlen=_FEW)
        self._at = 0
        self._easy = 0

    @property
    def scale(self) -> float:
        """The share of each side that frames are made at."""
        return SIZES[self._at]

    def took(self, seconds: float) -> None:
        """Take how long a frame took."""
        self._times.append(seconds)
        if len(self._times) < _FEW:
            return
        usual = median(self._times)
        if usual > BUDGET_S and self._at + 1 < len(SIZES):
            self._become(self._fitting(usual))
        elif self._at and usual * (SIZES[self._at - 1] / self.scale) ** 2 < _ROOM * BUDGET_S:
            self._easy += 1
            if self._easy >= _EASY:
                self._become(self._at - 1)
        else:
            self._easy = 0

    def _fitting(self, usual: float) -> int:
        """Return the next smaller size that would be in time, the smallest if none would."""
        smaller = range(self._at + 1, len(SIZES))
        of_now = usual / self.scale**2
        return next((at for at in smaller if of_now * SIZES[at] ** 2 <= BUDGET_S), smaller[-1])

    def _become(self, at: int) -> None:
        self._at, self._easy = at, 0
        self._times.clear()  # they were another size's
