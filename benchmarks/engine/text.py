"""What a run of the engine's benchmark says at its end, and of each measurement."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ..kernels_gpu.text import goal

_COLUMNS = ("library_ms", "compiled_ms", "ours_ms", "ours_share", "first_ms", "error")


def lines(found: dict[str, Any]) -> Iterator[str]:
    """Yield the report as it is printed."""
    on, library = found["machine"], found["library"]
    rate = found["matrix_flops_per_s"] / 1e12
    yield (
        f"\n{on['gpu']}, {rate:.0f} TFLOP/s of a matrix product, torch {on['torch']}, "
        f"Triton {on['triton']}, {library['name']} {library['version']}"
    )
    for row in found["rows"]:
        figures = [f"{name} {row[name]:.3g}" for name in _COLUMNS if name in row]
        if row.get("ours_ms") and row.get("library_ms"):
            figures.append(f"{row['library_ms'] / row['ours_ms']:.2f}x of the library")
        yield f"  {row['title']}: " + ", ".join(figures or ["not measured"])
        yield from _ways(row)
        for why in ("failed", "skipped"):
            yield from (f"    {why} {kind}: {text}" for kind, text in row.get(why, {}).items())
    yield from (f"  {goal(each)}" for each in found["goals"])
    yield from (f"  WRONG: {fault}" for fault in found["faults"])


def brief(found: dict[str, Any]) -> str:
    """Return the figure of one measurement."""
    if found.get("right") is False:
        return "WRONG"
    for name in ("ours_ms", "compiled_ms", "library_ms"):
        if name in found:
            return f"{found[name]:.1f} ms"
    why = {**found.get("failed", {}), **found.get("skipped", {})}
    return "; ".join(str(text).splitlines()[0] for text in why.values())


def _ways(row: dict[str, Any]) -> Iterator[str]:
    for part, made in row.get("choices", {}).items():
        for choice in made:
            us = ", ".join(f"{way} {time:.0f} µs" for way, time in choice["us"].items())
            why = "; ".join(f"not {way}: {reason}" for way, reason in choice["reasons"].items())
            yield f"    {part}: {choice['way']} ({us}){'; ' * bool(why)}{why}"
