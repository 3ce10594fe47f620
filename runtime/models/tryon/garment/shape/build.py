"""A garment from its cut-out: its kind, its named points, its layers and the collar's opening."""

from __future__ import annotations

from dataclasses import fields

import numpy as np

from livedraft.protocol.messages import Note

from ..cutting import Cutout
from ..cutting.faults import cropped_sides
from ..garment import Floats, Garment, Kind, Mask, Point, Sleeves
from ..manual import Given
from .kind import kind_of
from .layers import limb_mask, split
from .lowers import LowerSide, crotch_notch, edge_at, lower_sides
from .opening import Opening, find_opening, opening_to
from .outline import SIDES, Outline
from .tops import Side, sleeve_length, top_sides

_HIP = 0.55  # torso widths that a dress's hips lie below its waist


def built(
    cutout: Cutout, outline: Outline, kind: Kind | None, sleeves: Sleeves | None, given: Given
) -> Garment:
    """Find a garment's points, by its outline, and cut its layers; points set by hand are kept."""
    crotch = crotch_notch(outline)
    if kind is None:
        kind = kind_of(outline, crotch)
    if kind == "lower":
        return _lower(cutout, outline, crotch, given)
    return _top(cutout, outline, kind, sleeves, given)


def _top(
    cutout: Cutout,
    outline: Outline,
    kind: Kind,
    sleeves: Sleeves | None,
    given: Given,
) -> Garment:
    sides = top_sides(outline, sleeves)
    points = _points({side: _fields(sides[side]) for side in SIDES})
    hidden = {side: sides[side].hidden for side in SIDES}
    if kind == "dress":
        points.update(_waist(outline, sides))
    points.update(given.points)
    opening = _opening(cutout, outline, points, given)
    points["collar"] = given.points.get("collar", opening.bottom)
    body = cutout.alpha * (1 - opening.mask)
    limbs = {}
    for side in SIDES:
        if f"cuff_out_{side}" in points:
            limb, cut = _sleeve(outline, points, side, hidden[side])
            limbs[f"sleeve_{side}"], rest = split(cutout.alpha, limb, cut)
            body = body * rest
    return Garment(
        colour=cutout.colour,
        alpha=cutout.alpha,
        kind=kind,
        points=points,
        body=body,
        limbs=limbs,
        opening=opening.mask,
        back=cutout.alpha * opening.mask,
        sleeves=sleeves or sleeve_length(sides),
        notes=_notes(outline),
    )


def _lower(cutout: Cutout, outline: Outline, crotch: Floats | None, given: Given) -> Garment:
    sides = lower_sides(outline, crotch)
    points = _points({side: _lower_fields(sides[side], crotch is not None) for side in SIDES})
    if crotch is not None:
        points["crotch"] = _point(crotch)
    points.update(given.points)
    body, limbs = cutout.alpha, {}
    if "crotch" in points:
        for side in SIDES:
            limb, cut = _leg(outline, points, side)
            limbs[f"leg_{side}"], rest = split(cutout.alpha, limb, cut)
            body = body * rest
    nothing = np.zeros_like(cutout.alpha)
    return Garment(
        colour=cutout.colour,
        alpha=cutout.alpha,
        kind="lower",
        points=points,
        body=body,
        limbs=limbs,
        opening=nothing,
        back=nothing,
        sleeves="none",
        notes=_notes(outline),
    )


def _point(place: Floats) -> Point:
    return float(place[0]), float(place[1])


def _array(point: Point) -> Floats:
    return np.array(point, np.float32)


def _fields(side: Side) -> dict[str, Floats | None]:
    return {f.name: getattr(side, f.name) for f in fields(side) if f.name != "hidden"}


def _lower_fields(side: LowerSide, legs: bool) -> dict[str, Floats | None]:
    found = {f.name: getattr(side, f.name) for f in fields(side)}
    return {("hem_out" if legs and name == "hem" else name): at for name, at in found.items()}


def _points(sides: dict[str, dict[str, Floats | None]]) -> dict[str, Point]:
    return {
        f"{name}_{side}": _point(place)
        for side, found in sides.items()
        for name, place in found.items()
        if place is not None
    }


def _waist(outline: Outline, sides: dict[str, Side]) -> dict[str, Point]:
    """Return a dress's waist, its narrowest rows below the chest, and its hips below that."""
    left, right = sides["l"], sides["r"]
    chest = max(4.0, float(right.pit[0] - left.pit[0]))
    top = float(left.pit[1] + right.pit[1]) / 2
    bottom = float(left.hem[1] + right.hem[1]) / 2
    arcs = {}
    for side, part in sides.items():
        start = part.pit if part.hidden is None else part.hidden
        arcs[side] = outline.outward_arc(side, outline.nearest(start), outline.nearest(part.hem))
    rows = np.linspace(top + 0.3 * chest, min(top + 0.95 * chest, bottom), 24)
    widths = [edge_at(arcs["r"], y, "r")[0] - edge_at(arcs["l"], y, "l")[0] for y in rows]
    # Of a straight dress no row is the narrowest: the waist then lies where a body's does.
    level = np.abs(rows - (top + 0.62 * chest)) * 0.08
    waist = float(rows[int((np.array(widths) + level).argmin())])
    hip = min(waist + _HIP * chest, bottom)
    return {
        f"{name}_{side}": _point(edge_at(arcs[side], y, side))
        for name, y in (("waist", waist), ("hip", hip))
        for side in SIDES
    }


def _opening(cutout: Cutout, outline: Outline, points: dict[str, Point], given: Given) -> Opening:
    left, right = _array(points["neck_l"]), _array(points["neck_r"])
    if "collar" in given.points:
        return opening_to(outline.mask.shape, left, right, _array(given.points["collar"]))
    return find_opening(cutout.colour, outline.mask, left, right)


def _sleeve(
    outline: Outline, points: dict[str, Point], side: str, hidden: Floats | None
) -> tuple[Mask, Floats]:
    """Return a sleeve, and the line where it is sewn to, or lies on, the torso."""
    shoulder, pit = _array(points[f"shoulder_{side}"]), _array(points[f"pit_{side}"])
    end = pit if hidden is None else hidden
    arc = outline.outward_arc(side, outline.nearest(shoulder), outline.nearest(end))
    cut = np.array([shoulder, pit] if hidden is None else [shoulder, pit, hidden], np.float32)
    return limb_mask(outline.mask.shape, np.concatenate([arc, cut[::-1]])), cut


def _leg(outline: Outline, points: dict[str, Point], side: str) -> tuple[Mask, Floats]:
    """Return a leg below the line from the hip to the crotch."""
    hip, crotch = _array(points[f"hip_{side}"]), _array(points["crotch"])
    arc = outline.outward_arc(side, outline.nearest(hip), outline.nearest(crotch))
    cut = np.array([hip, crotch], np.float32)
    return limb_mask(outline.mask.shape, np.concatenate([arc, cut[::-1]])), cut


def _notes(outline: Outline) -> tuple[Note, ...]:
    """Return what is doubtful: a garment that its picture cuts off."""
    cut = cropped_sides(outline.mask)
    if not cut:
        return ()
    message = f"The picture cuts the garment off at the {' and '.join(cut)}."
    fix = " Send one that shows it whole, or set its points by hand."
    return (Note(code="garment_unclear", message=message + fix, param="points", choices=[]),)
