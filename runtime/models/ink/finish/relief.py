"""A drawing's relief: how its shapes bulge, from their outlines alone. A rule, nothing is trained.

Shapes are inflated: heights solve the screened Poisson equation, whose solution bulges like a
membrane under pressure between walls and lies flat far from them. Walls are where one shape ends
and another begins. A line with the same shape on both sides (a whisker, a smile) is no wall, and
neither is the outline of something small (an eye): they are painted on the face and do not dent it.
"""

from __future__ import annotations

from functools import cache

import cv2
import numpy as np
from numpy.typing import NDArray

from ..colour import Floats

SIDE = 128  # px that a relief has
SMALL = 0.03  # share of the silhouette below which a shape is painted on its surroundings
SHAPE_PX, BODY_PX = 9.0, 26.0  # at 256: how far from a wall a shape, or the whole, bulges
STEPS = 12  # of relaxation at each side; enough where each begins at the coarser one's solution
_NEIGHBOURS = np.array([[0, 1, 0], [1, 0, 1], [0, 1, 0]], np.float32) / 4
_STEEP = 2.2  # of slopes: what a membrane's would have to be to look round


def relief(lines: Floats, coverage: Floats, puff: float = 1.0) -> Floats:
    """Return unit normals (128, 128, 3), x to the right and y down, of a picture's shapes.

    `lines` and `coverage` are (256, 256) in 0..1: of strokes, and of the picture. `puff` is how
    far a bulge reaches: about .5 a bevel, 2 a balloon.
    """
    solid = _small(coverage) > 0.5
    walls = _walls(solid, _small(lines) > 0.25)
    shape = _inflated(solid & ~walls, SHAPE_PX * puff)
    body = _inflated(solid, BODY_PX * puff)
    height = 1.25 * np.sqrt(shape) + 1.1 * np.sqrt(body)
    height = np.asarray(cv2.GaussianBlur(height, (0, 0), 1.3))
    slope = _STEEP * SIDE / 256 / 8
    normals = np.empty((SIDE, SIDE, 3), np.float32)
    normals[..., 0] = -slope * cv2.Sobel(height, cv2.CV_32F, 1, 0, ksize=3)
    normals[..., 1] = -slope * cv2.Sobel(height, cv2.CV_32F, 0, 1, ksize=3)
    normals[..., 2] = 1
    normals /= np.linalg.norm(normals, axis=2, keepdims=True)
    return normals


def _small(picture: Floats) -> Floats:
    return np.asarray(cv2.resize(picture, (SIDE, SIDE), interpolation=cv2.INTER_AREA), np.float32)


def _walls(solid: NDArray[np.bool_], inked: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return where one shape of a silhouette meets another."""
    free = (solid & ~inked).astype(np.uint8)
    _, labels, stats, _ = cv2.connectedComponentsWithStats(free, connectivity=4)
    large = stats[:, cv2.CC_STAT_AREA] >= SMALL * solid.sum()
    large[0] = False
    if not large.any():
        return np.zeros_like(solid)
    known = large[labels]
    _, nearest = cv2.distanceTransformWithLabels(
        (~known).astype(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_3, labelType=cv2.DIST_LABEL_PIXEL
    )
    owner = np.zeros(int(nearest.max()) + 1, np.int32)
    owner[nearest[known]] = labels[known]
    shape = owner[nearest]
    walls = np.zeros_like(solid)
    walls[:, 1:] |= shape[:, 1:] != shape[:, :-1]
    walls[1:] |= shape[1:] != shape[:-1]
    return walls & solid


def _inflated(free: NDArray[np.bool_], reach: float) -> Floats:
    """Return u >= 0 with lap(u) - u / reach² = -1 where free, 0 elsewhere; lengths in px of 256."""
    mask = free.astype(np.float32)
    heights = np.zeros((8, 8), np.float32)
    side = 16
    while side <= SIDE:
        open_ = (
            mask if side == SIDE else cv2.resize(mask, (side, side), interpolation=cv2.INTER_AREA)
        )
        open_ = (open_ > 0.5).astype(np.float32)
        grown = cv2.resize(heights, (side, side), interpolation=cv2.INTER_LINEAR)
        heights = np.asarray(grown, np.float32)
        load, damping = _relaxation(side, reach)
        factor = open_ * damping
        for _ in range(STEPS):
            mean = cv2.filter2D(heights, -1, _NEIGHBOURS, borderType=cv2.BORDER_CONSTANT)
            heights = (mean + load) * factor
        side *= 2
    return heights


@cache
def _relaxation(side: int, reach: float) -> tuple[np.float32, np.float32]:
    """Return the load and the damping of one step on a grid of this side."""
    spacing = 256 / side
    return np.float32(spacing**2 / 4), np.float32(1 / (1 + spacing**2 / (4 * reach**2)))
