"""Where a top's parts lie: neck, shoulders, armpits, cuffs and hem, from its outline."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..garment import Floats, Sleeves
from .outline import SIDES, Outline

_FLATTER = 0.06  # slope: of a collar, whose outer end is its corner; shoulders fall off more
_SHARP = 2.4  # rad: an armpit's notch is no wider
_LEAST_DEPTH = 0.025  # of the width: of a notch within the hull
_HIDDEN = 0.85  # of the torso's width below the shoulder: where a sleeve lies on the torso
_ARMHOLE = 0.5  # of the torso's width: what such a sleeve hides
_LONG = 1.7  # times the armhole's height


@dataclass(frozen=True)
class Side:
    """One side of a top, points (2,) px; without a sleeve `cuff_out` and `cuff_in` are None."""

    neck: Floats
    shoulder: Floats
    pit: Floats
    hem: Floats
    cuff_out: Floats | None = None
    cuff_in: Floats | None = None
    hidden: Floats | None = None  # the lower end of where the sleeve lies on the torso


def top_sides(outline: Outline, sleeves: Sleeves | None = None) -> dict[str, Side]:
    """Return both sides of a top or a dress; `sleeves` "none" looks for no sleeves."""
    notch = {side: armpit_notch(outline, side) for side in SIDES}
    if sleeves == "none":
        notch = dict.fromkeys(SIDES)
    elif sum(found is not None for found in notch.values()) == 1:
        notch = {side: _mirrored(outline, notch, side) for side in SIDES}
    return {side: _side(outline, side, notch[side]) for side in SIDES}


def armpit_notch(outline: Outline, side: str) -> Floats | None:
    """Return where the outline turns inwards most between sleeve and torso, if it does."""
    angle, depth = outline.notches
    out = outline.outward(outline.line, side)
    below = (outline.line[:, 1] - outline.top) / outline.height
    likely = (angle < _SHARP) & (depth > _LEAST_DEPTH * outline.width)
    likely &= (out > 0.1 * outline.width) & (below > 0.13) & (below < 0.96)
    if not likely.any():
        return None
    score = np.where(likely, depth * (np.pi - angle), -1)
    return np.asarray(outline.line[score.argmax()])


def sleeve_length(sides: dict[str, Side]) -> Sleeves:
    """Return what kind of sleeves a top's sides have; of unequal ones the longer."""
    ratios = []
    for side in sides.values():
        if side.cuff_out is not None and side.cuff_in is not None:
            along = (side.cuff_out + side.cuff_in - side.shoulder - side.pit) / 2
            ratios.append(np.linalg.norm(along) / max(_apart(side.shoulder, side.pit), 1.0))
    if not ratios:
        return "none"
    return "long" if max(ratios) > _LONG else "short"


def _apart(a: Floats, b: Floats) -> float:
    return float(np.hypot(*(a - b)))


def _mirrored(outline: Outline, notch: dict[str, Floats | None], side: str) -> Floats:
    """Return a side's notch, or the other's, mirrored, where a fold hides this one."""
    own, other = notch[side], notch["r" if side == "l" else "l"]
    if own is not None:
        return own
    assert other is not None, "one side has a notch"
    return np.array([2 * outline.middle - other[0], other[1]], np.float32)


def neck_corner(outline: Outline, side: str) -> Floats:
    """Return the corner of the neck on a side: high, and outwards where two are as high."""
    line = outline.line
    out = outline.outward(line, side)
    height = -line[:, 1] + _FLATTER * np.minimum(out, 0.3 * outline.width)
    return np.asarray(line[np.where(out > 0, height, -np.inf).argmax()])


def hem_corner(outline: Outline, side: str, start: Floats) -> Floats:
    """Return the lowest outer corner of the outline from `start`, on the torso, to the middle."""
    bottom = outline.line[:, 1] - 0.3 * np.abs(outline.line[:, 0] - outline.middle)
    arc = outline.outward_arc(side, outline.nearest(start), int(bottom.argmax()))
    arc = arc[outline.outward(arc, side) > 0]
    if not len(arc):
        return start
    return np.asarray(arc[(arc[:, 1] + outline.outward(arc, side)).argmax()])


