"""The pieces of a final film between what makes them and what takes them: few of them wait."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable

from livedraft.errors import LivedraftError

from .result import Result

_MOST_WAITING = 4  # pieces, before more are made


class Reel:
    """Takes pieces, one after another, until ``end``; ``taken`` hears when one has been taken."""

    def __init__(self, taken: Callable[[], None] = lambda: None) -> None:
        self._taken = taken
        self._waiting: asyncio.Queue[Result | LivedraftError | None] = asyncio.Queue()

    @property
    def ready(self) -> bool:
        """Whether there is room for one more."""
        return self._waiting.qsize() < _MOST_WAITING

    def put(self, piece: Result) -> None:
        """Take a piece."""
        self._waiting.put_nowait(piece)

    def end(self, error: LivedraftError | None = None) -> None:
        """Take none any more: that was all, or it went wrong."""
        self._waiting.put_nowait(error)

    async def pieces(self) -> AsyncGenerator[Result, None]:
        """Yield the pieces to their end; raise what went wrong."""
        while (found := await self._waiting.get()) is not None:
            if isinstance(found, LivedraftError):
                raise found
            self._taken()
            yield found
