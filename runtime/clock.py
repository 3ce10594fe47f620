"""Monotonic time in seconds, replaceable in tests."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

Clock = Callable[[], float]

MONOTONIC: Clock = time.monotonic


def call_later(seconds: float, call: Callable[[], None]) -> None:
    """Call something after so many seconds, on the running event loop."""
    asyncio.get_running_loop().call_later(seconds, call)
