"""Which models left their devices for others, and how they are brought back before a session."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from .ports import StepEngine


def away(engines: Sequence[StepEngine], names: Collection[str]) -> dict[str, StepEngine]:
    """Return those of some models that are not on their devices."""
    return {name: engine for engine in engines for name in engine.away if name in names}


async def bring_back(engines: Sequence[StepEngine], names: Collection[str]) -> None:
    """Have models on their devices again; raise OutOfMemory where others leave one no room."""
    for name, engine in away(engines, names).items():
        await engine.onload(name)
