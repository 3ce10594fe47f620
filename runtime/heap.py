"""Has the C library keep the memory of pictures while it is used, and give it back after that."""

from __future__ import annotations

import ctypes
import gc

import numpy as np

_REUSED = 4 * 1024 * 1024  # bytes of a block; a picture of 1024 x 1024 px with transparency


def reuse_memory() -> None:
    """Have blocks as large as pictures stay with this process when they are freed.

    glibc maps a block from 128 KiB on by itself and unmaps it as it is freed, so that each picture
    is memory that the system must clear, page after page. When a block that was mapped is freed,
    it takes blocks up to that size as ones that come and go, keeps them, and gives memory back
    only when twice as much lies free: mallopt(3), M_MMAP_THRESHOLD. Frees one such block, at once
    and not when some user's first large picture happens to be. Other C libraries are left as they
    are.
    """
    np.empty(_REUSED, np.uint8)


def give_back(garbage: bool) -> None:
    """Give the system what lies free: glibc's malloc_trim(3); other C libraries do so themselves.

    Threads that come and go, as each peer's decoders do, else leave what they freed in as many
    heaps. Takes some ms; with ``garbage``, which is collected before, as long as all Python in this
    process stands still: a peer's objects name each other, and hold codecs and windows of packets.
    """
    if garbage:
        gc.collect()
    try:
        trim = ctypes.CDLL(None).malloc_trim
    except (AttributeError, OSError, TypeError):  # the last: Windows has no library of all names
        return
    trim(0)
