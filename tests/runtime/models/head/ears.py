"""A test double, named as such: an ear that hears how loud it is."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from livedraft.runtime.models.head.line import RATE


class FakeEar:
    """Tells the mean of the 10 ms around a time, and looks ahead as the real one does."""

    lookahead_us = 77_500

    def __init__(self) -> None:
        self._kept = np.zeros(0, np.float32)  # the last two seconds
        self.heard = 0  # samples
        self.resets = 0

    @property
    def known_us(self) -> int:
        return max(0, self.heard * 1_000_000 // RATE - self.lookahead_us)

    def push(self, samples: NDArray[np.float32]) -> None:
        self.heard += len(samples)
        self._kept = np.concatenate([self._kept, samples])[-2 * RATE :]

    def at(self, time_us: int) -> float:
        assert time_us <= self.known_us, "asked for what it does not know yet"
        middle = time_us * RATE // 1_000_000 - (self.heard - len(self._kept))
        return float(self._kept[max(0, middle - 120) : middle + 120].mean())

    def viseme_at(self, time_us: int) -> str:
        return "aa" if self.at(time_us) else "sil"

    def reset(self) -> None:
        self._kept, self.heard = self._kept[:0], 0
        self.resets += 1
