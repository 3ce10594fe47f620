"""What comes piece by piece, of an iterator or an asynchronous one, without holding up a loop."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterable, Iterable
from typing import TypeVar

T = TypeVar("T")


async def pieces_of(source: Iterable[T] | AsyncIterable[T]) -> AsyncGenerator[T, None]:
    """Yield pieces as they come, none of which is None; each of an iterator is made on a thread.

    A generator is closed where nobody wants more of it.
    """
    if isinstance(source, AsyncIterable):
        coming = aiter(source)
        try:
            async for piece in coming:
                yield piece
        finally:
            if isinstance(coming, AsyncGenerator):
                await coming.aclose()
    else:
        made = iter(source)
        while (found := await asyncio.to_thread(next, made, None)) is not None:
            yield found
