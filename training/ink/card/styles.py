"""What the model card says of styles: their goals, and their table."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from livedraft.runtime.models.ink.layout import STYLES

Goal = tuple[str, float, str, float]  # what, the figure reached, "≥" or "≤", and the limit
Report = dict[str, Any]
LIT = STYLES[1:]


def style_goals(figures: Report) -> Iterator[Goal]:
    """Yield the goals of styles, of the report's figures of them."""
    for pair, difference in figures["shading_difference"].items():
        yield f"shading, {pair}, /255", difference, "≥", 6 if "flat" not in pair else 8
    for style in LIT:
        yield from _nearness("patches", figures["patch_distance"], style)
    yield from _nearness("patches by surfaces", figures[_SURFACES], "noto")
    for style in LIT:
        yield (
            f"{style}, named so by a judge of styles",
            figures["judged"]["ours"][style][style],
            "≥",
            0.85,
        )
    for style, share in figures["light_followed"].items():
        yield f"shading of {style} turns with the light", share, "≥", 0.9
    for style, difference in figures["seeds"].items():
        yield f"what another seed changes in {style}, /255", difference, "≥", 6
    shares = figures["open_lines"]["within_1_percent"]
    yield "open lines: next to nothing painted beside", shares, "≥", 0.95


def style_table(report: Report) -> Iterator[str]:
    """Yield the table of styles: ours beside true art."""
    figures = report["styles"]
    judged = figures["judged"]
    yield f"| | {' | '.join(STYLES)} |"
    yield "|---|" + "--:|" * len(STYLES)
    rows = (
        ("shading within regions, /255: held-out art", figures["true_strength"]),
        ("ours", figures["strength"]),
        ("shading by surfaces, /255: held-out art", figures["true_surface_strength"]),
        ("ours", figures["surface_strength"]),
    )
    for name, row in rows:
        yield f"| {name} | {' | '.join(f'{row[s]:.1f}' for s in STYLES)} |"
    for name, key in (("regions", "patch_distance"), ("surfaces", _SURFACES)):
        for s in STYLES:
            cells = (f"{figures[key][s][f'to {t}'] * 1000:.1f}" for t in STYLES)
            yield f"| patches by {name}, ·10⁻³: our {s} to art in | {' | '.join(cells)} |"
    for name, told_of in (("true", judged["art"]), ("our", judged["ours"])):
        for s in STYLES:
            cells = (f"{100 * told_of[s][t]:.0f} %" for t in STYLES)
            yield f"| the judge takes {name} {s} for | {' | '.join(cells)} |"


def against_flat(distances: Report, style: str) -> float:
    """Return how far a style is from its art, against how far the unlit one is from it."""
    return float(distances[style][f"to {style}"] / distances["flat"][f"to {style}"])


def _nearness(name: str, distances: Report, style: str) -> Iterator[Goal]:
    own, what = distances[style], f"{name} of {style}, distance to its art against"
    yield f"{what} flat's", against_flat(distances, style), "≤", 1 / 3
    others = min(own[f"to {s}"] for s in LIT if s != style)
    yield f"{what} that to the next style's", own[f"to {style}"] / others, "≤", 1


_SURFACES = "surface_patch_distance"
