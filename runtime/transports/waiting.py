"""Bounds of waiting: until the first of several ends, or at most so long."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Coroutine
from contextlib import suppress
from typing import Any


async def first(*work: Coroutine[Any, Any, None]) -> None:
    """Run all, return when one ends, and raise what it raised; the others are cancelled."""
    tasks = [asyncio.ensure_future(part) for part in work]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    for task in tasks:  # in their order, should two have ended in the same turn
        if task in done:
            task.result()


async def at_most(seconds: float, work: Awaitable[object]) -> None:
    """Wait for work, but no longer than so many seconds; then it is cancelled."""
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await work
