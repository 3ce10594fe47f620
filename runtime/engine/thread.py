"""A thread that does its work in order, and tells which call of a model it is in and since when."""

from __future__ import annotations

import sys
import threading
import traceback
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from queue import SimpleQueue
from typing import TypeVar

from ..clock import MONOTONIC, Clock
from .faults import settable

T = TypeVar("T")


@dataclass(frozen=True, slots=True, eq=False)
class Call:
    """What a thread does at the moment."""

    model: str
    phase: str
    since: float  # s of the thread's clock


class CallThread:
    """One thread for the calls of models; ``over`` is told on it when a call has returned.

    It is a daemon, unlike those of ``ThreadPoolExecutor``: a call that never returns must not
    keep the process from its end. Its queue is as short as its callers are few: a lane has it
    called turn after turn, and a session's state is released once.
    """

    def __init__(
        self,
        name: str,
        *,
        clock: Clock = MONOTONIC,
        over: Callable[[Call], None] = lambda call: None,
    ) -> None:
        self.current: Call | None = None
        self._clock = clock
        self._over = over
        self._work: SimpleQueue[Callable[[], None] | None] = SimpleQueue()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._thread.start()

    @property
    def wanted(self) -> bool:
        """Whether work waits behind what the thread does."""
        return not self._work.empty()

    def stack(self) -> str:
        """Return where the thread is, as a traceback shows it."""
        frame = sys._current_frames().get(self._thread.ident or 0)
        return "".join(traceback.format_stack(frame)) if frame else ""

    def put(self, work: Callable[[], None]) -> None:
        """Do some work after what is before it; it must not raise."""
        self._work.put(work)

    def submit(self, model: str, phase: str, call: Callable[[], T]) -> Future[T]:
        """Make a call after what is before it; whatever it raises is the future's."""
        future: Future[T] = Future()

        def run() -> None:
            if not future.set_running_or_notify_cancel():
                return
            try:
                result = self.call(model, phase, call)
            except BaseException as error:  # a thread's boundary
                future.set_exception(settable(error))
            else:
                future.set_result(result)

        self.put(run)
        return future

    def call(self, model: str, phase: str, call: Callable[[], T]) -> T:
        """Make a call now: on this thread alone."""
        self.current = made = Call(model, phase, self._clock())
        try:
            return call()
        finally:
            self.current = None
            self._over(made)

    def close(self, seconds: float | None = None) -> bool:
        """End after the work that waits; return whether that came within so many seconds."""
        self._work.put(None)
        self._thread.join(seconds)
        return not self._thread.is_alive()

    def _run(self) -> None:
        while (work := self._work.get()) is not None:
            work()
            del work  # or what it gave would stay until the next comes
