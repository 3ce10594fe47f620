"""Where trousers, shorts and skirts come to lie, and the lower half of a dress."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from ..arrays import Points, Vector, between, length, unit
from ..body.frame import OUTWARD, SIDES, Body, Side
from ..body.outline import Outline
from ..garment import Garment
from .controls import Pairs, Part, edge, point
from .tops import Ease, Yoke, flank

_CROTCH = 0.19  # below the hips' joints, in the body's height
_WAIST = (0.71, 0.97)  # where a waistband may lie below the shoulders, in the body's height
_USUAL_WAIST = 0.74  # where it lies of most
# Where legs touch as they lie, no garment shows its crotch: what parts them lies so much too low.
_TOUCHING, _DEEPEST = 0.08, 0.6  # of the body's height; at most, of the way from hip to knee
_GIRTH = (0.54, 0.74)  # how wide a seat may be, in the body's height: a worn skirt is wider
_LONG = 1.75  # garments that are so much longer than wide at the hips reach the ankles
_HIGHEST = 0.74  # no waistband is pulled up further to reach under a top
# Flat trousers are half as wide as their girth; a seat, which is not quite round, shows so much of
# that. Their lengths are as long as they are.
_SEAT, _SKIRT = 0.84, 0.78
_ROUND = 0.88  # a leg is rounder than a seat, which gives the scale: see ``sleeves``
_LEG = (0.23, 0.145, 0.09)  # half of what a leg is wide, at hip, knee and ankle, in shoulders
_TO_ANKLE = 0.7  # trousers of this much of a leg's length reach the ankle
_FLARE = 0.89  # a flat skirt is half as wide as its girth; it shows so much of that

_HANGS = 1.06  # a dress hangs a little longer than its shoulders say,
_USUAL_HEIGHT = 1.49  # on a body that is so much longer to the hips than wide at the shoulders


class Seat(NamedTuple):
    """Where a waist and a crotch lie on a body, px below the shoulders, and a garment's scale."""

    waist: float
    crotch: float
    scale: float  # across: px of the person's picture to one of the garment's
    long: float  # the same of lengths


def seat(garment: Garment, body: Body, outline: Outline, hem: float | None, ease: Ease) -> Seat:
    """Return where trousers or a skirt sit: as wide as the hips, as high as their rise says.

    ``hem`` is where the worn top ends: a waistband begins under it.
    """
    low = body.height * (1 + _CROTCH)
    wide = sum(_half(side, body.height, body, outline, ease) for side in SIDES)
    wide = float(np.clip(wide, _GIRTH[0] * body.height, _GIRTH[1] * body.height))
    flat = max(length(point(garment, "hip_r") - point(garment, "hip_l")), 1.0)
    scale = wide / flat
    top = (point(garment, "waist_l")[1] + point(garment, "waist_r")[1]) / 2
    long = scale / (_SEAT if garment.legs else _SKIRT)
    if garment.legs:
        ends = (point(garment, "hem_out_l")[1] + point(garment, "hem_out_r")[1]) / 2
        if ends - top > _LONG * flat:
            long = (_ankles(body) - _USUAL_WAIST * body.height) / float(ends - top)
        rise = float(point(garment, "crotch")[1] - top) * long
    else:
        rise = float(point(garment, "hip_l")[1] - top) * long + low - body.height
    waist = float(np.clip(low - rise, _WAIST[0] * body.height, _WAIST[1] * body.height))
    if hem is not None:
        waist = min(waist, max(hem - 0.05 * body.height, _HIGHEST * body.height))
    if garment.legs and waist + rise > low + _TOUCHING * body.height:
        thigh = min(length(body.at(side, "knee") - body.at(side, "hip")) for side in SIDES)
        low = min(waist + rise, max(low, body.height + _DEEPEST * thigh))
    return Seat(waist, low, scale, long)


def _ankles(body: Body) -> float:
    """Return how far below the shoulders the ankles are along the legs, px."""
    legs = body.joints[:, 3:]
    along = np.linalg.norm(np.diff(legs, axis=1), axis=-1).sum(1)
    return body.height + float(along.mean())


def _half(side: Side, down: float, body: Body, outline: Outline, ease: Ease) -> float:
    at = flank(side, down, 1.0, body, outline, ease)
    return max(1.0, float((at - body.neck) @ body.out(side)))


