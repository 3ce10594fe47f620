"""Where cloth ends and its shadow begins: the best line along an outline, by dynamic programming.

Active contours by dynamic programming: Amini, Weymouth and Jain, "Using dynamic programming for
solving variational problems in vision" (1990), with the outline's own normals as the ways to go.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from ..garment import Floats, Mask
from .ground import Ground
from .morphology import blurred, grown, shrunk, steepness

# Costs of a px taken for shadow or for cloth, in Lab units; see `_costs`.
_REACH = 28  # px at 512 inwards that a shadow is looked for
_BEFORE = 5  # px at 512 outwards, so that a clean edge of cloth is seen from its outside
_SAME_HUE = 3.0  # chroma off the ground's that a shadow may have
_GENTLE = 16.0  # lightness that a shadow's slope loses within 2 px at most; an edge loses more
_NOISE = 2.0  # lightness that a shadow may rise again by
_ODDS = 0.6  # against shadow, where nothing tells
_ALIKE = 3.0  # of cloth to the cloth further in
_WEIGHTS = np.array([0.6, 1, 1], np.float32)  # cloth is shaded, too
_UNLIKE = 6.0  # most that a px costs for being unlike it: labels and prints are cloth, too
_TINTED = 6.0  # chroma at most, by light that the cloth throws into its shadow
_DARKEST = 60.0  # below the ground's lightness
_DISTINCT = 18.0  # from the cloth, at least, to be shadow without more ado
_SOFT = 25.0  # Sobel's sum of lightness at most within plain shadow; prints are sharper
_BEND = 2.0  # a px of difference between neighbours on the outline


def without_shadow(lab: Floats, ground: Ground, piece: Mask) -> Mask:
    """Return a piece of cloth in a (H, W, 3) CIELAB picture without the shadow that it throws."""
    scale = max(piece.shape) / 512
    cloth = _further_in(lab, piece, scale)
    piece = piece & ~_plain_shadow(lab, ground, cloth, piece, scale)
    outline = _outline(piece, scale)
    if len(outline) < 16:
        return piece
    inward = _inward(outline, scale)
    steps = np.arange(-_BEFORE, _REACH, dtype=np.float32) * scale
    ways = outline[:, None] + inward[:, None] * steps[None, :, None]
    costs = _costs(
        _along(lab, ways), _along(ground.chroma[..., None], ways)[..., 0], _along(cloth, ways)
    )
    depth = steps[best_line(costs, _BEND)]
    line = outline + inward * np.maximum(depth, 0)[:, None]
    found = np.zeros(piece.shape, np.uint8)
    cv2.fillPoly(found, [np.round(line * 8).astype(np.int32)], (1,), shift=3)
    return found.astype(bool) & piece


def _plain_shadow(lab: Floats, ground: Ground, cloth: Floats, piece: Mask, scale: float) -> Mask:
    """Return what nobody would take for cloth, in crevices, too, where outlines run too close."""
    plain = (ground.chroma < _TINTED) & (ground.lightness < 1) & (ground.lightness > -_DARKEST)
    plain &= np.linalg.norm(lab - cloth, axis=-1) > _DISTINCT
    plain &= steepness(lab, 0.7 * scale) < _SOFT
    # A shadow is reached over the ground; what cloth encloses is a print on it.
    outside = np.pad(~piece | plain, 1, constant_values=True).astype(np.uint8)
    _, labels = cv2.connectedComponents(outside, connectivity=4)
    joined = plain & np.asarray(labels == labels[0, 0], bool)[1:-1, 1:-1]
    return grown(joined, 1.5 * scale)


def _outline(piece: Mask, scale: float) -> Floats:
    """Return the outer outline (n, 2) of a piece, a point about every 1.5 px, from its top."""
    even = (blurred(piece.astype(np.float32), 1.5 * scale) > 0.5).astype(np.uint8)
    found, _ = cv2.findContours(even, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    if not found:
        return np.zeros((0, 2), np.float32)
    outline = max(found, key=len).reshape(-1, 2).astype(np.float32)
    outline = np.roll(outline, -int(outline[:, 1].argmin()), axis=0)
    return outline[:: max(1, round(1.5 * scale))]


def _inward(outline: Floats, scale: float) -> Floats:
    """Return unit normals (n, 2) of an outline as OpenCV goes round it, into what it encloses."""
    sigma = max(1.0, 2.5 * scale)
    closed = np.concatenate([outline[-16:], outline, outline[:16]])
    smooth = cv2.GaussianBlur(closed[None], (0, 0), sigma, sigmaY=0.01)[0]
    along = smooth[17:-15] - smooth[15:-17]
    normals = np.stack([along[:, 1], -along[:, 0]], -1)
    area = cv2.contourArea(np.ascontiguousarray(outline), oriented=True)
    normals *= 1 if area < 0 else -1
    return np.asarray(normals / np.maximum(np.linalg.norm(normals, axis=1), 1e-6)[:, None])


def _along(values: Floats, ways: Floats) -> Floats:
    """Sample (H, W, c) values at (n, k, 2) px; beyond the picture its edge goes on."""
    x, y = np.ascontiguousarray(ways[..., 0]), np.ascontiguousarray(ways[..., 1])
    found = cv2.remap(values, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(found, np.float32).reshape(*ways.shape[:2], values.shape[2])


def _costs(seen: Floats, chroma: Floats, cloth: Floats) -> Floats:
    """Return what it costs (n, k + 1) to let the cloth begin at each step of each way.

    A shadow has the ground's hue, gets ever darker inwards, and has no sharp edge: beyond one
    lies cloth. Cloth looks like the cloth further in.
    """
    light = seen[..., 0]
    darkest = np.minimum.accumulate(light, axis=1)
    rise = np.maximum(0, light - darkest - _NOISE)
    drop = np.zeros_like(light)
    drop[:, 2:] = np.maximum(0, light[:, :-2] - light[:, 2:] - _GENTLE)
    edges = np.minimum(np.cumsum(drop, axis=1) * 0.6, 20)
    hue = np.minimum(np.maximum(0, chroma - _SAME_HUE) * 1.5, 20)
    as_shadow = edges + np.minimum(rise, 12) + hue + _ODDS
    unlike = np.linalg.norm((seen - cloth) * _WEIGHTS, axis=-1)
    as_cloth = np.clip(unlike - _ALIKE, 0, _UNLIKE)
    before = np.pad(np.cumsum(as_shadow, axis=1), ((0, 0), (1, 0)))[:, :-1]
    after = np.cumsum(as_cloth[:, ::-1], axis=1)[:, ::-1]
    return np.asarray(before + after, np.float32)


def best_line(costs: Floats, bend: float) -> NDArray[np.int64]:
    """Return a step for each of n ways, (n, k) costs: least in all, `bend` a step between two."""
    steps = np.arange(costs.shape[1], dtype=np.float32) * np.float32(bend)
    total = np.empty_like(costs)
    total[0] = costs[0]
    for i in range(1, len(costs)):
        last = total[i - 1]
        up = np.minimum.accumulate(last - steps) + steps
        down = np.minimum.accumulate((last + steps)[::-1])[::-1] - steps
        total[i] = costs[i] + np.minimum(up, down)
    line = np.empty(len(costs), np.int64)
    line[-1] = total[-1].argmin()
    for i in range(len(costs) - 2, -1, -1):
        line[i] = (total[i] + np.abs(steps - steps[line[i + 1]])).argmin()
    return line


def _further_in(lab: Floats, piece: Mask, scale: float) -> Floats:
    """Return the local mean colours (H, W, 3) of what lies further in than a shadow reaches."""
    for reach in (_REACH, _REACH / 2, 3.0):  # of a strap nothing lies deep
        core = shrunk(piece, reach * scale)
        if core.sum() > 0.1 * piece.sum():
            break
    weight = np.asarray(core, np.float32)
    quarter = max(1, lab.shape[1] // 4), max(1, lab.shape[0] // 4)
    small = cv2.resize(lab * weight[..., None], quarter, interpolation=cv2.INTER_AREA)
    less = np.asarray(cv2.resize(weight, quarter, interpolation=cv2.INTER_AREA), np.float32)
    sigma = 4 * scale
    wide = np.asarray(small.mean((0, 1)) / max(float(less.mean()), 1e-6), np.float32)
    sums = blurred(np.asarray(small, np.float32), sigma) + 1e-4 * wide
    local = sums / (blurred(less, sigma) + 1e-4)[..., None]
    size = lab.shape[1], lab.shape[0]
    return np.asarray(cv2.resize(local, size, interpolation=cv2.INTER_LINEAR), np.float32)
