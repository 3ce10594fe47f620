"""Measure what is not yet in the reports, as far as the time goes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Protocol, TypeVar

from .budget import Budget, Piece
from .measuring import Found, Lost
from .text import progress

W = TypeVar("W", bound=Piece)
T = TypeVar("T", bound=Piece, contravariant=True)


class Keeps(Protocol[T]):
    """A report: knows what is to be measured of it, and what was."""

    def expect(self, works: Sequence[T]) -> None:
        """Make a place for what is to be measured."""
        ...

    def has(self, work: T) -> bool:
        """Say whether a thing was measured, or was tried and failed."""
        ...

    def add(self, work: T, found: Found) -> None:
        """Put in what was found, and write it."""
        ...


def run(
    works: Sequence[W],
    reports: Mapping[str, Keeps[W]],
    measure: Callable[[W], Found],
    budget: Budget,
    tell: Callable[[str], None],
    brief: Callable[[Found], str] | None = None,
) -> list[W]:
    """Measure in this order and return what was left; each report is written as it grows.

    What is too long for the time left is passed over for what is not. Where the GPU is lost, all
    that comes after is left. ``brief`` tells a finding in a few words.
    """
    for op, report in reports.items():
        report.expect([work for work in works if work.op == op])
    todo = [work for work in works if not reports[work.op].has(work)]
    left: list[W] = []
    for at, work in enumerate(todo):
        if not budget.fits(work):
            left.append(work)
            continue
        begun = budget.spent
        try:
            found, lost = measure(work), False
        except Lost as gone:
            found, lost = gone.found, True
            tell(f"{gone}: run again to go on")
        budget.took(work, budget.spent - begun)
        reports[work.op].add(work, found)
        rest = todo[at + 1 :]
        known = len(works) - len(rest) - len(left)
        expected = budget.expected([*left, *rest])
        tell(progress(known, len(works), budget.spent, expected, work, (brief or _told)(found)))
        if lost:
            return left + rest
    return left


def _told(found: Found) -> str:
    if "right" in found and not found["right"]:
        return "WRONG"
    for key in ("ours_us", "compiled_us"):
        if key in found:
            return f"{found[key]:.1f} µs"
    return "failed" if "failed" in found else "skipped" if "skipped" in found else ""
