"""Whether a garment hangs upright in its picture, by its symmetry and the way its notches open."""

from __future__ import annotations

import cv2
import numpy as np

from livedraft.errors import InvalidImage

from ..garment import Floats
from .outline import Outline

_SIDE = 96  # px, at which symmetry is measured
_STEP = 6  # degrees
_TILTED = 15  # degrees, from which a garment is not worn as it lies
_SYMMETRIC = 0.80  # overlap with its mirror image, of a garment about its own axis
_GAIN = 0.08  # over the upright axis
_SHARP = 1.9  # rad: of an armpit or a crotch
_DEEP = 0.08  # of the garment's size
_DEEPER = 0.3  # the same, of a crotch
_FIX = "turn the picture so that the neck, or the waist, is at the top and the hem below"


def refuse_turned(outline: Outline) -> None:
    """Raise InvalidImage where a garment plainly lies on its side, askew or upside down."""
    tilt = _tilt(outline)
    if tilt:
        raise InvalidImage(f"the garment lies turned by about {abs(tilt)}°", fix=_FIX)
    if _opens_upwards(outline):
        raise InvalidImage("the garment lies upside down", fix=_FIX)


def _tilt(outline: Outline) -> int:
    """Return by how many degrees a garment's axis is off the vertical; 0 if that is not plain."""
    left, top, right, bottom = outline.box
    scale = _SIDE / (1.5 * float(np.hypot(right - left, bottom - top)))
    upright = _overlap(outline, 0, scale)
    if upright >= _SYMMETRIC:
        return 0
    angles = [a for a in range(-90 + _STEP, 91, _STEP) if abs(a) >= _TILTED]
    overlaps = [_overlap(outline, angle, scale) for angle in angles]
    best = int(np.argmax(overlaps))
    plain = overlaps[best] > max(_SYMMETRIC, upright + _GAIN)
    return angles[best] if plain else 0


def _overlap(outline: Outline, angle: float, scale: float) -> float:
    """Return how much a garment, turned, overlaps its mirror image (intersection over union)."""
    rows, columns = np.nonzero(outline.mask)
    centre = float(columns.mean()), float(rows.mean())
    turn = np.asarray(cv2.getRotationMatrix2D(centre, angle, scale), np.float64)
    turn[:, 2] += (_SIDE - 1) / 2 - np.array(centre)
    small = cv2.warpAffine(outline.mask.astype(np.float32), turn, (_SIDE, _SIDE)) > 0.5
    mirrored = small[:, ::-1]
    return float((small & mirrored).sum() / max(1, int((small | mirrored).sum())))


def _opens_upwards(outline: Outline) -> bool:
    """Return whether the deep, sharp notches open upwards: armpits and crotches open downwards."""
    angle, depth = outline.notches
    size = max(outline.width, outline.height)
    deep = (angle < _SHARP) & (depth > _DEEP * size)
    central = np.abs(outline.line[:, 0] - outline.middle) < 0.15 * outline.width
    deep &= ~central | (depth > _DEEPER * size)  # a neck is none, and opens upwards
    if not deep.any():
        return False
    arm = max(2, round(0.045 * outline.height))
    line: Floats = outline.line
    middle = (np.roll(line, arm, axis=0) + np.roll(line, -arm, axis=0)) / 2
    down = (middle - line)[deep, 1] / arm
    return bool(np.median(down) < -0.3)
