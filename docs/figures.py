"""Tables of the figures in benchmarks/results, for the pages that show them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

RESULTS = Path(__file__).resolve().parent.parent / "benchmarks" / "results"
BEGIN, END = "<!-- figures: {} -->\n", "<!-- end -->"

Report = dict[str, Any]  # one file, as benchmarks/harness.py writes it


def reports() -> list[Report]:
    """Return the results of the benchmarks, machine by machine."""
    return [json.loads(path.read_text("utf-8")) for path in sorted(RESULTS.glob("*/*.json"))]


def engines() -> list[Report]:
    """Return what benchmarks/engine found, GPU by GPU."""
    return [json.loads(path.read_text("utf-8")) for path in sorted(RESULTS.glob("*/engine/*.json"))]


def with_figures(page: str, found: list[Report]) -> str:
    """Return a page with its figures between the marks filled in."""
    for name, table in _TABLES.items():
        begin = BEGIN.format(name)
        head, mark, rest = page.partition(begin)
        if mark:
            _, end, tail = rest.partition(END)
            page = head + mark + table(found) + end + tail
    return page


def _benchmark_tables(found: list[Report]) -> str:
    lines = []
    for machine, those in _by_machine(found):
        lines += [
            f"### {machine}\n",
            "| what | p50 | p95 | p99 | goal | |",
            "|---|--:|--:|--:|---|---|",
        ]
        for report in those:
            lines += [_row(what, row) for what, row in report["ms"].items()]
            lines += [_goal(goal) for goal in report["goals"]]
            lines += [
                f"| {what} | {value:g} | | | | |" for what, value in report["figures"].items()
            ]
        lines += [
            "",
            "Times in ms, other figures as they are called. Commit and command of each:\n",
        ]
        lines += [f"- `{r['command']}`: {r['commit']}, {r['date'][:10]}" for r in those]
        lines += [""]
    return "\n".join(lines) + "\n" if lines else "Nothing was measured yet.\n"


def _latency_tables(found: list[Report]) -> str:
    lines = []
    for machine, those in _by_machine(found):
        for report in those:
            if report["benchmark"] != "pen_to_pixel":
                continue
            lines += [f"{machine}, commit {report['commit']}, ms:\n"]
            lines += ["| | p50 | p95 | p99 |", "|---|--:|--:|--:|"]
            rows = report["ms"] | report["stages_ms"]
            lines += [f"| {what} | {_times(row)} |" for what, row in rows.items()] + [""]
    return "\n".join(lines) + "\n" if lines else "Nothing was measured yet.\n"


def _goal_lines(found: list[Report]) -> str:
    """Return of each benchmark the goal that is nearest to its limit, or furthest beyond it."""
    lines = []
    for machine, those in _by_machine(found):
        lines += [f"| {machine} | measured | goal | |", "|---|--:|--:|---|"]
        for goals in (report["goals"] for report in those if report["goals"]):
            goal = max(goals, key=lambda each: each["value"] / each["limit"])
            unit = goal["unit"]
            lines.append(
                f"| {goal['what']} | {_short(goal['value'])} {unit} | {goal['limit']:g} {unit} "
                f"| {_verdict(goal)} |"
            )
        lines += [""]
    return "\n".join(lines) if lines else "Nothing was measured yet.\n"


def engine_tables(found: list[Report]) -> str:
    """Return of each case how long the library took, compiled or not, and ours, with its goals."""
    lines = []
    for report in found:
        on, rate = report["machine"], report["matrix_flops_per_s"] / 1e12
        lines += [
            f"### {on['gpu']}\n",
            "| ms | diffusers | compiled | ours | times as fast | of the matrix rate | error |",
            "|---|--:|--:|--:|--:|--:|--:|",
        ]
        lines += [_engine_row(row) for row in report["rows"] if row.get("right")]
        lines += ["", *_engine_goals(report), ""]
        library = f"{report['library']['name']} {report['library']['version']}"
        lines += [
            f"torch {on['torch']}, Triton {on['triton']}, {library}; a product of matrices runs at "
            f"{rate:.0f} TFLOP/s. `{report['command']}`, {report['date'][:10]}, code "
            f"{report['code']}.\n",
        ]
    return "\n".join(lines) if lines else "Nothing was measured yet.\n"


def _engine_row(row: Mapping[str, Any]) -> str:
    compiled = f"{row['compiled_ms']:.4g}" if "compiled_ms" in row else ""
    return (
        f"| {row['title']} | {row['library_ms']:.4g} | {compiled} | **{row['ours_ms']:.4g}** "
        f"| {row['library_ms'] / row['ours_ms']:.2g} | {row['ours_share']:.0%} "
        f"| {row['error']:.1e} |"
    )


def _engine_goals(report: Report) -> list[str]:
    lines = [f"| {report['machine']['gpu']} | measured | goal | |", "|---|--:|--:|---|"]
    for goal in report["goals"]:
        least = goal["least"] is not None
        limit = f"{'≥' if least else '≤'} {goal['least'] if least else goal['most']:g}"
        value = _short(goal["value"])
        lines.append(f"| {goal['what']} | {value} | {limit} | {_verdict(goal)} |")
    return lines


_TABLES: dict[str, Callable[[list[Report]], str]] = {
    "benchmarks": _benchmark_tables,
    "latency": _latency_tables,
    "goals": _goal_lines,
    "engine": lambda _: engine_tables(engines()),
}


def _by_machine(found: list[Report]) -> Iterator[tuple[str, list[Report]]]:
    groups: dict[str, list[Report]] = {}
    for report in found:
        on = report["machine"]
        name = f"{on['cpu']}, {on['cores']} cores, {on['memory_gib']:g} GiB"
        groups.setdefault(name, []).append(report)
    yield from groups.items()


def _row(what: str, row: Mapping[str, float]) -> str:
    return f"| {what} | {_times(row)} | | |"


def _short(value: float) -> str:
    return f"{value:.0f}" if abs(value) >= 100 else f"{value:.3g}"


def _verdict(goal: Mapping[str, Any]) -> str:
    return "reached" if goal["reached"] else "**missed**"


def _goal(goal: Mapping[str, Any]) -> str:
    verdict = _verdict(goal)
    value, unit = f"{goal['value']:.3g} {goal['unit']}", goal["unit"]
    return f"| *{goal['what']}* | **{value}** | | | ≤ {goal['limit']:g} {unit} | {verdict} |"


def _times(row: Mapping[str, float]) -> str:
    return " | ".join(f"{row[p]:.1f}" for p in ("p50", "p95", "p99"))
