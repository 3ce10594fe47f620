"""The One-Euro filter: steady where things rest, quick where they move.

Casiez, Roussel and Vogel, "1 € Filter: A Simple Speed-based Low-pass Filter for Noisy Input in
Interactive Systems", CHI 2012.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.float64]


class Trust(NamedTuple):
    """What multiplies the cutoffs of single values: at rest, and by their speed."""

    calm: float | Values = 1.0
    lively: float | Values = 1.0


EVEN = Trust()


@dataclass(slots=True)
class OneEuro:
    """Filters an array of values, each by its own speed, at the times of media.

    ``cutoff``, Hz, is how much a value at rest may tremble, ``beta``, Hz, how soon one follows that
    moves by its ``unit`` a second: lower the one until it is steady, raise the other until it lags
    no more.
    """

    cutoff: float = 1.0
    beta: float = 0.0
    speed_cutoff: float = 1.0  # Hz, of the speed itself
    _at_s: float = field(default=0.0, init=False)
    _value: Values | None = field(default=None, init=False)
    _speed: Values | None = field(default=None, init=False)

    def filtered(
        self, value: Values, at_s: float, unit: float = 1.0, trust: Trust = EVEN
    ) -> Values:
        """Return values as they are after filtering; times must grow, else they begin anew.

        ``trust`` is how much each new value counts beside others.
        """
        if self._value is None or self._speed is None or at_s <= self._at_s:
            self._value, self._speed = value.astype(np.float64), np.zeros(value.shape)
        else:
            passed = at_s - self._at_s
            speed = (value - self._value) / passed
            self._speed = self._speed + _weight(self.speed_cutoff, passed) * (speed - self._speed)
            lively = self.beta * np.abs(self._speed) / unit
            cutoff = trust.calm * self.cutoff + trust.lively * lively
            self._value = self._value + _weight(cutoff, passed) * (value - self._value)
        self._at_s = at_s
        return self._value

    def carried(self, matrix: Values) -> Values | None:
        """Move what was filtered, points (n, 2), by a matrix (2, 3); return them, None: no such.

        What moves as the matrix says neither lags nor opens the filter by its speed.
        """
        if self._value is not None and self._speed is not None:
            turn, shift = matrix[:, :2].T, matrix[:, 2]
            self._value, self._speed = self._value @ turn + shift, self._speed @ turn
        return self._value

    def reset(self) -> None:
        """Forget all: what comes next is taken as it is."""
        self._value = self._speed = None


def _weight(cutoff: float | Values, passed_s: float) -> Values:
    """Return how much of a new value a low-pass filter takes in, 0..1."""
    turned = 2 * math.pi * np.asarray(cutoff, np.float64) * passed_s
    return turned / (turned + 1)
