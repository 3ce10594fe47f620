"""Measure what is not yet in the reports, as far as the time goes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from .budget import Budget
from .measuring import Found, Lost
from .report import Report
from .text import progress
from .work import Work


def run(
    works: Sequence[Work],
    reports: Mapping[str, Report],
    measure: Callable[[Work], Found],
    budget: Budget,
    tell: Callable[[str], None],
) -> list[Work]:
    """Measure in this order and return what was left; each report is written as it grows.

    What is too long for the time left is passed over for what is not. Where the GPU is lost, all
    that comes after is left.
    """
    for op, report in reports.items():
        report.expect([work for work in works if work.op == op])
    todo = [work for work in works if not reports[work.op].has(work)]
    left: list[Work] = []
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
        tell(progress(known, len(works), budget.spent, expected, work, _told(found)))
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