def hips(
    pairs: Pairs, garment: Garment, at: Seat, body: Body, outline: Outline, ease: Ease
) -> None:
    """Add the control points of a waistband and of the hips."""
    ends = []
    for side in SIDES:
        for name in ("waist", "hip"):
            flat, where = _on_side(garment, name, side, at, body, outline, ease)
            pairs.add(f"{name}_{side}", flat, where)
            if name == "waist":
                ends.append((flat, where))
    (left, on_left), (right, on_right) = ends
    sag = np.array([0, _sag(garment, between(left, right))], np.float32)
    pairs.add(
        "waist_m",
        between(left, right) + sag,
        between(on_left, on_right) + body.down * sag[1] * at.long,
    )
    if garment.legs:
        for side in SIDES:
            pairs.add(f"leg_out_{side}", *_thigh(garment, side, at, body, outline, ease))
        pairs.add("crotch", point(garment, "crotch"), body.neck + body.down * np.float32(at.crotch))


def _on_side(
    garment: Garment, name: str, side: Side, at: Seat, body: Body, outline: Outline, ease: Ease
) -> tuple[Points, Points]:
    """Return where a waistband or a hip lies at a side: on garment and body."""
    top = between(point(garment, "waist_l"), point(garment, "waist_r"))
    flat = point(garment, f"{name}_{side}")
    rise = float(point(garment, "crotch")[1] - top[1]) if garment.legs else None
    tall = at.long if rise is None else (at.crotch - at.waist) / max(rise, 1.0)
    down = at.waist + float(np.clip((flat[1] - top[1]) * tall, 0, at.crotch - at.waist))
    own = abs(float(flat[0] - top[0])) * at.scale
    half = float(np.clip(_half(side, down, body, outline, ease), own * 0.88, own * 1.06))
    return flat, body.neck + body.down * np.float32(down) + body.out(side) * np.float32(half)


def _thigh(
    garment: Garment, side: Side, at: Seat, body: Body, outline: Outline, ease: Ease
) -> tuple[Points, Points]:
    """Return where a leg begins on its outer side, level with the crotch: on garment and body."""
    level = body.neck + body.down * np.float32(at.crotch)
    half = _half(side, at.crotch, body, outline, ease)
    crotch, hip = point(garment, "crotch"), point(garment, f"hip_{side}")
    flat = edge(garment.alpha, np.array([hip[0], crotch[1]], np.float32), OUTWARD[side], 1e6)
    own = abs(float(flat[0] - crotch[0])) * at.scale
    half = float(np.clip(half, own * 0.85, own * 1.06))
    return flat, level + body.out(side) * np.float32(half)


def _sag(garment: Garment, middle: Vector) -> np.float32:
    """Return how much lower a waistband lies in its middle, px of the garment's picture."""
    column = garment.body[:, int(np.clip(middle[0], 0, garment.body.shape[1] - 1))] > 0.5
    rows = np.flatnonzero(column)
    return np.float32(rows[0] - middle[1] if len(rows) else 0)


def leg(garment: Garment, side: Side, at: Seat, body: Body, outline: Outline, ease: Ease) -> Part:
    """Return the control points of one leg."""
    hip, knee, ankle = (body.at(side, name) for name in ("hip", "knee", "ankle"))
    start = hip + body.down * np.float32(at.crotch - body.height)
    first, second = length(knee - start), max(length(ankle - knee), 1.0)
    whole = first + second
    flat = {
        name: point(garment, f"{name}_{side}")
        for name in ("knee_out", "knee_in", "hem_out", "hem_in")
    }
    crotch = point(garment, "crotch")
    outer, top = _thigh(garment, side, at, body, outline, ease)
    own = length(between(flat["hem_out"], flat["hem_in"]) - between(outer, crotch)) * at.long
    run = whole if own > _TO_ANKLE * whole else own * ease.drop
    pairs = Pairs(f"leg_{side}")
    level = body.neck + body.down * np.float32(at.crotch)
    # The layers part between hip and crotch.
    pairs.add(f"hip_{side}", *_on_side(garment, "hip", side, at, body, outline, ease))
    pairs.add("crotch", crotch, level)
    pairs.add(f"leg_out_{side}", outer, top)
    knee_share = float(
        np.clip(
            (flat["knee_out"][1] - crotch[1]) / max(flat["hem_out"][1] - crotch[1], 1.0), 0.2, 0.8
        )
    )
    rows = (
        (
            "out1",
            "in1",
            knee_share / 2,
            between(outer, flat["knee_out"]),
            between(crotch, flat["knee_in"]),
        ),
        ("knee_out", "knee_in", knee_share, flat["knee_out"], flat["knee_in"]),
        (
            "out3",
            "in3",
            (1 + knee_share) / 2,
            between(flat["knee_out"], flat["hem_out"]),
            between(flat["knee_in"], flat["hem_in"]),
        ),
        ("hem_out", "hem_in", 1.0, flat["hem_out"], flat["hem_in"]),
    )
    for out, in_, share, flat_out, flat_in in rows:
        way = run * share
        where = (
            start + (knee - start) * np.float32(way / max(first, 1.0))
            if way <= first
            else knee + (ankle - knee) * np.float32((way - first) / second)
        )
        direction = unit(knee - start) if way <= first else unit(ankle - knee)
        normal = np.array([-direction[1], direction[0]], np.float32)
        across = normal if float(normal @ body.out(side)) > 0 else -normal
        wide = length(flat_out - flat_in) / 2 * at.scale * _ROUND * ease.sleeve
        low = float(np.clip(way / max(whole, 1.0), 0, 1))
        least = float(np.interp(low, (0, 0.5, 1), _LEG)) * body.width
        wide = max(wide, least)
        pairs.add(f"{out}_{side}", flat_out, where + across * np.float32(wide))
        pairs.add(f"{in_}_{side}", flat_in, where - across * np.float32(wide))
    return pairs.part()


