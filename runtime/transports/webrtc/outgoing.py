"""RTP that goes: parcels of one kind to one peer, at the times of the media clock."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from typing import Never

from aiortc.mediastreams import MediaStreamError, MediaStreamTrack

from livedraft.media.chunks import SECOND

from ...clock import Clock
from .packing import Parcel
from .rate import Rated

_MOST_WAITING = 256  # parcels; the window of a client keeps them fewer, see ``Room``
_MOST_EARLY_US = SECOND  # that a parcel waits for its time; more is a clock that jumped


class Pace:
    """When parcels of one media clock go out: the first at once, the others at their times.

    So a burst of sound does not fill the other end's jitter buffer, and picture and sound leave
    together. What is late goes at once, and what follows is reckoned from it.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._offset: int | None = None  # µs, of this machine's clock over the media clock

    def wait_s(self, pts: int) -> float:
        """Return how long a parcel has to wait."""
        now = round(self._clock() * SECOND)
        if self._offset is None or not now <= pts + self._offset <= now + _MOST_EARLY_US:
            self._offset = now - pts
        return (pts + self._offset - now) / SECOND


class Outgoing(MediaStreamTrack):
    """One track: what is encoded already, at its time."""

    def __init__(self, kind: str) -> None:
        super().__init__()
        self.kind = kind
        self.pace: Pace | None = None  # of what goes with sound; else newest is best
        self.lost: Callable[[], None] = lambda: None  # heard when the other end lost a key frame
        self.rated: Rated = lambda share, most: None  # heard when its way bears less, or more
        self._parcels: deque[Parcel] = deque()
        self._send: Callable[[Parcel], None] | None = None
        self._due: asyncio.TimerHandle | None = None  # when the first of them is

    def begin(self, send: Callable[[Parcel], None]) -> None:
        """Send from now on: the other end is there."""
        self._send = send
        self._go()

    def key(self) -> None:
        """Hear that the other end needs a key frame."""
        self.lost()

    def rate(self, share: float, most: int) -> None:
        """Hear how much the way to the other end bears."""
        self.rated(share, most)

    def put(self, parcel: Parcel) -> None:
        """Take a parcel to send; where too many wait, all go and a key frame is asked for."""
        if self.readyState != "live":
            return
        if len(self._parcels) >= _MOST_WAITING:
            self.forget()
            self.lost()
        self._parcels.append(parcel)
        self._go()

    def forget(self) -> None:
        """Let go what waits: it is unwanted."""
        self._parcels.clear()
        if self._due is not None:
            self._due.cancel()
            self._due = None

    def stop(self) -> None:
        """End."""
        super().stop()
        self.forget()

    async def recv(self) -> Never:
        """Give nothing: parcels are sent by ``Sending``, not fetched."""
        raise MediaStreamError

    def _go(self) -> None:
        """Send what is due, and look again when the next is."""
        if self._send is None or self._due is not None:
            return
        while self._parcels:
            wait_s = self.pace.wait_s(self._parcels[0].pts) if self.pace is not None else 0.0
            if wait_s > 0:
                self._due = asyncio.get_running_loop().call_later(wait_s, self._first)
                return
            self._send(self._parcels.popleft())

    def _first(self) -> None:
        self._due = None
        assert self._send is not None, "there is a time for what is sent"
        self._send(self._parcels.popleft())
        self._go()
