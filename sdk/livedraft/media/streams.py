"""What comes piece by piece, of any iterator, without holding up who takes it."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, AsyncIterable, Generator, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
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


def ahead(source: Iterator[T], most: int = 2) -> Generator[T, None, None]:
    """Yield pieces, none of which is None, while at most so many more are made on a thread.

    A generator is closed where nobody wants more of it.
    """
    with ThreadPoolExecutor(1, "ahead") as thread:
        coming = deque(thread.submit(next, source, None) for _ in range(most))
        try:
            while (found := coming.popleft().result()) is not None:
                coming.append(thread.submit(next, source, None))
                yield found
        finally:
            for each in coming:
                each.cancel()
            if isinstance(source, Generator):
                thread.submit(source.close).result()
