"""Tasks in no line: they wait for room, for their time, or for what is computed elsewhere."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any

from .task import Task


class Resting:
    """Knows who rests, and wakes whom a future lets go on; ``wake`` is called on the loop."""

    def __init__(self, wake: Callable[[Task], None]) -> None:
        self._wake = wake
        self._tasks: dict[Task, Future[Any] | None] = {}  # with what each waits for

    def __contains__(self, task: Task) -> bool:
        return task in self._tasks

    def add(self, task: Task) -> None:
        """Let a task rest until somebody wakes it."""
        self._tasks[task] = None

    def add_until(self, task: Task, waits: Future[Any]) -> None:
        """Let a task rest until a future is done, on whatever thread that is."""
        known = self._tasks.get(task)
        self._tasks[task] = waits
        if known is not waits:
            loop = asyncio.get_running_loop()
            waits.add_done_callback(lambda _: self._soon(loop, task))

    def discard(self, task: Task) -> None:
        """Have a task rest no more."""
        self._tasks.pop(task, None)

    def wake(self, task: Task) -> None:
        """Let a task go on that rests; one that does not is let be."""
        if task in self._tasks:
            self._wake(task)

    def _soon(self, loop: asyncio.AbstractEventLoop, task: Task) -> None:
        if not loop.is_closed():  # else nobody waits any more
            loop.call_soon_threadsafe(self.wake, task)
