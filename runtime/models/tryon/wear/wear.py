"""A person's picture and warped garments to the picture of the person wearing them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from ..arrays import Box, Floats, Mask, Pixels, mixed, painted, smoothed, times
from ..body.frame import SIDES, Body
from ..body.look import Look, Planes
from ..exposure import exposure
from ..fit.controls import in_frame
from ..fit.warp import Field
from .bare import bare_limbs
from .layers import Cloth, Fitted, laid
from .leftover import Covered, leftover
from .limbs import SHRINK, Limbs
from .occlusion import bared_arms, behind_neck, seen
from .uncover import uncover

_BULKY = 0.4  # of the shoulders' width: how much further old clothes reach than where limbs are
_RIM = 0.06  # of the same: what still lies beyond is not cut off by a line
_GRAIN = 0.08  # of the shoulders' width: finer detail of a background is carried on
_COLLAR_SHADE, _ARM_SHADE, _EDGE_SHADE = 0.34, 0.28, 0.10  # the most that each darkens cloth


@dataclass(frozen=True, eq=False)
class Worn:
    """A person in new clothes; pixels outside of the mask are the picture's own, bit for bit."""

    picture: Pixels  # (H, W, 3)
    mask: Mask  # (H, W) what may differ from the person's picture
    veil: Floats  # (h, w) of the box, 0..1: how much is not the person's picture
    made: Floats  # (h, w, 3) of the box, 0..255: the new picture, before it is rounded
    garment: Floats  # (h, w) of the box: how much of the new clothes is seen
    field: Field  # of the box: where the topmost garment's body comes from
    box: Box
    garments: Sequence[Fitted]

    @property
    def map(self) -> Floats:
        """Where the pixels of the topmost garment's body come from, (h, w, 2) of the box, px."""
        return self.field.whole

    def layer(self, image: Pixels) -> Floats:
        """Return what lies over the person's picture, (h, w, 3) of the box, by its veil."""
        x0, y0, x1, y1 = self.box
        veil = self.veil[..., None]
        over = (self.made - image[y0:y1, x0:x1] * (1 - veil)) / np.maximum(veil, 1e-3)
        return np.asarray(np.clip(over, 0, 255), np.float32)


def wear(
    image: Pixels, look: Look, body: Body, garments: Sequence[Fitted], allowed: Floats | None = None
) -> Worn:
    """Put garments on a person, the first lowest; ``allowed`` (H, W) 0..1 says what may change."""
    box = extent(image, look, body, garments)
    x0, y0, x1, y1 = box
    planes, limbs = look.within(box, body), Limbs(body, box, look.head(body))
    base = image[y0:y1, x0:x1]
    ends = look.ends * body.height
    colour: Floats | None = None
    none: Floats = np.zeros(base.shape[:2], np.float32)
    visible = alpha = opening = bare = none
    cloth: Cloth | None = None
    naked, level = bare_limbs(garments, limbs), exposure(image)
    for fitted in garments:
        garment = fitted.garment
        cloth = laid(fitted.sheets, fitted.parts, box, body.width)
        cloth = behind_neck(cloth, limbs)
        arms = bared_arms(garment, cloth, planes, limbs, naked)
        if look.tone is None:
            arms = np.zeros_like(arms)
        own = seen(garment, cloth, planes, limbs, ends) * (1 - arms)
        lit = _lit(cloth, planes, body.width, level)
        colour = times(lit, own) if colour is None else mixed(colour, lit, own)
        visible = visible + own - visible * own
        alpha, opening, bare = (
            np.maximum(one, other)
            for one, other in ((alpha, cloth.alpha), (opening, cloth.opening), (bare, arms))
        )
    assert cloth is not None, "no garment to wear"
    assert colour is not None
    kinds = [fitted.garment for fitted in garments]
    covered = Covered(alpha * (1 - bare), _end(garments, body), opening, bare, naked)
    gap = leftover(base, kinds, covered, planes, limbs, ends, look.tone)
    left = gap.left * _inner(box, image.shape, _RIM * body.width)
    if allowed is not None:
        within = allowed[y0:y1, x0:x1]
        visible, left, colour = (
            visible * within,
            left * within,
            times(colour, within),
        )
    under: Floats = base.astype(np.float32)
    if left.any():
        # Photographs have time for what a camera's frames have not.
        grain = None if look.under is None else _GRAIN * body.width
        lifted = any(garment.kind != "lower" for garment in kinds)
        repaired = look.repaired(box, body) if lifted else None  # it knows what a top hides
        under = mixed(under, uncover(gap, repaired, grain), left)
    made = times(under, 1 - visible) + colour
    changed = (visible > 0) | (left > 0)
    mask = np.zeros(image.shape[:2], bool)
    mask[y0:y1, x0:x1] = changed
    veil = visible + left - visible * left
    return Worn(
        painted(image, box, made, changed), mask, veil, made, visible, cloth.field, box, garments
    )


