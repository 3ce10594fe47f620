"""Control points of a whole garment on a body: sums of points and rays, quick enough to train."""

from __future__ import annotations

from ..body.frame import SIDES, Body, Side
from ..body.outline import Outline
from ..garment import Garment
from . import lowers, tops
from .controls import Pairs, Part, point
from .sleeves import sleeve
from .tops import Ease

USUAL = Ease()


def targets(
    garment: Garment, body: Body, outline: Outline, hem: float | None = None, ease: Ease = USUAL
) -> tuple[Part, ...]:
    """Return the control points of each layer, the body's first: px of both pictures.

    ``hem`` is how far below the shoulders the worn top ends, px, if that is seen.
    """
    if garment.kind == "lower":
        return _lower(garment, body, outline, hem, ease)
    at = tops.yoke(garment, body, outline)
    pairs = Pairs("body")
    tops.shoulders(pairs, garment, at, body, outline)
    if garment.kind == "dress":
        long = lowers.hang(at, body)
        lowers.bodice(pairs, garment, at, long, body, outline, ease)
        hips = float(point(garment, "hip_l")[1])
        start = float((at.pit["l"] - body.neck) @ body.down)
        start += (hips - float(point(garment, "pit_l")[1])) * long
        lowers.skirt(pairs, garment, start, hips, long, body, outline, ease)
    else:
        tops.torso(pairs, garment, at, body, outline, hem, ease)
    sides: list[Side] = [side for side in SIDES if f"sleeve_{side}" in garment.limbs]
    return (pairs.part(), *(sleeve(garment, side, at, body, outline, ease) for side in sides))


def _lower(
    garment: Garment, body: Body, outline: Outline, hem: float | None, ease: Ease
) -> tuple[Part, ...]:
    at = lowers.seat(garment, body, outline, hem, ease)
    pairs = Pairs("body")
    lowers.hips(pairs, garment, at, body, outline, ease)
    if garment.legs:
        sides: list[Side] = [side for side in SIDES if f"leg_{side}" in garment.limbs]
        legs = [lowers.leg(garment, side, at, body, outline, ease) for side in sides]
        return (pairs.part(), *legs)
    hip = float(point(garment, "hip_l")[1])
    start = at.waist + (hip - float(point(garment, "waist_l")[1])) * at.long
    lowers.skirt(pairs, garment, start, hip, at.long, body, outline, ease)
    return (pairs.part(),)
