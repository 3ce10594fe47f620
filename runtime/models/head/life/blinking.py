"""When and how lids close.

Rates are those that Bentivoglio et al. (Movement Disorders 12, 1997) count of adults: 17 a minute
at rest, 26 in conversation; fewer where somebody attends closely. Lids go down faster than up
(VanderWerf et al., Journal of Neurophysiology 89, 2003).
"""

from __future__ import annotations

from collections.abc import Mapping
from random import Random

from .smooth import smoother

A_MINUTE: Mapping[str, float] = {"idle": 17.0, "listening": 12.0, "speaking": 26.0}
LASTS_US = 340_000
_DOWN_US, _DOWN_UNTIL_US = 100_000, 130_000
_PAUSE_US = 700_000  # between two, at least
_DOUBLE, _DOUBLE_US = 0.1, 90_000  # how many are followed by another one at once


class Blinking:
    """Blinks one after the other; it remembers the last and how long the next is off."""

    def __init__(self, chance: Random) -> None:
        self._chance = chance
        self._began: int | None = None
        self._rest_us = 0  # until the next may come
        self._due = self._draw()  # blinks that are expected until it comes

    def at(self, now_us: int, passed_us: int, state: str) -> float:
        """Return how far lids are down, 0..1."""
        if self._began is not None and now_us - self._began >= LASTS_US:
            self._began = None
            double = self._chance.random() < _DOUBLE
            self._rest_us = _DOUBLE_US if double else _PAUSE_US
            self._due = 0.0 if double else self._draw()
        if self._began is None:
            waited = max(0, passed_us - self._rest_us)
            self._rest_us = max(0, self._rest_us - passed_us)
            # So many a minute, though none comes while one lasts or just after it.
            open_us = 60e6 / A_MINUTE[state] - LASTS_US - _PAUSE_US
            self._due -= waited / open_us
            if self._due <= 0 and not self._rest_us:
                self._began = now_us
        return 0.0 if self._began is None else _lids(now_us - self._began)

    def want(self) -> None:
        """Blink next, as one does at the end of a sentence or with a wide look aside."""
        if self._began is None:
            self._due = 0.0

    def _draw(self) -> float:
        return self._chance.expovariate(1.0)


def _lids(since_us: int) -> float:
    if since_us < _DOWN_UNTIL_US:
        return smoother(since_us / _DOWN_US)
    return 1 - smoother((since_us - _DOWN_UNTIL_US) / (LASTS_US - _DOWN_UNTIL_US))