def skirt(
    pairs: Pairs,
    garment: Garment,
    start: float,
    flat_start: float,
    scale: float,
    body: Body,
    outline: Outline,
    ease: Ease,
) -> None:
    """Add the control points of a skirt below the hips: it falls straight, as wide as it is.

    ``start`` is where its hips lie, px below the shoulders, ``flat_start`` their row as a garment.
    """
    ends = []
    middle = between(point(garment, "hem_l"), point(garment, "hem_r"))
    for side in SIDES:
        hip, end = point(garment, f"hip_{side}"), point(garment, f"hem_{side}")
        for name, share in (("skirt", 0.5), ("hem", 1.0)):
            flat = between(hip, end, share)
            flat = edge(
                garment.body,
                flat - np.array([0, 4 if share == 1 else 0], np.float32),
                OUTWARD[side],
                60,
            )
            down = start + float(flat[1] - flat_start) * scale * ease.drop
            own = abs(float(flat[0] - middle[0])) * scale * _FLARE * ease.sleeve
            half = max(own, 0.9 * _half(side, min(start, down), body, outline, ease))
            where = body.neck + body.down * np.float32(down) + body.out(side) * np.float32(half)
            pairs.add(f"{name}_{side}", flat, where)
        ends.append((flat, where))
    (left, on_left), (right, on_right) = ends
    pairs.add("hem_m", between(left, right), between(on_left, on_right))


def hang(at: Yoke, body: Body) -> float:
    """Return how many px of the picture a px of a dress is long, below its armholes.

    Shoulders tell widths; of somebody who is turned they are seen narrower, lengths are not.
    """
    return at.scale * _HANGS * float(np.sqrt(body.height / (_USUAL_HEIGHT * body.width)))


def bodice(
    pairs: Pairs,
    garment: Garment,
    at: Yoke,
    long: float,
    body: Body,
    outline: Outline,
    ease: Ease,
) -> None:
    """Add a dress's side seams from its armholes to the hips, ``long`` px to one of its own."""
    middle = float(between(point(garment, "hem_l"), point(garment, "hem_r"))[0])
    for side in SIDES:
        pit = point(garment, f"pit_{side}")
        start = float((at.pit[side] - body.neck) @ body.down)
        waist, hip = point(garment, f"waist_{side}"), point(garment, f"hip_{side}")
        for name, flat in (("flank1", between(pit, waist)), ("waist", waist), ("hip", hip)):
            down = start + float(flat[1] - pit[1]) * long
            seam = edge(garment.body, flat, OUTWARD[side], 40)
            where = flank(side, down, 0.5, body, outline, ease)
            if name == "hip":  # a wide skirt begins to fall away from the body before them
                own = abs(float(seam[0] - middle)) * at.scale * _FLARE * ease.sleeve
                more = own - float((where - body.neck) @ body.out(side))
                where = where + body.out(side) * np.float32(max(more, 0.0))
            pairs.add(f"{name}_{side}", seam, where)
