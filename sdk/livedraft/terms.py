"""What a session is opened with, and how stubbornly its connection is made anew."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal

SessionState = Literal["new", "connecting", "queued", "open", "reconnecting", "closed"]


@dataclass(frozen=True, slots=True)
class Retry:
    """How often a broken connection is made anew, and how long it waits before each time."""

    attempts: int = 8  # in a row without success; then the session ends with ConnectionLost
    first_s: float = 0.25
    longest_s: float = 5.0

    def delays(self) -> Iterator[float]:
        """Yield seconds to wait: doubling, bounded, and spread so that clients do not throng."""
        for attempt in range(self.attempts):
            yield random.uniform(0.5, 1.0) * min(self.first_s * 2**attempt, self.longest_s)


@dataclass(frozen=True, slots=True)
class Terms:
    """What a session is opened with."""

    base: str  # the server's address
    model: str  # empty: the server's default
    token: str
    accept: tuple[str, ...]  # picture types, best first; empty: any
    in_flight: int  # pictures sent that no frame answers yet
    timeout_s: float  # of one connection attempt
    retry: Retry
    on_queued: Callable[[int], None] | None