def extent(image: Pixels, look: Look, body: Body, garments: Sequence[Fitted]) -> Box:
    """Return the box of all that may change: the new clothes, and the limbs of the old."""
    points = [part.body for fitted in garments for part in fitted.parts]
    kinds = {fitted.garment.kind for fitted in garments}
    joints = ["elbow", "wrist", "hip"] if kinds & {"upper", "dress"} else ["hip"]
    joints += ["knee", "ankle"] if kinds & {"lower", "dress"} else []
    points.append(np.stack([body.at(side, joint) for side in SIDES for joint in joints]))
    every = np.concatenate(points)
    pad = 0.2 * body.width
    height, width = image.shape[:2]
    low, high = every.min(0) - pad, every.max(0) + pad
    more = _BULKY * body.width
    size = np.array([width, height], np.float32)
    near = [int(each) for each in (*np.clip(low - more, 0, size), *np.clip(high + more, 0, size))]
    worn = look.dressed(body, (near[0], near[1], near[2], near[3]))
    if worn is not None:
        low, high = np.minimum(low, worn[:2]), np.maximum(high, worn[2:])
    low, high = np.floor(low), np.ceil(high)
    x0, x1 = _stretch(low[0], high[0], width)
    y0, y1 = _stretch(low[1], high[1], height)
    return x0, y0, x1, y1


def _inner(box: Box, shape: tuple[int, ...], rim: float) -> Floats:
    """Return 1 within a box, falling to 0 at those of its sides where the picture goes on."""
    ramps = []
    for start, end, size in ((box[1], box[3], shape[0]), (box[0], box[2], shape[1])):
        at = np.arange(end - start, dtype=np.float32)
        low = at / np.float32(rim) if start > 0 else np.ones_like(at)
        high = at[::-1] / np.float32(rim) if end < size else np.ones_like(at)
        ramps.append(np.clip(np.minimum(low, high), 0, 1))
    return np.asarray(ramps[0][:, None] * ramps[1], np.float32)


def _stretch(low: float, high: float, size: int) -> tuple[int, int]:
    """Return the part of a side from a place to another, px: whole px at a `SHRINK`-th of the size.

    Planes of such a part are shrunk in a third of the time.
    """
    start, end = max(0, int(low)), min(int(high), size)
    long = -(-max(end - start, 2) // SHRINK) * SHRINK
    end = min(max(start, 0) + long, size)
    return max(0, end - long), end


def _end(garments: Sequence[Fitted], body: Body) -> float:
    """Return how far below the shoulders the garments' bodies end, px."""
    ends = [in_frame(fitted.parts[0].body, body)[:, 1].max() for fitted in garments]
    return float(max(ends)) * body.width


def _lit(cloth: Cloth, planes: Planes, unit: float, level: float) -> Floats:
    """Return cloth in the light of the picture: its folds, shadows of head and arms, its edge.

    In a picture of a ``level`` of light below 1 nothing is brighter than that of white.
    """
    head = np.clip(planes.front + planes.skin * cloth.opening, 0, 1)
    below = np.roll(smoothed(head, 0.05 * unit), int(unit * 0.03), 0) * (1 - planes.front)
    inner = np.clip(smoothed(cloth.alpha, 0.03 * unit) * 1.6 - 0.6, 0, 1)
    gain: Floats = np.asarray(cv2.exp(planes.light), np.float32)
    gain *= 1 - np.float32(_COLLAR_SHADE) * below
    gain *= 1 - np.float32(_EDGE_SHADE) * (1 - inner)
    gain *= 1 - np.float32(_ARM_SHADE) * cloth.shadow
    gain *= np.float32(level)
    return np.asarray(np.clip(times(cloth.colour, gain), 0, 255 * level), np.float32)
