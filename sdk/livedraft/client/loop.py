"""An event loop on a thread of its own, for those who block."""

from __future__ import annotations

import asyncio
import concurrent.futures
import threading
from collections.abc import AsyncGenerator, AsyncIterator, Coroutine, Iterator
from contextlib import suppress
from typing import Any, TypeVar

from livedraft.errors import SessionClosed, SessionError

T = TypeVar("T")
LEAVE_S = 5.0  # that `stop` waits for the thread


class LoopThread:
    """An event loop on a daemon thread, so that a forgotten client holds no process back."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._gate = threading.Lock()  # nothing is handed over once the loop was told to stop
        self._stopped = False
        self._thread = threading.Thread(target=self._serve, name="livedraft-client", daemon=True)
        self._thread.start()

    def _serve(self) -> None:
        with asyncio.Runner(loop_factory=lambda: self._loop) as runner:
            runner.get_loop().run_forever()

    @property
    def running(self) -> bool:
        """Whether it was not told to stop."""
        return not self._stopped

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Run a coroutine there and wait; an interrupt here cancels it there."""
        if threading.current_thread() is self._thread:
            work.close()
            raise SessionError(
                "a callback of the client cannot wait for the client",
                fix="let another thread call it, or use AsyncClient",
            )
        with self._gate:
            if self._stopped:
                work.close()
                raise _closed()
            future = asyncio.run_coroutine_threadsafe(work, self._loop)
        try:
            return future.result()
        except concurrent.futures.CancelledError:
            raise _closed() from None
        except BaseException:
            future.cancel()
            raise

    def each(self, coming: AsyncIterator[T]) -> Iterator[T]:
        """Yield what comes there, and end it where the taker ends."""

        async def taken() -> T | None:
            return await anext(coming, None)

        try:
            while (found := self.run(taken())) is not None:
                yield found
        finally:
            if isinstance(coming, AsyncGenerator) and self.running:
                with suppress(SessionClosed):  # another thread has closed the client
                    self.run(_end(coming))

    def stop(self) -> None:
        """Stop; what runs there is cancelled."""
        with self._gate:
            if not self._stopped:
                self._stopped = True
                self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(LEAVE_S)  # longer where a name is looked up; it is a daemon


async def _end(coming: AsyncGenerator[T, None]) -> None:
    await coming.aclose()


def _closed() -> SessionClosed:
    return SessionClosed("the client was closed", fix="make a new one")
