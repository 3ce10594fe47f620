"""What was aimed at, and whether it was reached, as far as it was measured."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

Row = dict[str, Any]  # one case, as the report has it

_QUICK = ("pixels_in", "pixels_out", "stream_step")  # of these eager torch makes many passes
_FEW = 4  # the largest batch of live use


def goals(op: str, rows: Sequence[Row], l2_bytes: int | None) -> list[Row]:
    """Return the goals of an operation, each by its worst case.

    ``of`` is how many cases were measured, of how many. What moves less than twice ``l2_bytes``
    need not wait for memory, so it has no share of its bandwidth to reach.
    """
    real = [row for row in rows if row["real"]]
    timed = [row for row in real if "ours_us" in row]
    few = [row for row in real if row["batch"] <= _FEW]
    both = [row for row in few if "ours_us" in row and "compiled_us" in row]
    large = [row for row in timed if l2_bytes is not None and row["moved_bytes"] > 2 * l2_bytes]
    found = []
    if large:
        share, several = min(row["share"] for row in large), (len(timed), len(real))
        found.append(_goal("share of copy bandwidth, large shapes", share, several, least=0.85))
    if both:
        ratio = max(row["ours_us"] / row["compiled_us"] for row in both)
        several = (len(both), len(few))
        found.append(_goal("time by Inductor's at batch 1 to 4", ratio, several, most=1.0))
    if op in _QUICK and timed:
        ratio, several = min(eager(row) / row["ours_us"] for row in timed), (len(timed), len(real))
        found.append(_goal("eager torch's time by ours", ratio, several, least=3.0))
    if timed:
        host, several = max(row["host_us"] for row in timed), (len(timed), len(real))
        found.append(_goal("host's time a call, µs", host, several, most=15.0))
    return found


def picks(rows: Sequence[Row]) -> list[Row]:
    """Return attention's goal: that what it picks is as fast as the fastest."""
    known = [row for row in rows if "as_fast" in row]
    slow = sum(not row["as_fast"] for row in known)
    several = (len(known), len(rows))
    return [_goal("picks slower than the fastest", slow, several, most=0)] if known else []


def eager(row: Row) -> float:
    """Return the time of eager torch, µs: of the reference or of the idiom, the quicker."""
    return float(min(row["reference_us"], row.get("torch_us", row["reference_us"])))


def _goal(
    what: str,
    value: float,
    several: tuple[int, int],
    *,
    least: float | None = None,
    most: float | None = None,
) -> Row:
    reached = value >= least if least is not None else most is not None and value <= most
    told = {"what": what, "value": value, "least": least, "most": most, "reached": reached}
    return told | {"of": list(several)}
