"""Where eyes look: at the other one, with short looks aside.

Listeners look at the other three quarters of the time, speakers about half of it (Argyle and Cook,
Gaze and Mutual Gaze, 1976). Looks jump: a saccade takes .02 s and .002 s a degree (Bahill, Clark
and Stark, 1975; as in Lee, Badler and Badler, Eyes Alive, 2002).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from random import Random

from .smooth import smoother

Look = tuple[float, float]  # -1..1, right and down


@dataclass(frozen=True, slots=True)
class _Habit:
    there_s: float  # the mean of how long eyes rest upon the other one
    aside_s: float  # and beside
    reach: float  # of a look aside, at most


_HABITS: Mapping[str, _Habit] = {
    "idle": _Habit(3.6, 1.6, 0.75),
    "listening": _Habit(5.5, 0.9, 0.35),
    "speaking": _Habit(2.1, 1.5, 0.6),
}
_FULL_DEG = 25.0  # that a look of 1 is turned
_RETURN_US = 250_000  # after which eyes come back, where somebody begins to speak
WIDE = 0.45  # a look from which on one blinks with it


class Gaze:
    """Looks from point to point."""

    def __init__(self, chance: Random) -> None:
        self._chance = chance
        self._from: Look = (0.0, 0.0)
        self._to: Look = (0.0, 0.0)
        self._left_us = 0  # when they began to go there
        self._takes_us = 1
        self._next_us = self._rest(_HABITS["idle"].there_s)
        self._aside = False
        self._state = "idle"

    def at(self, now_us: int, state: str) -> Look:
        """Return where they look."""
        if state != self._state:
            self._state = state
            if self._aside and state != "idle":
                self._next_us = min(self._next_us, now_us + _RETURN_US)
        if now_us >= self._next_us:
            self._turn(now_us, _HABITS[state])
        way = smoother((now_us - self._left_us) / self._takes_us)
        (x, y), (to_x, to_y) = self._from, self._to
        return x + (to_x - x) * way, y + (to_y - y) * way

    def turned(self, now_us: int) -> float:
        """Return how wide the look is that began just now; 0 if none did."""
        return math.dist(self._from, self._to) if now_us == self._left_us else 0.0

    def _turn(self, now_us: int, habit: _Habit) -> None:
        """Look aside, or back; now and then to another point beside, or of the other's face."""
        aside = self._chance.random() < (0.25 if self._aside else 0.7)
        if aside:
            angle = self._chance.uniform(0, 2 * math.pi)
            reach = habit.reach * self._chance.uniform(0.4, 1)
            to = (reach * math.cos(angle), 0.55 * reach * math.sin(angle))
        else:  # between eyes and mouth
            to = (self._chance.uniform(-0.07, 0.07), self._chance.uniform(-0.04, 0.08))
        self._from, self._to, self._aside = self._to, to, aside
        degrees = _FULL_DEG * math.dist(self._from, self._to)
        self._left_us, self._takes_us = now_us, round(21_000 + 2_200 * degrees) + 20_000
        self._next_us = now_us + self._takes_us
        self._next_us += self._rest(habit.aside_s if aside else habit.there_s)

    def _rest(self, mean_s: float) -> int:
        """Return how long they rest, µs: seldom short, now and then long."""
        return round(1e6 * min(4 * mean_s, 0.3 + self._chance.gammavariate(2, mean_s / 2)))
