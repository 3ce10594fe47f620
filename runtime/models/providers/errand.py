"""A request's life at a provider: handed in, watched, fetched, or taken back."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Coroutine, Iterator, Mapping, Sequence
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from livedraft.errors import LivedraftError, ModelFailed
from livedraft.media.chunks import Output

from .line import Line
from .made import chosen, pieces
from .provider import File, Provider, Status, Ticket

_CANCEL_S = 10.0  # in which a request is taken back, or let be


@dataclass(frozen=True, slots=True)
class Fetched:
    """A request's answer: its first file, and where it lies."""

    request: str
    file: File
    data: bytes
    first: Sequence[Output]  # of what the file shows, decoded
    pieces: Iterator[Sequence[Output]]  # after that


class Aside:
    """An event loop on a thread of its own, which ends with whoever has it."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        thread = threading.Thread(target=_run, args=(self._loop,), name="providers", daemon=True)
        thread.start()

    def start(self, work: Coroutine[Any, Any, None]) -> Future[None]:
        """Begin something; the future's ``cancel`` gives it up."""
        return asyncio.run_coroutine_threadsafe(work, self._loop)

    def __del__(self) -> None:
        """Let the thread end."""
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._loop.stop)


def _run(loop: asyncio.AbstractEventLoop) -> None:
    loop.run_forever()
    loop.close()


class Errand:
    """One request under way; ``take`` is called on the engine's thread, the rest on the loop."""

    def __init__(
        self,
        provider: Provider,
        arguments: Mapping[str, Any],
        aside: Aside,
        *,
        quiet: bool = False,
        line: Line | None = None,
    ) -> None:
        """Begin; a ``quiet`` one tells of its end alone. With a ``line`` it goes over that."""
        self._provider = provider
        self._line = line
        self._quiet = quiet
        self._lock = threading.Lock()
        self._news: Status | Fetched | Exception | None = None
        self.waits: Future[None] = Future()  # done when there is news
        self._running = aside.start(self._run(arguments))

    def take(self) -> Status | Fetched | None:
        """Return the newest of it; raise what went wrong. ``waits`` is of the news after that."""
        with self._lock:
            news, self._news = self._news, None
            if isinstance(news, Status):
                self.waits = Future()
        if isinstance(news, Exception):
            raise news
        return news

    def give_up(self) -> None:
        """Take the request back."""
        self._running.cancel()

    def _tell(self, news: Status | Fetched | Exception) -> None:
        with self._lock:
            self._news = news
            waits = self.waits
        if not waits.done():
            waits.set_result(None)

    async def _run(self, arguments: Mapping[str, Any]) -> None:
        within = self._provider.card.within_s
        try:
            async with asyncio.timeout(within):
                line = self._line
                made = self._made(arguments) if line is None else self._over(line, arguments)
                self._tell(await made)
        except TimeoutError:
            fix = "try again, or let the card's within_s be more"
            self._tell(ModelFailed(f"the provider made nothing in {within:g} s", fix=fix))
        except Exception as error:  # a task's boundary: the job fails, with what it was
            self._tell(error)

    async def _made(self, arguments: Mapping[str, Any]) -> Fetched:
        provider = self._provider
        submitting = asyncio.ensure_future(provider.submit(arguments))
        try:
            ticket = await asyncio.shield(submitting)
            async for status in provider.watch(ticket):
                if not self._quiet:
                    self._tell(status)
            file = chosen(provider.files(await provider.answer(ticket)), provider.card.gives)
            return await self._fetched(ticket.id, file, b"")
        except (asyncio.CancelledError, LivedraftError):
            await self._take_back(submitting)
            raise

    async def _over(self, line: Line, arguments: Mapping[str, Any]) -> Fetched:
        return await self._fetched("", *await line.ask(arguments))

    async def _fetched(self, request: str, file: File, data: bytes) -> Fetched:
        """Return a file as what it shows, fetched unless its bytes are there."""
        data = data or await self._provider.net.file(file.url)
        every = pieces(file, data, self._provider.card.gives)
        return Fetched(request, file, data, await asyncio.to_thread(next, every), every)

    async def _take_back(self, submitting: asyncio.Future[Ticket]) -> None:
        """Cancel there, of a request that may not have got its id yet."""
        with suppress(LivedraftError, TimeoutError, asyncio.CancelledError):
            async with asyncio.timeout(_CANCEL_S):  # else it runs to its end there
                await self._provider.cancel(await submitting)
