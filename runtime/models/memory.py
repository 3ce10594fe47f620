"""How much memory a model's state holds, as far as NumPy and torch tell."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from typing import Any

_MOST = 100_000  # objects that are looked at


def held_bytes(state: Any) -> int:
    """Return the bytes of all arrays and tensors in a state, each counted once.

    Looked at are dataclasses, objects with attributes, tables and lists, at any depth; what holds
    memory in another way tells it by a ``footprint`` of its own.
    """
    seen: set[int] = set()
    waiting, found = [state], 0
    while waiting and len(seen) < _MOST:
        value = waiting.pop()
        if id(value) in seen:
            continue
        seen.add(id(value))
        size = getattr(value, "nbytes", None)
        if isinstance(size, int):
            base = getattr(value, "base", None)  # a view holds what it is a view of
            if base is not None and isinstance(getattr(base, "nbytes", None), int):
                waiting.append(base)
            else:
                found += size
        else:
            waiting += _inside(value)
    return found


def _inside(value: Any) -> Iterator[Any]:
    if isinstance(value, Mapping):
        yield from value.values()
    elif isinstance(value, (list, tuple, set, frozenset)):
        yield from value
    elif is_dataclass(value) and not isinstance(value, type):
        yield from (getattr(value, field.name) for field in fields(value))
    else:
        yield from getattr(value, "__dict__", {}).values()
