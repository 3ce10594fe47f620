"""Where sessions wait whose connection broke, until they are resumed or forgotten."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace

from livedraft.errors import SessionUnknown

from ..clock import MONOTONIC, Clock
from ..models.base import ModelInfo
from .session import Session


@dataclass(frozen=True, slots=True)
class _Parked:
    session: Session
    until: float  # s
    held_bytes: int


class Parking:
    """Keeps at most ``capacity`` detached sessions of ``most_bytes`` for ``seconds`` each.

    Where there are more, the owner who has the most here loses its oldest. So nobody who opens and
    drops sessions takes away those of others, unless from as many addresses as there are others.
    """

    def __init__(
        self, seconds: float, capacity: int, most_bytes: int, *, clock: Clock = MONOTONIC
    ) -> None:
        self._seconds = seconds
        self._capacity = capacity
        self._most_bytes = most_bytes
        self._clock = clock
        self._parked: dict[str, _Parked] = {}  # by resume token, in order of leaving

    def __len__(self) -> int:
        return len(self._parked)

    @property
    def held_bytes(self) -> int:
        """Pictures and states of all sessions here."""
        return sum(parked.held_bytes for parked in self._parked.values())

    def park(self, session: Session) -> None:
        """Detach a session and keep it; a closed one is not kept."""
        session.detach()
        if session.closed:
            return
        until = self._clock() + self._seconds
        self._parked[session.resume_token] = _Parked(session, until, session.held_bytes)
        self.expire()
        while len(self._parked) > self._capacity:
            self._evict(lambda parked: 1)
        self._fit()

    def weigh(self, session: Session) -> None:
        """Look again what a session takes that is here: its states have left their devices."""
        parked = self._parked.get(session.resume_token)
        if parked is not None:
            weighed = replace(parked, held_bytes=session.held_bytes)
            self._parked[session.resume_token] = weighed  # in the place that it had
            self._fit()

    def relearn(self, info: ModelInfo) -> None:
        """Let all sessions here take what a model is now."""
        for parked in self._parked.values():
            parked.session.relearn(info)

    def resume(self, token: str) -> Session:
        """Return the session of a token and keep it no longer; raise SessionUnknown."""
        self.expire()
        if token not in self._parked:
            raise SessionUnknown(
                "nothing to resume here", fix="open a new session and send the drawing again"
            )
        return self._parked.pop(token).session

    def expire(self) -> None:
        """Close the sessions whose time is over."""
        now = self._clock()
        for token, parked in list(self._parked.items()):
            if parked.until <= now:
                del self._parked[token]
                parked.session.close()

    def close(self) -> None:
        """Close all sessions."""
        for parked in self._parked.values():
            parked.session.close()
        self._parked.clear()

    def _fit(self) -> None:
        while self.held_bytes > self._most_bytes:
            self._evict(lambda parked: parked.held_bytes)

    def _evict(self, share: Callable[[_Parked], int]) -> None:
        shares: Counter[str] = Counter()
        for parked in self._parked.values():
            shares[parked.session.owner] += share(parked)
        most = max(shares.values())
        # Of equals, who left first; a single session is never worth less than a newer one's.
        token = next(t for t, p in self._parked.items() if shares[p.session.owner] == most)
        self._parked.pop(token).session.close()
