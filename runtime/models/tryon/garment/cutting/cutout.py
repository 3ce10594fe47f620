"""A garment out of its picture: cloth whose rim is clean, its alpha, and the solid mask of it."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from ..garment import Floats, Mask, Pixels
from .cloth import find_cloth, hull_cut
from .faults import busy_ground, refuse_pieces
from .ground import fit_ground
from .morphology import filled, opened, parts, shrunk
from .rim import cloth_beyond, soft_rim

_CUT = 250  # alpha below it is no rounding of an opaque picture
_LEAST_CUT = 0.02  # of the picture that a cut-out leaves free
_EXPLAINED = 0.5  # of the picture's edge, by the fitted ground
_FINDING_PX = 512  # longest side at which cloth is told from ground
_HULL_POINTS = 4  # set by hand, from which a garment is cut though its ground does not tell it


@dataclass(frozen=True)
class Cutout:
    """A garment without its ground; all of one size (H, W)."""

    colour: Pixels  # (H, W, 3); the cloth goes on beyond the rim
    alpha: Floats  # (H, W) 0..1
    mask: Mask  # (H, W): where the garment is, without holes


def cut_out(picture: Pixels, outline: Floats | None = None) -> Cutout:
    """Cut the garment out of (H, W, 3|4) pixels; `outline` (n, 2) px are points set by hand.

    Raises InvalidImage where none, or several, are found.
    """
    colour = np.ascontiguousarray(picture[..., :3])
    if picture.shape[2] == 4 and (picture[..., 3] < _CUT).mean() > _LEAST_CUT:
        return _by_alpha(colour, picture[..., 3])
    mask = _by_ground(colour, outline)
    alpha = soft_rim(mask)
    return Cutout(cloth_beyond(colour, alpha), alpha, mask)


def _by_alpha(colour: Pixels, bytes_: Pixels) -> Cutout:
    alpha = np.asarray(bytes_.astype(np.float32) / 255, np.float32)
    scale = max(alpha.shape) / 512
    # Of sheer cloth, and of a picture that fades as a whole, half of what its own cloth has.
    seen = alpha[alpha > 0.04]
    level = 0.5 * float(np.percentile(seen, 80)) if seen.size else 0.5
    pieces = parts(opened(filled(alpha > level), 1.5 * scale))
    refuse_pieces(pieces)
    mask = pieces[0]
    alpha = np.asarray(alpha * _near(mask, scale), np.float32)
    return Cutout(cloth_beyond(colour, alpha), alpha, mask)


def _by_ground(colour: Pixels, outline: Floats | None) -> Mask:
    """Find the cloth at `_FINDING_PX`; the rim is cut narrower than what that blurs."""
    height, width = colour.shape[:2]
    scale = min(1.0, _FINDING_PX / max(height, width))
    size = max(1, round(width * scale)), max(1, round(height * scale))
    small = cv2.resize(colour, size, interpolation=cv2.INTER_AREA)
    lab = np.asarray(cv2.cvtColor(small.astype(np.float32) / 255, cv2.COLOR_RGB2LAB), np.float32)
    mask = _found(lab, None if outline is None else outline * np.float32(scale))
    whole = cv2.resize(mask.astype(np.float32), (width, height), interpolation=cv2.INTER_LINEAR)
    return np.asarray(whole > 0.5, bool)


def _found(lab: Floats, outline: Floats | None) -> Mask:
    given = outline if outline is not None and len(outline) >= _HULL_POINTS else None
    ground = fit_ground(lab)
    if ground.explained < _EXPLAINED:
        if given is None:
            raise busy_ground()
        return hull_cut(lab, given)
    pieces = find_cloth(lab, ground)
    if given is not None and not _holds(pieces, given):
        return hull_cut(lab, given)
    refuse_pieces(pieces)
    return pieces[0]


def _holds(pieces: list[Mask], outline: Floats) -> bool:
    """Return whether the largest piece is about what somebody's points enclose."""
    if not pieces:
        return False
    hull = np.zeros(pieces[0].shape, np.uint8)
    cv2.fillConvexPoly(hull, cv2.convexHull(outline.astype(np.int32)), (1,))
    inside = hull.astype(bool)
    return float((pieces[0] & inside).sum()) > 0.5 * float(inside.sum())


def _near(mask: Mask, scale: float) -> Floats:
    """Return 1 within a few px of a mask: what else a picture holds, as a label beside it, goes."""
    beyond = shrunk(~mask, 3 * scale)
    return (~beyond).astype(np.float32)
