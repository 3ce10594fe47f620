"""Where sessions wait whose connection broke, until they are resumed or forgotten."""

from __future__ import annotations

from livedraft.errors import SessionUnknown

from ..clock import MONOTONIC, Clock
from .session import Session


class Parking:
    """Keeps at most ``capacity`` detached sessions for ``seconds`` each; the oldest goes first."""

    def __init__(self, seconds: float, capacity: int, *, clock: Clock = MONOTONIC) -> None:
        self._seconds = seconds
        self._capacity = capacity
        self._clock = clock
        self._parked: dict[str, tuple[Session, float]] = {}  # in order of leaving

    def __len__(self) -> int:
        return len(self._parked)

    def park(self, session: Session) -> None:
        """Detach a session and keep it; a closed one is not kept."""
        session.detach()
        if session.closed:
            return
        self._parked[session.resume_token] = (session, self._clock() + self._seconds)
        self.expire()
        while len(self._parked) > self._capacity:
            oldest, _ = self._parked.pop(next(iter(self._parked)))
            oldest.close()

    def resume(self, token: str) -> Session:
        """Return the session of a token and keep it no longer; raise SessionUnknown."""
        self.expire()
        if token not in self._parked:
            raise SessionUnknown(
                "nothing to resume here", fix="open a new session and send the drawing again"
            )
        session, _ = self._parked.pop(token)
        return session

    def expire(self) -> None:
        """Close the sessions whose time is over."""
        now = self._clock()
        for token, (session, until) in list(self._parked.items()):
            if until <= now:
                del self._parked[token]
                session.close()

    def close(self) -> None:
        """Close all sessions."""
        for session, _ in self._parked.values():
            session.close()
        self._parked.clear()
