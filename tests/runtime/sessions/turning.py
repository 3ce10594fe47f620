"""The event loop, turned by hand."""

import asyncio
from collections.abc import Callable


async def until(true: Callable[[], bool]) -> None:
    """Let the loop turn until a condition holds; it is a fault if that takes 1,000 turns."""
    for _ in range(1000):
        if true():
            return
        await asyncio.sleep(0)
    raise AssertionError("it never came true")
