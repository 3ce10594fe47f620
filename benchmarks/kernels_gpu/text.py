"""What a run says: progress while it measures, then figures, goals, faults, and what is left."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

from .budget import Piece

_SHOWN = (
    "error", "picked", "fastest", "ours_us", "library_us", "compiled_us", "torch_us",
    "reference_us", "share", "host_us", "library_failed", "skipped", "failed",
)  # fmt: skip


def progress(at: int, of: int, spent: float, expected: float, work: Piece, told: str) -> str:
    """Return the line of one thing: how much is done, how long it took, how long the rest may."""
    done = f"[{at}/{of}, {_clock(spent)}, about {_clock(expected)} left]"
    return f"{done} {work.title}: {work.kind} {told}".rstrip()


def lines(found: dict[str, Any]) -> Iterator[str]:
    """Yield a report as it is printed: the real cases, the small ones only by what is wrong."""
    on, library = found["machine"], found["library"]
    beside = f"{library['name']} {library['version'] or 'not installed'}"
    yield f"\n{found['op']}: {on['gpu']}, torch {on['torch']}, Triton {on['triton']}, {beside}"
    for row in found["rows"]:
        if row["real"]:
            figures = [f"{key} {_figure(row[key])}" for key in _SHOWN if key in row]
            figures += [f"by {row['backend']}"] if row.get("backend", "triton") != "triton" else []
            figures += [f"not {', '.join(row['lacks'])}"] if row["lacks"] else []
            yield f"  {row['workload']}, batch {row['batch']}: " + ", ".join(figures)
    yield from (f"  {goal(each)}" for each in found["goals"])
    yield from (f"  WRONG: {fault}" for fault in found["faults"])


def goal(found: dict[str, Any]) -> str:
    """Return a goal, what was reached of it, and by how many cases if not by all."""
    bound = "at most" if found["most"] is not None else "at least"
    limit = found["most"] if found["most"] is not None else found["least"]
    said = "reached" if found["reached"] else "MISSED"
    known, all_of = found["of"]
    so_far = "" if known == all_of else f" ({known} of {all_of} cases measured)"
    return f"{said}: {found['what']} is {found['value']:.2f}, goal {bound} {limit:g}{so_far}"


def left(works: Sequence[Piece], expected: float) -> Iterator[str]:
    """Yield what was not begun, and how to go on."""
    counts = Counter((work.kind, work.op) for work in works)
    yield f"left: {len(works)}, about {_clock(expected)}; the same command again goes on"
    for kind in dict.fromkeys(kind for kind, _ in counts):
        of = ", ".join(f"{op} {n}" for (each, op), n in counts.items() if each == kind)
        yield f"  not {kind}: {of}"


def _figure(value: object) -> str:
    if isinstance(value, dict):
        return "; ".join(f"{key}: {each}" for key, each in value.items())
    return f"{value:.3g}" if isinstance(value, float) else str(value)


def _clock(seconds: float) -> str:
    return f"{int(seconds) // 60}:{int(seconds) % 60:02}"
