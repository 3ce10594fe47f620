"""Cloth told from the ground and from its soft shadow, where a picture has no alpha."""

from __future__ import annotations

import cv2
import numpy as np

from ..garment import Floats, Mask
from .ground import Ground
from .morphology import closed, filled, grown, opened, parts, shrunk, steepness
from .shadow import without_shadow

# Lab units from the ground. A shadow is darker than the ground, of its hue, and soft.
_COLOURED = 6.0
_BRIGHTER = 2.0
_DARKER = 17.0  # a contact shadow may be darker still, see `shadow`
_DARKER_AND_SHARP = 9.0
_SHARP = 22.0  # of Sobel's sum, eight times the change of lightness a px: an edge of cloth


def find_cloth(lab: Floats, ground: Ground) -> list[Mask]:
    """Return the pieces of cloth in a picture, (H, W, 3) CIELAB, the largest first."""
    scale = max(lab.shape[:2]) / 512
    steep = steepness(lab, 0.7 * scale)
    light, chroma = ground.lightness, ground.chroma
    unlike = (chroma > _COLOURED) | (light > _BRIGHTER) | (light < -_DARKER)
    unlike |= (light < -_DARKER_AND_SHARP) & (steep > _SHARP)
    solid = opened(filled(closed(unlike, 2 * scale)), 4 * scale)
    found = []
    for piece in parts(solid):
        cloth = opened(without_shadow(lab, ground, piece), 2.5 * scale)
        found += parts(cloth)[:1]
    return sorted(found, key=lambda piece: -int(piece.sum()))


def hull_cut(lab: Floats, outline: Floats) -> Mask:
    """Return the cloth within points (n, 2) px that somebody set, where nothing else tells it.

    GrabCut (Rother, Kolmogorov and Blake, 2004) between the ground and the points' hull; where it
    finds nothing, as on white on white, the hull is the garment.
    """
    height, width = lab.shape[:2]
    hull = np.zeros((height, width), np.uint8)
    cv2.fillConvexPoly(hull, cv2.convexHull(outline.astype(np.int32)), (1,))
    inside = hull.astype(bool)
    small = max(height, width) / 256
    size = max(8, round(width / small)), max(8, round(height / small))
    bytes_ = np.clip(lab * [2.55, 1, 1] + [0, 128, 128], 0, 255).astype(np.uint8)
    picture = np.asarray(cv2.resize(bytes_, size, interpolation=cv2.INTER_AREA), np.uint8)
    sure = cv2.resize(hull, size, interpolation=cv2.INTER_NEAREST).astype(bool)
    state = np.full(sure.shape, cv2.GC_BGD, np.uint8)
    state[grown(sure, 5)] = cv2.GC_PR_BGD
    state[sure] = cv2.GC_PR_FGD
    state[shrunk(sure, 0.1 * min(size))] = cv2.GC_FGD
    if (state == cv2.GC_BGD).sum() < 20 or (state == cv2.GC_FGD).sum() < 20:
        return inside
    models = np.zeros((1, 65)), np.zeros((1, 65))
    cv2.setRNGSeed(1)
    cv2.grabCut(picture, state, (0, 0, *size), *models, 2, cv2.GC_INIT_WITH_MASK)
    cut = np.isin(state, (cv2.GC_FGD, cv2.GC_PR_FGD)).astype(np.float32)
    found = cv2.resize(cut, (width, height), interpolation=cv2.INTER_LINEAR) > 0.5
    best = parts(filled(found))
    good = bool(best) and 0.6 < best[0].sum() / max(1, inside.sum()) < 1.5
    return best[0] if good else inside
