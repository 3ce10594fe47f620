"""Where the parts of trousers, shorts and skirts lie: waist, hips, crotch, knees and hems."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..garment import Floats
from .outline import SIDES, Outline

_SHARP = 2.4  # rad: a crotch's notch is no wider
_LEAST_LEG = 0.12  # of the height, below the crotch: shorts' legs are short
_HIP = 0.35  # of a skirt's height below the waist; of trousers', 3/4 of the way to the crotch


@dataclass(frozen=True)
class LowerSide:
    """One side of a lower garment, points (2,) px; a skirt has no knee and no inner hem."""

    waist: Floats
    hip: Floats
    hem: Floats
    hem_in: Floats | None = None
    knee_out: Floats | None = None
    knee_in: Floats | None = None


def crotch_notch(outline: Outline) -> Floats | None:
    """Return where two legs part: the highest sharp notch about the middle, open below."""
    angle, depth = outline.notches
    line = outline.line
    central = np.abs(line[:, 0] - outline.middle) < 0.22 * outline.width
    below = (line[:, 1] - outline.top) / outline.height
    likely = central & (angle < _SHARP) & (below > 0.12) & (below < 1 - _LEAST_LEG)
    likely &= depth > 0.6 * _LEAST_LEG * outline.height
    for index in np.nonzero(likely)[0][np.argsort(line[likely, 1])]:
        point = line[index]
        column = outline.mask[round(float(point[1])) + 3 :, round(float(point[0]))]
        if column.mean() < 0.15:
            tip = likely & (np.hypot(*(line - point).T) < 0.08 * outline.height)
            return np.asarray(line[np.where(tip, -line[:, 1], -np.inf).argmax()])
    return None


def lower_sides(outline: Outline, crotch: Floats | None) -> dict[str, LowerSide]:
    """Return both sides of trousers, or of a skirt where there is no crotch."""
    return {side: _side(outline, side, crotch) for side in SIDES}


def edge_at(line: Floats, y: float, side: str) -> Floats:
    """Return where a line is in a row; its outermost place, if it is there more than once."""
    off = np.abs(line[:, 1] - y)
    near = line[off <= max(1.0, float(off.min()))]
    return np.asarray(near[(near[:, 0] * SIDES[side]).argmax()])


def _side(outline: Outline, side: str, crotch: Floats | None) -> LowerSide:
    line = outline.line
    out = outline.outward(line, side)
    upper = (out > 0) & (line[:, 1] < outline.top + 0.2 * outline.height)
    waist = line[np.where(upper, out - 1.5 * line[:, 1], -np.inf).argmax()]
    hem = line[np.where(out > 0, out + 1.5 * line[:, 1], -np.inf).argmax()]
    outer = outline.outward_arc(side, outline.nearest(waist), outline.nearest(hem))
    if crotch is None:
        hip = edge_at(outer, float(waist[1] + _HIP * (hem[1] - waist[1])), side)
        return LowerSide(waist, hip, hem)
    hip = edge_at(outer, float(waist[1] + 0.75 * (crotch[1] - waist[1])), side)
    inner = outline.outward_arc(side, outline.nearest(hem), outline.nearest(crotch))
    inward = -inner[:, 0] * SIDES[side]
    hem_in = inner[(inward + 1.5 * inner[:, 1]).argmax()]
    knee = float(crotch[1] + 0.45 * (hem[1] - crotch[1]))
    opposite = "r" if side == "l" else "l"
    return LowerSide(
        waist, hip, hem, hem_in, edge_at(outer, knee, side), edge_at(inner, knee, opposite)
    )
