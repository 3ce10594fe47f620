"""Server-sent events, and what is told by them of work while it lasts."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Coroutine, Mapping
from contextlib import aclosing
from typing import Any, Generic, Self, TypeVar

from starlette.responses import Response, StreamingResponse

BEAT_S = 10.0  # between signs of life on a line of events; proxies cut those that are silent

T = TypeVar("T")
R = TypeVar("R")


def event(kind: str, data: bytes) -> bytes:
    """Return an event whose data is one line, as JSON is."""
    return b"event: " + kind.encode() + b"\ndata: " + data + b"\n\n"


def streamed(
    events: AsyncGenerator[bytes, None], more: Mapping[str, str] | None = None
) -> Response:
    """Return an answer of events, with signs of life where none comes for long.

    Proxies are told to hand each on at once, and cut no line that only waits. ``more`` are headers.
    """
    headers = {"Cache-Control": "no-cache", "X-Accel-Buffering": "no", **(more or {})}
    return StreamingResponse(_alive(events), 200, headers, "text/event-stream")


async def _alive(events: AsyncGenerator[bytes, None]) -> AsyncIterator[bytes]:
    async with aclosing(events):
        while True:
            coming = asyncio.ensure_future(anext(events, b""))
            try:
                while not (await asyncio.wait([coming], timeout=BEAT_S))[0]:
                    yield b": waiting\n\n"
            finally:
                coming.cancel()
                await asyncio.wait([coming])
            if not (told := coming.result()):
                return
            yield told


class Working(Generic[T, R]):
    """Work under way, as a context that ends it; it is given who hears what is to be told."""

    def __init__(self, work: Callable[[Callable[[T], None]], Coroutine[Any, Any, R]]) -> None:
        self._work = work
        self._newest: T | None = None
        self._changed = asyncio.Event()

    async def __aenter__(self) -> Self:
        """Begin."""
        self._task = asyncio.create_task(self._work(self._hear))
        self._task.add_done_callback(lambda _: self._changed.set())
        return self

    async def __aexit__(self, *_: object) -> None:
        """Give up what is not done."""
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)

    async def news(self) -> T | None:
        """Wait for news, and return the newest; None once nothing comes any more."""
        await self._changed.wait()
        newest, self._newest = self._newest, None
        if not self._task.done():
            self._changed.clear()
        return newest

    async def result(self) -> R:
        """Wait for what comes of the work; raise what went wrong."""
        return await self._task

    def _hear(self, news: T) -> None:
        self._newest = news
        self._changed.set()
