"""Things that move without a jerk: springs, noise, and ways from 0 to 1."""

from __future__ import annotations

import math

_MASK = (1 << 64) - 1


class Spring:
    """A critically damped spring: it follows a target without overshooting a still one.

    Its place and its velocity are continuous whatever the target does. Solved exactly, so it
    comes out alike at any rate of calls, and never grows unstable.
    """

    def __init__(self, seconds: float, at: float = 0.0) -> None:
        """Begin at rest; it goes four fifths of the way in about three times ``seconds``."""
        self._rate = 1 / seconds
        self.at = at
        self._velocity = 0.0

    def follow(self, target: float, seconds: float) -> float:
        """Return where it is after some seconds."""
        off = self.at - target
        pull = self._velocity + self._rate * off
        left = math.exp(-self._rate * seconds)
        self.at = target + (off + pull * seconds) * left
        self._velocity = (self._velocity - self._rate * pull * seconds) * left
        return self.at


class Noise:
    """Smooth noise, -1..1: a value of its own every period, and no corner between them (C2).

    Gradient-free value noise after Perlin, Improving Noise, 2002. Time is whole µs, so it is as
    smooth after a year as in the first minute.
    """

    def __init__(self, seed: int, period_us: int) -> None:
        self._seed = seed & _MASK
        self._period = period_us

    def at(self, time_us: int) -> float:
        """Return the noise at a time."""
        cell, rest = divmod(time_us, self._period)
        way = smoother(rest / self._period)
        start = self._value(cell)
        return start + (self._value(cell + 1) - start) * way

    def _value(self, cell: int) -> float:
        """Return a number in -1..1 of a cell: SplitMix64 (Steele, Lea, Flood, 2014)."""
        mixed = (self._seed + cell * 0x9E3779B97F4A7C15) & _MASK
        mixed = ((mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
        mixed = ((mixed ^ (mixed >> 27)) * 0x94D049BB133111EB) & _MASK
        return (mixed ^ (mixed >> 31)) / (1 << 63) - 1


def smoother(part: float) -> float:
    """Return the way from 0 to 1 that begins and ends at rest, of a part held to 0..1.

    It is that of least jerk (Flash and Hogan, 1985), as eyes and arms move.
    """
    part = min(1.0, max(0.0, part))
    return part**3 * (part * (part * 6 - 15) + 10)
