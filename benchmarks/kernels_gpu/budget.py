"""Whether there is time for a thing: what its like took tells how long it will."""

from __future__ import annotations

import math
import time
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable
from typing import Protocol


class Piece(Protocol):
    """One thing to measure, and nothing that can be cut: a run begins it or does not."""

    @property
    def op(self) -> str:
        """Whose report it goes into."""
        ...

    @property
    def kind(self) -> str:
        """What is measured."""
        ...

    @property
    def title(self) -> str:
        """What it is measured of, for people."""
        ...

    @property
    def like(self) -> Hashable:
        """What those that take about as long have in common."""
        ...

    @property
    def guess(self) -> float:
        """Seconds that it takes, until one like it was measured."""
        ...


class Budget:
    """The time that a run has, from when this is made; without minutes, all there is."""

    def __init__(
        self, minutes: float | None = None, now: Callable[[], float] = time.monotonic
    ) -> None:
        self._now = now
        self._start = now()
        self._limit = math.inf if minutes is None else 60 * minutes
        self._took: defaultdict[tuple[Hashable, str], list[float]] = defaultdict(list)

    @property
    def spent(self) -> float:
        """Seconds since the start."""
        return self._now() - self._start

    def fits(self, work: Piece) -> bool:
        """Say whether it is expected to end in time, if it takes as long as the longest before."""
        known = self._known(work)
        return self.spent + (max(known) if known else work.guess) <= self._limit

    def took(self, work: Piece, seconds: float) -> None:
        """Note how long it took."""
        self._took[work.like, work.op].append(seconds)

    def expected(self, works: Iterable[Piece]) -> float:
        """Return the seconds that these are likely to take: the mean of those before."""
        return sum(self._likely(work) for work in works)

    def _likely(self, work: Piece) -> float:
        known = self._known(work)
        return sum(known) / len(known) if known else work.guess

    def _known(self, work: Piece) -> list[float]:
        """Return what its like took, of the same operation if that was measured."""
        own = self._took.get((work.like, work.op))
        if own:
            return own
        return [s for (like, _), took in self._took.items() if like == work.like for s in took]
