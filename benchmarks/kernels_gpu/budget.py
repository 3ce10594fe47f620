"""Whether there is time for a thing: what its like took tells how long it will."""

from __future__ import annotations

import math
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping

from .work import Kind, Work

_Like = tuple[Kind, bool]  # the small cases are another sort than those of real models

# Seconds, until one of a kind was measured: a first one loads libraries and compiles kernels.
_GUESS: Mapping[Kind, float] = {
    "checked": 10.0,
    "graph": 5.0,
    "timed": 10.0,
    "compiled": 40.0,
    "whole": 20.0,
    "picked": 10.0,
}


class Budget:
    """The time that a run has, from when this is made; without minutes, all there is."""

    def __init__(
        self, minutes: float | None = None, now: Callable[[], float] = time.monotonic
    ) -> None:
        self._now = now
        self._start = now()
        self._limit = math.inf if minutes is None else 60 * minutes
        self._took: defaultdict[tuple[_Like, str], list[float]] = defaultdict(list)

    @property
    def spent(self) -> float:
        """Seconds since the start."""
        return self._now() - self._start

    def fits(self, work: Work) -> bool:
        """Say whether it is expected to end in time, if it takes as long as the longest before."""
        known = self._known(work)
        return self.spent + (max(known) if known else _GUESS[work.kind]) <= self._limit

    def took(self, work: Work, seconds: float) -> None:
        """Note how long it took."""
        self._took[_like(work), work.op].append(seconds)

    def expected(self, works: Iterable[Work]) -> float:
        """Return the seconds that these are likely to take: the mean of those before."""
        return sum(self._likely(work) for work in works)

    def _likely(self, work: Work) -> float:
        known = self._known(work)
        return sum(known) / len(known) if known else _GUESS[work.kind]

    def _known(self, work: Work) -> list[float]:
        """Return what its like took, of the same operation if that was measured."""
        own = self._took.get((_like(work), work.op))
        if own:
            return own
        return [s for (like, _), took in self._took.items() if like == _like(work) for s in took]


def _like(work: Work) -> _Like:
    return work.kind, work.case.workload.real
