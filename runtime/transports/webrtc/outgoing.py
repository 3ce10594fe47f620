"""RTP that goes: parcels of one kind to one peer, at the times of the media clock."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from typing import Never

from aiortc.mediastreams import MediaStreamError, MediaStreamTrack

from .pace import Pace
from .packing import CODECS, Parcel
from .rate import Rated

_MOST_WAITING = 256  # parcels; the window of a client keeps them fewer, see ``Room``


class Line:
    """Parcels on their way: each handed on when it is due."""

    def __init__(self, on: Callable[[Parcel], None], lost: Callable[[], None]) -> None:
        self.pace: Pace | None = None  # none: each as it comes
        self._on = on
        self._lost = lost
        self._waiting: deque[Parcel] = deque()
        self._held = False
        self._due: asyncio.TimerHandle | None = None  # when the first of them is

    def put(self, parcel: Parcel) -> None:
        """Take a parcel; where too many wait, all go and a key frame is asked for."""
        if self.pace is None and not self._waiting and not self._held:
            self._on(parcel)
            return
        if len(self._waiting) >= _MOST_WAITING:
            self.forget()
            self._lost()
        self._waiting.append(parcel)
        self._go()

    def hold(self, held: bool) -> None:
        """Hand nothing on for now, or all from now on."""
        self._held = held
        self._go()

    def forget(self) -> None:
        """Let go what waits: it is unwanted."""
        self._waiting.clear()
        if self._due is not None:
            self._due.cancel()
            self._due = None

    def _go(self) -> None:
        """Hand on what is due, and look again when the next is."""
        while self._waiting and self._due is None and not self._held:
            wait_s = self.pace.wait_s(self._waiting[0].pts) if self.pace is not None else 0.0
            if wait_s > 0:
                self._due = asyncio.get_running_loop().call_later(wait_s, self._first)
            else:
                self._on(self._waiting.popleft())

    def _first(self) -> None:
        self._due = None
        self._on(self._waiting.popleft())
        self._go()


class Outgoing(MediaStreamTrack):
    """One track: what is encoded already, at its time."""

    def __init__(self, kind: str) -> None:
        super().__init__()
        self.kind = kind
        self.codec = CODECS[kind]  # of parcels, as was agreed on by when it begins
        self.lost: Callable[[], None] = lambda: None  # heard when the other end lost a key frame
        self.rated: Rated = lambda share, most: None  # heard when its way bears less, or more
        self._send: Callable[[Parcel], None] = lambda parcel: None
        self._line = Line(lambda parcel: self._send(parcel), self.key)
        self._line.hold(True)

    def begin(self, send: Callable[[Parcel], None], codec: str) -> None:
        """Send from now on: the other end is there, and takes a codec."""
        self._send = send
        self.codec = codec
        self._line.hold(False)

    def follow(self, pace: Pace) -> None:
        """Send at a pace."""
        self._line.pace = pace

    def key(self) -> None:
        """Hear that the other end needs a key frame."""
        self.lost()

    def rate(self, share: float, most: int) -> None:
        """Hear how much the way to the other end bears."""
        self.rated(share, most)

    def put(self, parcel: Parcel) -> None:
        """Take a parcel to send."""
        if self.readyState == "live":
            self._line.put(parcel)

    def forget(self) -> None:
        """Let go what waits: it is unwanted."""
        self._line.forget()

    def stop(self) -> None:
        """End."""
        super().stop()
        self.forget()

    async def recv(self) -> Never:
        """Give nothing: parcels are sent by ``Sending``, not fetched."""
        raise MediaStreamError
