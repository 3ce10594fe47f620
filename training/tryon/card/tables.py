"""The tables of the model card and of the training's page, from an evaluation."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from training.pages import Report, Tables

from ..evaluate import SETS
from ..evaluate.report import WORST

COLUMNS = {  # names in the report: heads in a table, and digits behind the point
    "people": ("people", 0),
    "outside": ("outside", 0),
    "iou": ("IoU", 2),
    WORST: ("worst", 2),
    "map_px": ("map, px", 1),
    "ssim": ("SSIM", 2),
    "lead": ("lead", 2),
}
ARMS = {
    "arm_psnr": ("arms, PSNR", 1),
    "arm_lightness": ("arms, off in L*", 1),
    "arm_covered": ("under new sleeves", 2),
    "skin_psnr": ("skin, PSNR", 1),
    "skin_lightness": ("skin, off in L*", 1),
}
GARMENTS = {"upper": "tops", "lower": "trousers, skirts", "dress": "dresses"}
GOALS = {  # of a set's people together: what is named in the report, and the least or the most
    "outside": ("pixels changed outside of the mask", "≤", 0.0),
    "iou": ("IoU, mean", "≥", 0.92),
    WORST: ("IoU, worst", "≥", 0.85),
    "map_px": ("map error of the torso, px", "≤", 3.5),
    "ssim": ("SSIM within the garment", "≥", 0.68),
    "lead": ("its lead over a sticker", "≥", 0.1),
    "arm_psnr": ("bared arms, PSNR", "≥", 19.0),
}
OFF, STILL = 6.0, 1.0  # most that arms of a group of tones are off in L*; most jitter, px

Row = Mapping[str, float]


def _sets(report: Report) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for name in SETS:
        if name in report:
            yield name, report[name]


def _goals(report: Report) -> Iterator[str]:
    yield "| people | figure | measured | goal | |"
    yield "|---|---|--:|--:|---|"
    for name, found in _sets(report):
        for key, (what, way, limit) in GOALS.items():
            if key in found["all"]:
                yield _goal(name, what, found["all"][key], way, limit)
        tones = found["by_skin_tone"].values()
        off = [row["arm_lightness"] for row in tones if "arm_lightness" in row]
        if off:
            worst = "bared arms, off in L*, in the worst group of skin tones"
            yield _goal(name, worst, max(off), "≤", OFF)
    moving = report["moving"]
    if "rms_px" in moving:
        yield _goal("moving", "jitter of control points, px", moving["rms_px"], "≤", STILL)


def _goal(name: str, what: str, value: float, way: str, limit: float) -> str:
    reached = value >= limit if way == "≥" else value <= limit
    verdict = "reached" if reached else "**missed**"
    return f"| {name} | {what} | {value:.3g} | {way} {limit:g} | {verdict} |"


def _garments(report: Report) -> Iterator[str]:
    yield from _head("people", "garment", columns=COLUMNS)
    for name, found in _sets(report):
        for kind, row in found["by_garment"].items():
            yield _line(name, GARMENTS[kind], row, COLUMNS)
        if len(found["by_garment"]) > 1:
            yield _line(name, "all", found["all"], COLUMNS)


def _tones(report: Report) -> Iterator[str]:
    columns = {"people": ("people", 0), "iou": ("IoU", 2), **ARMS}
    yield from _head("people", "skin", columns=columns)
    for name, found in _sets(report):
        for tone in sorted(found["by_skin_tone"], key=_darkness):
            yield _line(name, tone, found["by_skin_tone"][tone], columns)


def _darkness(tone: str) -> int:
    return ("light", "medium", "deep", "very deep").index(tone)


def _sleeves(report: Report) -> Iterator[str]:
    columns = {"people": ("people", 0), "iou": ("IoU", 2), "map_px": ("map, px", 1), **ARMS}
    yield from _head("people", "sleeves", columns=columns)
    for name, found in _sets(report):
        for case, row in found["by_sleeves"].items():
            yield _line(name, case, row, columns)


def _poses(report: Report) -> Iterator[str]:
    columns = {**COLUMNS, "arm_psnr": ARMS["arm_psnr"]}
    yield from _head("people", "pose or framing", columns=columns)
    for name, found in _sets(report):
        for by in ("by_pose", "by_framing"):
            for group, row in found[by].items():
                if len(found[by]) > 1:
                    yield _line(name, group, row, columns)


def _dressed(report: Report) -> Iterator[str]:
    for name, found in _sets(report):
        left = sum(found["not_dressed"].values())
        why = ", ".join(f"{count} × {reason}" for reason, count in found["not_dressed"].items())
        yield f"- {name}: {found['people']} dressed, {left} not{': ' + why if why else ''}"


def _head(*first: str, columns: Mapping[str, tuple[str, int]]) -> Iterator[str]:
    yield "| " + " | ".join([*first, *(head for head, _ in columns.values())]) + " |"
    yield "|" + "---|" * len(first) + "--:|" * len(columns)


def _line(name: str, group: str, row: Row, columns: Mapping[str, tuple[str, int]]) -> str:
    cells = [f"{row[key]:.{digits}f}" if key in row else "" for key, (_, digits) in columns.items()]
    return "| " + " | ".join([name, group, *cells]) + " |"


TABLES: Tables = {
    "goals": _goals,
    "garments": _garments,
    "skin tones": _tones,
    "sleeves": _sleeves,
    "poses": _poses,
    "dressed": _dressed,
}
