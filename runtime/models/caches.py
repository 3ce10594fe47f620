"""Small caches that forget the oldest."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")
K = TypeVar("K")


def cached(cache: OrderedDict[K, T], key: K, make: Callable[[], T], most: int = 32) -> T:
    """Return what the cache holds for a key, made now if missing; it keeps the latest `most`."""
    if key not in cache:
        cache[key] = make()
        if len(cache) > most:
            cache.popitem(last=False)
    cache.move_to_end(key)
    return cache[key]