def _side(outline: Outline, side: str, notch: Floats | None) -> Side:
    neck = neck_corner(outline, side)
    if notch is None:
        return _bare_side(outline, side, neck)
    torso = max(4.0, 2 * float(outline.outward(notch, side)))
    above = outline.row(notch[1])
    shoulder = _above(outline, side, float(notch[0]))
    if notch[1] - shoulder[1] > _HIDDEN * torso and above.size:
        pit = np.array([notch[0], shoulder[1] + _ARMHOLE * torso], np.float32)
        pit[0] += (outline.middle - notch[0]) * 0.03
        shoulder = _above(outline, side, float(pit[0]))
        hidden: Floats | None = notch
    else:
        pit, hidden = notch, None
    arc = outline.outward_arc(side, outline.nearest(neck), outline.nearest(notch))
    out, inner = _cuff(outline, side, arc, shoulder, pit)
    return Side(neck, shoulder, pit, hem_corner(outline, side, notch), out, inner, hidden)


def _above(outline: Outline, side: str, x: float) -> Floats:
    """Return the outline's highest place in a column of a side."""
    line = outline.line[outline.outward(outline.line, side) > 0]
    near = line[np.abs(line[:, 0] - x) <= max(2.0, 0.006 * outline.width)]
    if not len(near):
        return np.array([x, outline.top], np.float32)
    return np.asarray(near[near[:, 1].argmin()])


def _cuff(
    outline: Outline, side: str, arc: Floats, shoulder: Floats, pit: Floats
) -> tuple[Floats, Floats]:
    """Return the upper and the lower corner of a sleeve's end.

    They are where the outline, along the sleeve, goes furthest to its upper and its lower edge;
    the sleeve's direction is found from its outermost place, then from both corners.
    """
    root = np.asarray((shoulder + pit) / 2, np.float32)
    edge = min(float(outline.outward(pit, side)), float(outline.outward(shoulder, side)))
    sleeve = arc[outline.outward(arc, side) > edge - 0.02 * outline.width]
    if len(sleeve) < 3:
        return np.asarray(shoulder + (pit - shoulder) * 0.1, np.float32), pit
    apart = sleeve - root
    end = np.asarray(sleeve[(apart[:, 0] * SIDES[side] + 0.5 * apart[:, 1]).argmax()])
    out = inner = end
    for _ in range(3):
        along = (end - root) / max(_apart(end, root), 1e-6)
        across = np.array([-along[1], along[0]], np.float32)
        if across[0] * SIDES[side] - across[1] < 0:  # to the upper edge: up, and outwards
            across = -across
        far, up = (sleeve - root) @ along, (sleeve - root) @ across
        tip = far > 0.45 * far.max()
        out = np.asarray(sleeve[np.where(tip, far + up, -np.inf).argmax()])
        inner = np.asarray(sleeve[np.where(tip, far - up, -np.inf).argmax()])
        end = np.asarray((out + inner) / 2, np.float32)
    if _apart(inner, pit) < 0.03 * outline.width:
        inner = np.asarray(pit + (out - pit) * 0.12, np.float32)
    return out, inner


def _bare_side(outline: Outline, side: str, neck: Floats) -> Side:
    """Return a side without a sleeve: the armhole runs from the strap's outer corner to the pit."""
    line = outline.line
    out = outline.outward(line, side)
    below = (line[:, 1] - outline.top) / outline.width  # by width: dresses are long
    chest = (out > 0) & (below > 0.2) & (below < 0.6)
    widest = float(out[chest].max()) if chest.any() else float(out.max())
    beside = chest & (out >= 0.97 * widest)
    pit = line[np.where(beside, -line[:, 1], -np.inf).argmax()] if beside.any() else neck
    strap = (out > 0) & (line[:, 1] < (float(neck[1]) + float(pit[1])) / 2)
    reach = np.where(strap, out - 1.2 * line[:, 1], -np.inf)
    shoulder = line[reach.argmax()] if strap.any() else neck
    hem = hem_corner(outline, side, np.asarray(pit))
    return Side(neck, np.asarray(shoulder), np.asarray(pit), hem)
