"""What runs beside the loop of sessions: whatever it raises goes to whom it concerns."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

from livedraft.errors import LivedraftError

from ..engine.faults import unexpected


class Background:
    """Tasks under way that nobody awaits."""

    def __init__(self) -> None:
        self._running: set[asyncio.Task[None]] = set()

    def spawn(
        self, work: Coroutine[Any, Any, None], failed: Callable[[LivedraftError], None]
    ) -> asyncio.Task[None]:
        """Begin something; ``failed`` hears what it raises."""

        async def bounded() -> None:
            try:
                await work
            except Exception as error:  # a task's boundary: nobody awaits it
                failed(unexpected(error, "a task of the server"))

        running = asyncio.get_running_loop().create_task(bounded())
        self._running.add(running)
        running.add_done_callback(self._running.discard)
        running.add_done_callback(lambda _: work.close())  # had it not begun when it was cancelled
        return running

    async def over(self) -> None:
        """Return when all of it is done."""
        while self._running:
            await asyncio.wait(self._running)


def forget(error: LivedraftError) -> None:
    """Let be what concerns nobody any more; it is in the log."""
