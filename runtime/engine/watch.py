"""Watches from the event loop whether a call of a model takes too long."""

from __future__ import annotations

import asyncio
import logging
import math
from collections.abc import Callable
from concurrent.futures import Future
from typing import TypeVar

from livedraft.errors import ModelFailed

from ..clock import Clock
from .thread import Call, CallThread

log = logging.getLogger(__name__)
T = TypeVar("T")

LOAD = "load"  # on a thread of its own: it may take as long as a download does
_SHORTEST_S = 0.001  # of a wait for what is about to be late


class ModelHangs(ModelFailed):
    """A call of a model has not returned in the time that it has."""


def hangs(late: str) -> ModelHangs:
    """Return the error of who waits for an engine that is ``late``."""
    return ModelHangs(
        late or "a call of the model took too long",
        fix="try again in a while; whoever runs the server finds more in its log",
    )


class Watch:
    """Tells of each call that takes longer than ``limit_s``, once, and of its return.

    ``on_late`` hears of it on the event loop, with the model and the phase.
    """

    def __init__(
        self, name: str, limit_s: float, on_late: Callable[[str, str], None], clock: Clock
    ) -> None:
        self.thread = CallThread(name, clock=clock, over=self._over)
        self._limit_s = limit_s
        self._on_late = on_late
        self._clock = clock
        self._reported: Call | None = None  # the late call that was told of
        self._followed: tuple[Callable[[], bool], Callable[[], None]]
        self._timer: asyncio.TimerHandle | None = None

    @property
    def late(self) -> str:
        """What is waited for in vain; empty while all is well."""
        call = self.thread.current
        if call is None or self._clock() - call.since <= self._limit_s:
            return ""
        return self.waits_for(call)

    async def returned(self, submitted: Future[T]) -> T | None:
        """Wait for a call; return None as soon as the call that the thread is in is late."""
        returned = asyncio.wrap_future(submitted)
        while True:
            left = None if math.isinf(self._limit_s) else self._left()
            done, _ = await asyncio.wait([returned], timeout=left)
            if done:
                return returned.result()
            if self.late:
                self._report()
                return None

    def follow(self, going: Callable[[], bool], late: Callable[[], None]) -> None:
        """Watch the thread's calls for as long as they are ``going``; call ``late`` where one is.

        There is one timer for many calls: it looks again when the call that it finds has had its
        time, so that a call that returns in time costs nothing.
        """
        self._followed = going, late
        if self._timer is None and not math.isinf(self._limit_s):
            self._timer = asyncio.get_running_loop().call_later(self._limit_s, self._look)

    def _look(self) -> None:
        self._timer = None
        going, late = self._followed
        if not going():
            return
        again = self._left()
        if self.late:
            again = self._limit_s
            self._report()
            late()
        self._timer = asyncio.get_running_loop().call_later(again, self._look)

    def waits_for(self, call: Call) -> str:
        """Say which call has not returned, and for how long."""
        taken = self._clock() - call.since
        if call.phase == LOAD:
            return f"the models have been loading for {taken:.0f} s"
        return f"{call.phase} of the model '{call.model}' has not returned for {taken:.0f} s"

    def _left(self) -> float:
        """Return how long to wait until the call that the thread is in would be late, s."""
        call = self.thread.current
        if call is None:
            return self._limit_s
        return max(_SHORTEST_S, call.since + self._limit_s - self._clock())

    def _report(self) -> None:
        """Tell of a late call, once."""
        call = self.thread.current
        if call is None or call is self._reported:
            return
        self._reported = call
        log.error("%s; it is here:\n%s", self.waits_for(call), self.thread.stack())
        self._on_late(call.model, call.phase)

    def _over(self, call: Call) -> None:
        if call is self._reported:
            taken = self._clock() - call.since
            log.warning("%s of the model '%s' returned after %.0f s", call.phase, call.model, taken)
