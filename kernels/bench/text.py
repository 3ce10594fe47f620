"""A verdict for people to read."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from .verdict import Check, EndToEnd, Verdict


def table(verdict: Verdict) -> str:
    """Return a verdict as text: the answers, what was compared, what was timed."""
    return "\n".join(_lines(verdict))


def _lines(verdict: Verdict) -> Iterator[str]:
    what = f"{verdict.file}:{verdict.function}" if verdict.function else verdict.file
    yield f"{what} as {verdict.operation}: {verdict.outcome}"
    if verdict.why:
        yield f"  {verdict.why}"
    yield ""
    for name in ("compiles", "correct", "stable", "fast"):
        judged = getattr(verdict, name)
        why = judged.why if judged.why != verdict.why else ""
        yield f"{name:<9} {judged.answer:<11} {why}".rstrip()
    if verdict.checks:
        yield ""
        yield from _columns(
            ["shape", "dtype", "calls", "worst error", "allowed", ""], _rows(verdict)
        )
    if verdict.timings:
        yield ""
        yield from _columns(
            ["shape", "dtype", "cold µs", "warm µs", "host µs", "baseline µs", "faster", "roof"],
            [
                [
                    timing.workload,
                    timing.dtype,
                    f"{timing.cold_us:.1f}",
                    f"{timing.warm_us:.1f}",
                    f"{timing.host_us:.1f}",
                    ", ".join(f"{k} {v:.1f}" for k, v in timing.baseline_us.items()),
                    f"{timing.speedup:.2f} ×",
                    f"{timing.roofline:.0%}",
                ]
                for timing in verdict.timings
            ],
        )
    if verdict.end_to_end:
        yield ""
        yield _in_model(verdict.end_to_end)
    for finding in verdict.findings:
        yield f"line {finding['line']}: {finding['rule']}: {finding['text']}"
    yield from (f"note: {note}" for note in verdict.notes)
    yield ""
    yield ", ".join(f"{key} {value}" for key, value in verdict.environment.items())
    yield f"seed {verdict.seed['public']}, secret {verdict.seed['secret']}"


def _in_model(found: EndToEnd) -> str:
    said = f"in a model ({found.model}): relative error {found.error:.1e}"
    if found.delta_percent is None:
        return said + ", time not judged"
    return f"{said}, {found.kernel_us:.0f} µs for {found.reference_us:.0f}, " + (
        f"{found.delta_percent:+.1f} %"
    )


def _rows(verdict: Verdict) -> list[list[str]]:
    """Return a row for each shape and dtype, with the worst of its comparisons."""
    groups: dict[tuple[str, str], list[Check]] = {}
    for check in verdict.checks:
        groups.setdefault((check.workload, check.dtype), []).append(check)
    return [_row(checks) for checks in groups.values()]


def _row(checks: list[Check]) -> list[str]:
    worst = max(checks, key=lambda check: (bool(check.why), (check.error or 0) / check.allowed))
    error = "" if worst.error is None else f"{worst.error:.1e}"
    mark = f"WRONG, {worst.layout}" if worst.why else "ok"
    return [worst.workload, worst.dtype, str(len(checks)), error, f"{worst.allowed:.0e}", mark]


def _columns(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    widths = [max(map(len, column)) for column in zip(heads, *rows, strict=True)]
    for row in (heads, *rows):
        cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        yield "  ".join(cells).rstrip()
