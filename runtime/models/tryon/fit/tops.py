"""Where the torso of a top comes to lie on a body."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from ..arrays import Vector, between, length
from ..body.frame import OUTWARD, SIDES, Body, Side
from ..body.outline import Outline
from ..garment import Garment, Sleeves
from .controls import Pairs, edge, point

# Shares of the shoulders' width, from the proportions of bodies and of clothes that fit them.
# The further a garment's shoulders fall from its neck, the further out their tips lie: seams that
# are dropped hang over the arm. From the joint outwards, for a fall of nothing and for each of it;
# without sleeves cloth ends within. Above the joint lies the outline, about so high.
_FALLS_MOST = 0.2  # of the garment's shoulders
_TIP_OUT: Mapping[Sleeves, tuple[float, float]] = {
    "short": (-0.08, 1.1),
    "long": (-0.12, 1.2),
    "none": (-0.16, 0.8),
}
_TIP_UP, _TIP_NEAR = (0.20, -0.7), (0.06, 0.06)
_COLLAR = (0.17, 0.32)  # half of a collar's width: a neck, up to a boat neck
_NECK = 0.33  # how far above the shoulders' line a narrow collar begins
_NECK_FALLS = 0.55  # how much lower a wider one lies, of what it is wider
_PIT = (0.30, 0.80)  # from the tip of a shoulder down to the armhole's end
_BARE_PIT = 0.88  # an armhole without a sleeve lies bent over the chest, and seems so much of that
_TIP_ABOVE = 0.14  # how far the tip lies above the joint, at least
_PIT_IN = 0.03  # how far within the joint the armhole ends
_FLANKS = (1 / 3, 2 / 3, 1.0)  # along the side seam, from armhole to hem
# Half of the seat's width, in halves of the way from hip joint to hip joint: where it is not seen,
# and at most. It is seen a little below the joints, in the body's height from the shoulders.
_HIPS, _SEAT = (1.78, 2.1), 1.1
# A hem follows the one that is worn, as less has to be invented then, as far as cloth may stretch.
_STRETCH = (0.95, 1.3)


@dataclass(frozen=True)
class Ease:
    """How a garment shall sit: -1 slim, 0 as the clothes that are worn, 1 loose."""

    fit: float = 0.0

    @property
    def girth(self) -> float:
        """What widths of the torso are taken by."""
        return 1 + 0.08 * self.fit

    @property
    def sleeve(self) -> float:
        """What widths of sleeves and legs are taken by."""
        return 1 + 0.18 * self.fit

    @property
    def drop(self) -> float:
        """What lengths are taken by."""
        return 1 + 0.05 * self.fit


@dataclass(frozen=True, eq=False)
class Yoke:
    """Where the upper end of a top lies: by side, and how large a garment's px is there."""

    neck: dict[Side, Vector]
    tip: dict[Side, Vector]
    pit: dict[Side, Vector]
    scale: float  # px of the person's picture to one of the garment's


def yoke(garment: Garment, body: Body, outline: Outline) -> Yoke:
    """Return where a garment's neck, shoulders and armholes lie."""
    width = np.float32(body.width)
    tip: dict[Side, Vector] = {side: _tip(side, garment, body, outline) for side in SIDES}
    flat = length(point(garment, "shoulder_r") - point(garment, "shoulder_l"))
    scale = length(tip["r"] - tip["l"]) / max(flat, 1.0)
    opened = length(point(garment, "neck_r") - point(garment, "neck_l")) / 2 * scale
    half = float(np.clip(opened, _COLLAR[0] * width, _COLLAR[1] * width))
    neck: dict[Side, Vector] = {}
    pit: dict[Side, Vector] = {}
    for side in SIDES:
        at = body.neck + body.out(side) * np.float32(half)
        rise, _ = outline.reach("worn", at, -body.down, 0.42 * body.width)
        highest = _NECK * body.width - (half - _COLLAR[0] * body.width) * _NECK_FALLS
        neck[side] = at - body.down * np.clip(rise, highest - 0.1 * width, highest)
        deep = (point(garment, f"pit_{side}")[1] - point(garment, f"shoulder_{side}")[1]) * scale
        deep *= 1 if garment.limbs else _BARE_PIT
        joint = body.at(side, "shoulder")
        above = max(float((joint - tip[side]) @ body.down), _TIP_ABOVE * body.width)
        fall = np.clip(deep, _PIT[0] * width, _PIT[1] * width) - np.float32(above)
        pit[side] = joint + body.down * fall - body.out(side) * np.float32(_PIT_IN * body.width)
    return Yoke(neck, tip, pit, scale)


def _tip(side: Side, garment: Garment, body: Body, outline: Outline) -> Vector:
    """Return where a sleeve begins: on the outline, above or beside the shoulder's joint."""
    necks, tips = (
        between(point(garment, f"{name}_l"), point(garment, f"{name}_r"))
        for name in ("neck", "shoulder")
    )
    flat = length(point(garment, "shoulder_r") - point(garment, "shoulder_l"))
    fall = float(np.clip((tips[1] - necks[1]) / max(flat, 1.0), 0, _FALLS_MOST))
    start, more = _TIP_OUT[garment.sleeves if garment.limbs else "none"]
    out = np.float32((start + more * fall) * body.width)
    beside = body.at(side, "shoulder") + body.out(side) * out
    up = (_TIP_UP[0] + _TIP_UP[1] * fall) * body.width
    least, most = up - _TIP_NEAR[0] * body.width, up + _TIP_NEAR[1] * body.width
    far, left = outline.reach("worn", beside, -body.down, most + 1)
    above = float(np.clip(far, least, most)) if left else up
    return np.asarray(beside - body.down * np.float32(above), np.float32)


