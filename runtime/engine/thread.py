"""A thread that runs calls in their order, and tells which one it is in and since when."""

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


@dataclass(frozen=True, slots=True)
class Call:
    """What a thread does at the moment."""

    model: str
    phase: str
    since: float  # s of the thread's clock


class CallThread:
    """One thread for the calls of models.

    It is a daemon, unlike those of ``ThreadPoolExecutor``: a call that never returns must not
    keep the process from its end. Its queue is as short as its callers are few: the runner waits
    for each call, and a session's state is released once.
    """

    def __init__(self, name: str, *, clock: Clock = MONOTONIC) -> None:
        self.current: Call | None = None
        self._clock = clock
        self._calls: SimpleQueue[Callable[[], None] | None] = SimpleQueue()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._thread.start()

    def stack(self) -> str:
        """Return where the thread is, as a traceback shows it."""
        frame = sys._current_frames().get(self._thread.ident or 0)
        return "".join(traceback.format_stack(frame)) if frame else ""

    def submit(self, model: str, phase: str, call: Callable[[], T]) -> Future[T]:
        """Run a call after those before it; whatever it raises is the future's."""
        future: Future[T] = Future()

        def run() -> None:
            if not future.set_running_or_notify_cancel():
                return
            self.current = Call(model, phase, self._clock())
            try:
                result = call()
            except BaseException as error:  # a thread's boundary
                self.current = None
                future.set_exception(settable(error))
            else:
                self.current = None
                future.set_result(result)

        self._calls.put(run)
        return future

    def close(self, seconds: float | None = None) -> bool:
        """End after the calls that wait; return whether that came within so many seconds."""
        self._calls.put(None)
        self._thread.join(seconds)
        return not self._thread.is_alive()

    def _run(self) -> None:
        while (call := self._calls.get()) is not None:
            call()
