"""How long the server bears with a client: refused messages, and places that nobody uses."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Protocol

from livedraft.errors import BadMessage, LivedraftError
from livedraft.protocol.messages import IDLE

from ..clock import Clock
from ..sessions.admission import Admission

REFUSALS = 32  # refused messages that end a session
FORGIVEN = 2.0  # of them a second; what passes in between counts for nothing: acks cost nothing


class Bucket:
    """A leaky bucket (ITU-T I.371): it holds so much, and so much a second runs out of it."""

    def __init__(self, size: float, rate: float, clock: Clock) -> None:
        self._size = size
        self._rate = rate
        self._clock = clock
        self._level = 0.0
        self._seen = clock()

    def overflows(self) -> bool:
        """Pour one in; say whether that is too much."""
        now = self._clock()
        self._level = max(0.0, self._level - (now - self._seen) * self._rate) + 1
        self._seen = now
        return self._level >= self._size

    def refuse(self, error: LivedraftError) -> None:
        """Pour the refusal of a message in; raise BadMessage where that is too much."""
        if self.overflows():
            raise BadMessage(
                f"too many messages were refused; the last: {error.message}", fix=error.fix
            ) from None


class Placed(Protocol):
    """A connection that has a place."""

    @property
    def places(self) -> int:
        """How many it has."""
        ...

    @property
    def active_at(self) -> float:
        """When its user last did something, or now while something is made for it."""
        ...

    @property
    def ending(self) -> bool:
        """Whether it gives its place back already."""
        ...

    def end(self, code: str, reason: str) -> None:
        """Tell the client that it is over, once what is made has gone out."""
        ...


class Vacancies:
    """Ends the connections that are idle longest, for those who wait in line, and no others."""

    def __init__(
        self, idle_s: float, admission: Admission, placed: Mapping[str, Placed], clock: Clock
    ) -> None:
        self._idle_s = idle_s
        self._admission = admission
        self._placed = placed
        self._clock = clock
        self._timer: asyncio.TimerHandle | None = None

    def look(self) -> None:
        """Make room for those in line, now and as long as there are some."""
        self.close()
        leaving = sum(each.places for each in self._placed.values() if each.ending)
        wanted = self._admission.wanted - leaving
        next_s = self._idle_s  # a place that is taken now is idle then at the earliest
        staying = [each for each in self._placed.values() if not each.ending]
        for each in sorted(staying, key=lambda each: each.active_at):
            if wanted <= 0:
                break
            rest_s = each.active_at + self._idle_s - self._clock()
            if rest_s > 0:
                next_s = rest_s
                break
            each.end(IDLE, "others wait for a place")
            wanted -= each.places
        if self._admission.queued:
            self._timer = asyncio.get_running_loop().call_later(next_s, self.look)

    def close(self) -> None:
        """Look no more."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
