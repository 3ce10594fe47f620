"""A process that dies leaves no image of its memory, in which users' pictures are."""

from __future__ import annotations

import sys


def keep_no_dump() -> None:
    """Have the kernel write no core dump of this process; whoever wants one may raise the limit.

    What a crash handler of the system is told to keep all the same is its own matter, see core(5).
    """
    if sys.platform != "win32":
        import resource

        _, most = resource.getrlimit(resource.RLIMIT_CORE)
        resource.setrlimit(resource.RLIMIT_CORE, (0, most))
