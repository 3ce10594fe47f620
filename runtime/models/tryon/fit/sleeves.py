"""Where sleeves come to lie: along the arm, around the elbow, as wide as cloth around it shows."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from ..arrays import Vector, between, length, unit
from ..body.frame import OUTWARD, Body, Side
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
_ROUND_SHOULDER = 0.04
_FOLDED = -0.6  # cosine of the bend beyond which a forearm lies before its upper arm
_CUFF = 0.25  # of its length, what an edge has at least: the inner one begins further down
_ASKEW = 2.0  # of a sleeve's half width: how far from an arm's joints its edges are looked for
_LOOSE = 1.03  # of an arm's width: cloth around it
_RIM = 0.15  # of half an arm: so far within an outline it is no soft rim any more
_TIGHT = 1.2  # of half an arm's width: what lies no further beside a sleeve is of the arm
# A sleeve's edge lies so far beyond the straight line from its shoulder to its cuff, in shoulders.
_BULGE = 0.04
_TO_WRIST = 0.8  # a long sleeve of this much of an arm's length reaches the wrist


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

    def across(self, direction: Vector, side: Side) -> Vector:
        """Return the direction across it towards its outer edge, where it points so.

        A forearm that is folded back before its upper arm came towards us, and was not turned.
        """
        upper = unit(self.elbow - self.start)
        outer, beside = _outer(direction, side), _outer(upper, side)
        turned = float(unit(self.wrist - self.elbow) @ upper) > _FOLDED
        return outer if turned or float(outer @ beside) > 0 else -outer


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
    # Cuffs are square to an arm that is raised as well: edges end where they would if it hung.
    hung = [float((each - start) @ body.down) for each in (at.tip[side], at.pit[side])]
    drop = ease.drop if garment.sleeves == "short" else 1.0
    own = [length(out - tip) * at.scale * drop, length(in_ - pit) * at.scale * drop]
    end = _ends(own, hung, whole, garment, body)
    wide = length(tip - pit) / 2, length(in_ - out) / 2
    pairs = Pairs(f"sleeve_{side}")
    pairs.add(f"shoulder_{side}", tip, at.tip[side])
    pairs.add(f"pit_{side}", pit, at.pit[side])
    pairs.add(f"armhole_{side}", between(tip, pit), start)
    for share in STATIONS if garment.sleeves == "long" else SHORT:
        loose = (wide[0] * (1 - share) + wide[1] * share) * at.scale * _ROUND
        for edge, index in (("out", 0), ("in", 1)):
            way = begin[index] + share * (end[index] - begin[index])
            where, direction = arm.at(way)
            across = arm.across(direction, side) * np.float32(1 if index == 0 else -1)
            far = _edge(arm, way, loose * ease.sleeve, where, across, body, outline)
            from_, to = (tip, out) if index == 0 else (pit, in_)
            flat_at = between(from_, to, share)
            on = where + across * np.float32(far)
            pairs.add(f"sleeve_{edge}{round(share * 100)}_{side}", flat_at, on)
    return pairs.part(stiff=garment.sleeves == "short")


def _ends(
    own: list[float], begin: list[float], arm: float, garment: Garment, body: Body
) -> list[float]:
    """Return how far along an arm both edges end, px, the outer first; they begin at ``begin``.

    A long sleeve ends at the wrist; which one is, its outer edge tells.
    """
    around = _ROUND_SHOULDER * body.width
    along = [max(each - around, each * _CUFF) for each in own]
    if garment.sleeves == "long" and along[0] > _TO_WRIST * (arm - begin[0]):
        return [arm, arm]
    return [min(start + each, arm) for start, each in zip(begin, along, strict=True)]


def _outer(direction: Vector, side: Side) -> Vector:
    """Return the direction across an arm towards its outer edge.

    An arm that hangs has it outwards. It turns with the arm: away from the body while the arm is
    held out, towards the head when it is raised, below a forearm that is laid across the body.
    """
    return np.array([direction[1], -direction[0]], np.float32) * np.float32(OUTWARD[side])


def _edge(
    arm: _Arm, way: float, own: float, where: Vector, across: Vector, body: Body, outline: Outline
) -> float:
    """Return how far from a place on an arm a sleeve's edge lies, px.

    A sleeve is not narrower than the arm, not wider than itself, and between them as wide as what
    is seen there. Where both edges are seen the arm's middle is: joints may be off.
    """
    whole = length(arm.elbow - arm.start) + length(arm.wrist - arm.elbow)
    low = float(np.clip(way / max(whole, 1.0), 0, 1))
    least = (_ARM[0] * (1 - low) + _ARM[1] * low) * body.width
    own = max(own, least)
    far, left = outline.reach("person", where, across, own * _ASKEW)
    back, ends = outline.reach("person", where, -across, own * _ASKEW)
    if left and ends:
        return float((far - back) / 2 + np.clip((far + back) / 2 * _LOOSE, least, own))
    return float(np.clip(far * _LOOSE, least, own)) if left else own


def enclosing(part: Part, body: Body, outline: Outline) -> Part:
    """Return a sleeve that leaves nothing of an arm, bare or in tight cloth, beside it in sight.

    Where the edge of a person is seen beside a sleeve's, it is the arm's if it is skin, or near.
    """
    at = dict(zip(part.names, part.body, strict=True))
    by: dict[str, Vector] = {}
    for edge, other, first in (("out", "in", "shoulder"), ("in", "out", "pit")):
        names = [name for name in part.names if name.startswith(f"sleeve_{edge}")]
        line = [at[name] for name in part.names if name.startswith(first)]
        line += [at[name] for name in names]
        for row, name in enumerate(names, 1):
            along = line[min(row + 1, len(line) - 1)] - line[row - 1]
            away = unit(np.array([along[1], -along[0]], np.float32))
            if float(away @ (line[row] - at[name.replace(edge, other, 1)])) < 0:
                away = -away
            low = row / len(names)
            tight = _TIGHT * (_ARM[0] * (1 - low) + _ARM[1] * low) * body.width
            far, left = outline.reach("person", line[row], away, 2 * tight)
            rim = line[row] + away * np.float32(far - _RIM * tight)
            within = far - _BULGE * body.width
            if left and within > 0 and (far < tight or outline.bare(rim)):
                by[name] = away * np.float32(within)
    return part.moved(by)
