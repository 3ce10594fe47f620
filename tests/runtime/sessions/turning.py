"""The event loop, turned by hand."""

import asyncio
from collections.abc import Callable

from livedraft.runtime.models.base import Pixels


async def until(true: Callable[[], bool]) -> None:
    """Let the loop turn until a condition holds; it is a fault if that takes 1,000 turns."""
    for _ in range(1000):
        if true():
            return
        await asyncio.sleep(0)
    raise AssertionError("it never came true")


async def eventually(true: Callable[[], bool]) -> None:
    """Wait, 10 s at most, until a condition holds that another thread brings about."""
    async with asyncio.timeout(10):
        while not true():
            await asyncio.sleep(0)


async def no_pictures(encoded: bytes, *_: object) -> Pixels:
    """Stand in for the decoder where no picture is sent."""
    raise AssertionError("no picture is sent here")
