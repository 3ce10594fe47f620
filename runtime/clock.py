"""Monotonic time in seconds, replaceable in tests."""

from __future__ import annotations

import time
from collections.abc import Callable

Clock = Callable[[], float]

MONOTONIC: Clock = time.monotonic
