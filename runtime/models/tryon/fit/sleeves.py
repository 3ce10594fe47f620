"""Where sleeves come to lie: along the arm, around the elbow, as wide as cloth around it shows."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from ..arrays import Vector, between, length, unit
from ..body.frame import Body, Side
from ..body.outline import Outline
from ..garment import Garment
from .controls import SHORT, STATIONS, Pairs, Part, point
from .tops import Ease, Yoke

# A flat sleeve is half as wide as its girth; around an arm, which is about round, it shows 2/π of
# that, and a little more where cloth hangs off it.
_ROUND = 0.74
_ARM = (0.13, 0.068)  # half of what an arm is wide, at its top and at the wrist, of the shoulders
# Cloth that is laid flat turns a corner from shoulder to sleeve; on a body it goes around the
# shoulder, and so much of its length, of the shoulders' width, is not seen along the arm.
_ROUND_SHOULDER = 0.13
_CUFF = 0.25  # of its length, what an edge has at least: the inner one begins further down
_TO_WRIST = 0.87  # a long sleeve of this much of an arm's length reaches the wrist


class _Arm(NamedTuple):
    """An arm as a bent line from the middle of the armhole."""

    start: Vector
    elbow: Vector
    wrist: Vector

    def at(self, way: float) -> tuple[Vector, Vector]:
        """Return the point so far along the arm, px, and the direction there, eased at the bend."""
        upper, lower = self.elbow - self.start, self.wrist - self.elbow
        first, second = length(upper), max(length(lower), 1.0)
        turn = np.float32(np.clip((way - first) / (0.5 * first + 1e-6) + 0.5, 0, 1))
        direction = unit(unit(upper) * (1 - turn) + unit(lower) * turn)
        if way <= first:
            return self.start + unit(upper) * np.float32(way), direction
        return self.elbow + lower * np.float32((way - first) / second), direction


def sleeve(
    garment: Garment, side: Side, at: Yoke, body: Body, outline: Outline, ease: Ease
) -> Part:
    """Return the control points of one sleeve."""
    tip, pit, out, in_ = (
        point(garment, f"{name}_{side}") for name in ("shoulder", "pit", "cuff_out", "cuff_in")
    )
    start = between(at.tip[side], at.pit[side])
    arm = _Arm(start, body.at(side, "elbow"), body.at(side, "wrist"))
    upper = unit(arm.elbow - arm.start)
    whole = length(arm.elbow - arm.start) + length(arm.wrist - arm.elbow)
    # Both edges of a sleeve begin at other places along the arm: at the shoulder, in the pit.
    begin = float((at.tip[side] - start) @ upper), float((at.pit[side] - start) @ upper)
    flat = length(out - tip), length(in_ - pit)
    run = _runs([own * at.scale for own in flat], [whole - off for off in begin], garment, body)
    wide = length(tip - pit) / 2, length(in_ - out) / 2
    pairs = Pairs(f"sleeve_{side}")
    pairs.add(f"shoulder_{side}", tip, at.tip[side])
    pairs.add(f"pit_{side}", pit, at.pit[side])
    pairs.add(f"armhole_{side}", between(tip, pit), start)
    for share in STATIONS if garment.sleeves == "long" else SHORT:
        own = (wide[0] * (1 - share) + wide[1] * share) * at.scale * _ROUND
        for edge, index in (("out", 0), ("in", 1)):
            way = begin[index] + share * run[index] * (
                ease.drop if garment.sleeves == "short" else 1
            )
            half = _half(arm, way, own * ease.sleeve, index == 0, side, body, outline)
            where, direction = arm.at(way)
            across = _across(direction, side, body)
            on = where + across * np.float32(half if index == 0 else -half)
            from_, to = (tip, out) if index == 0 else (pit, in_)
            flat_at = between(from_, to, share)
            pairs.add(f"sleeve_{edge}{round(share * 100)}_{side}", flat_at, on)
    return pairs.part(stiff=garment.sleeves == "short")


def _runs(own: list[float], arm: list[float], garment: Garment, body: Body) -> list[float]:
    """Return how far both edges reach along the arm, px, the outer first.

    A long sleeve ends at the wrist; which one is, its outer edge tells.
    """
    around = _ROUND_SHOULDER * body.width
    along = [max(each - around, each * _CUFF) for each in own]
    if garment.sleeves == "long" and along[0] > _TO_WRIST * arm[0]:
        return arm
    return [min(each, most) for each, most in zip(along, arm, strict=True)]


def _across(direction: Vector, side: Side, body: Body) -> Vector:
    """Return the direction across an arm towards its outer edge."""
    normal = np.array([-direction[1], direction[0]], np.float32)
    outward = body.out(side) - body.down * np.float32(0.6)
    return normal if float(normal @ outward) > 0 else -normal


def _half(
    arm: _Arm, way: float, own: float, outer: bool, side: Side, body: Body, outline: Outline
) -> float:
    """Return half of a sleeve's width so far along an arm, px.

    Not narrower than the arm, not wider than the sleeve, and between them at the outline.
    """
    where, direction = arm.at(way)
    whole = length(arm.elbow - arm.start) + length(arm.wrist - arm.elbow)
    low = float(np.clip(way / max(whole, 1.0), 0, 1))
    least = (_ARM[0] * (1 - low) + _ARM[1] * low) * body.width
    own = max(own, least)
    across = _across(direction, side, body)
    far, left = outline.reach("person", where, across if outer else -across, own * 1.5)
    return float(np.clip(far * 1.03, least, own)) if left else own
