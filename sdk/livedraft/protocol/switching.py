"""Which pictures stay when the model of a session changes; both ends follow it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeVar

T = TypeVar("T")


def renamed(things: Mapping[str, T], of: Sequence[str], to: Sequence[str]) -> dict[str, T]:
    """Return pictures by the names of another model's inputs.

    ``of`` and ``to`` are the names of both models' inputs for pictures, in their order. Each stays
    by its name, and where the first input's has no such name it goes to the other's first.
    """
    found = {name: things[name] for name in to if name in things}
    if to and of and to[0] not in found and of[0] in things:
        found[to[0]] = things[of[0]]
    return found