def shoulders(pairs: Pairs, garment: Garment, at: Yoke, body: Body, outline: Outline) -> None:
    """Add the control points from the neck to the armholes, and the collar's lowest."""
    for side in SIDES:
        neck, tip, pit = (point(garment, f"{name}_{side}") for name in ("neck", "shoulder", "pit"))
        slope = between(neck, tip)
        column = np.flatnonzero(
            garment.body[:, int(np.clip(slope[0], 0, garment.body.shape[1] - 1))] > 0.5
        )
        if len(column):
            slope = np.array([slope[0], column[0]], np.float32)
        pairs.add(f"neck_{side}", neck, at.neck[side])
        pairs.add(f"slope_{side}", slope, _slope(side, at, body, outline))
        pairs.add(f"shoulder_{side}", tip, at.tip[side])
        pairs.add(f"armhole_{side}", between(tip, pit), between(at.tip[side], at.pit[side]))
        pairs.add(f"pit_{side}", pit, at.pit[side])
    middle = between(point(garment, "neck_l"), point(garment, "neck_r"))
    deep = max(1.0, float(point(garment, "collar")[1] - middle[1]))
    flat = length(point(garment, "neck_r") - point(garment, "neck_l"))
    across = length(at.neck["r"] - at.neck["l"]) / max(flat, 1.0)
    fall = np.float32(deep * (across + at.scale) / 2)
    lowest = np.array([middle[0], middle[1] + deep], np.float32)
    pairs.add("collar", lowest, between(at.neck["l"], at.neck["r"]) + body.down * fall)


def _slope(side: Side, at: Yoke, body: Body, outline: Outline) -> Vector:
    """Return the middle of a shoulder's slope, on the outline where that is near the line."""
    line = between(at.neck[side], at.tip[side])
    below = body.neck + body.out(side) * np.float32(0.4 * body.width)
    rise, left = outline.reach("worn", below, -body.down, 0.42 * body.width)
    if not left:
        return line
    above = float((line - below + body.down * np.float32(rise)) @ body.down)
    return line - body.down * np.clip(np.float32(above), -0.03 * body.width, 0.07 * body.width)


def torso(
    pairs: Pairs,
    garment: Garment,
    at: Yoke,
    body: Body,
    outline: Outline,
    hem: float | None,
    ease: Ease,
) -> None:
    """Add the side seams of a top from armhole to hem; ``hem`` is how far down the worn one is."""
    ends = []
    for side in SIDES:
        start = float((at.pit[side] - body.neck) @ body.down)
        pit, end = point(garment, f"pit_{side}"), point(garment, f"hem_{side}")
        own = float(end[1] - pit[1]) * at.scale
        if hem is not None:
            own = float(
                np.clip(hem + 0.02 * body.height - start, own * _STRETCH[0], own * _STRETCH[1])
            )
        own *= ease.drop
        near = 0.12 * length(point(garment, "shoulder_r") - point(garment, "shoulder_l"))
        for name, share in zip(("flank1", "flank2", "hem"), _FLANKS, strict=True):
            flat = between(pit, end, share)
            inner = flat - np.array([0, 4 if share == 1 else 0], np.float32)  # the hem is rounded
            seam = np.array(
                [edge(garment.body, inner, OUTWARD[side], near)[0], flat[1]], np.float32
            )
            pairs.add(
                f"{name}_{side}", seam, flank(side, start + own * share, share, body, outline, ease)
            )
        ends.append((end, flank(side, start + own, 1.0, body, outline, ease)))
    (left, on_left), (right, on_right) = ends
    pairs.add("hem_m", between(left, right), between(on_left, on_right))


def _seat(side: Side, body: Body, outline: Outline) -> float:
    """Return half of the seat's width on a side, px: to a hand beside it, or to the background."""
    at = body.neck + body.down * np.float32(_SEAT * body.height)
    most = _HIPS[1] * body.hips
    far, left = outline.reach("clothes", at, body.out(side), most)
    return max(far, _HIPS[0] * body.hips) if left else _HIPS[0] * body.hips


def flank(
    side: Side, down: float, share: float, body: Body, outline: Outline, ease: Ease
) -> Vector:
    """Return a side seam's place so far below the shoulders: at the outline where it is seen.

    Where an arm hangs against the body no outline is seen, and the body's proportions are taken.
    """
    at = body.neck + body.down * np.float32(down)
    low = float(np.clip(down / body.height, 0, 1.3))
    usual = body.width * 0.5 * (1 - low) + _seat(side, body, outline) * low
    usual = max(usual, (0.49 - 0.04 * share) * body.width)
    far, left = outline.reach("person", at, body.out(side), usual * 1.35)
    half = float(np.clip(far, usual * 0.85, usual * 1.22)) if left else usual
    return np.asarray(at + body.out(side) * np.float32(half * ease.girth), np.float32)
