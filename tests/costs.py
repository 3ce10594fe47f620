"""What work costs, weighed so that nothing else on the machine or in the process counts."""

from __future__ import annotations

import gc
import sys
import time
from collections.abc import Callable

TRIES = 5


def cpu_seconds(work: Callable[[], object], enough: float = 0.0) -> float:
    """Return the least CPU time that work takes in this thread, s; below `enough` one try will do.

    Other threads do not count, nor collections of garbage, which may be the whole process's, nor
    what noting the lines that tests run takes.
    """
    least = float("inf")
    collects, tracer = gc.isenabled(), sys.gettrace()
    gc.disable()
    sys.settrace(None)
    try:
        for _ in range(TRIES):
            begun = time.thread_time()
            work()
            least = min(least, time.thread_time() - begun)
            if least < enough:
                break
    finally:
        sys.settrace(tracer)
        if collects:
            gc.enable()
    return least
