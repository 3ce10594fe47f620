"""From control points to maps: where each pixel of a person's picture takes its cloth from."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

import cv2
import numpy as np
from cv2.typing import MatLike
from numpy.typing import NDArray

from ..arrays import Box, Floats, Points

Mapping = Callable[[Points], Points]  # points (n, 2) of the person's picture to a garment's

_FINE = 4  # bits of a px that drawn edges are placed at
GRID_PX = 10  # maps are as smooth as cloth: they are computed so far apart, and linear between


def affine(from_: Points, to: Points) -> Mapping:
    """Return the affine map that takes these points nearest to those: it has no fold."""
    full = np.c_[from_, np.ones(len(from_), np.float32)]
    matrix = np.linalg.lstsq(full, to, rcond=1e-6)[0].astype(np.float32)

    def mapped(points: Points) -> Points:
        made: Points = points @ matrix[:2] + matrix[2]
        return made

    return mapped


@dataclass(frozen=True, eq=False)
class Field:
    """Where each pixel of a box takes its cloth from: known on a grid, and linear between."""

    coarse: Floats  # (rows, columns, 2), `GRID_PX` apart, the first half a px before the box
    size: tuple[int, int]  # width and height of the box

    def planes(self, share: float = 1) -> tuple[Floats, Floats]:
        """Return x and y for `cv2.remap`, (h, w) each, in a picture of this share of the size."""
        # The centres of pixels lie half a px in.
        x, y = cv2.split((self.coarse + np.float32(0.5)) * np.float32(share) - np.float32(0.5))
        return self._between(x), self._between(y)

    @property
    def whole(self) -> Floats:
        """Both together, (h, w, 2)."""
        return np.dstack(self.planes())

    def within(self, low: Points, high: Points) -> tuple[slice, slice] | None:
        """Return the rows and columns that may take cloth from between two points; None: none."""
        corners = [
            self.coarse[i : i - 1 or None, j : j - 1 or None] for i in (0, 1) for j in (0, 1)
        ]
        reaches = np.maximum.reduce(corners) >= low
        reaches &= np.minimum.reduce(corners) <= high
        cells = reaches.all(-1)
        if not cells.any():
            return None
        found = [np.flatnonzero(cells.any(axis)) * GRID_PX for axis in (1, 0)]
        rows, columns = (slice(int(at[0]), int(at[-1]) + GRID_PX) for at in found)
        return rows, columns

    def _between(self, plane: MatLike) -> Floats:
        (rows, columns), (width, height) = plane.shape, self.size
        large = cv2.resize(plane, (columns * GRID_PX, rows * GRID_PX))
        start = GRID_PX // 2
        return np.asarray(large[start : start + height, start : start + width], np.float32)


def field(mapping: Mapping, box: Box) -> Field:
    """Return a map's values in a box."""
    x0, y0, x1, y1 = box
    across, down = (
        np.arange((end - start) // GRID_PX + 2, dtype=np.float32) * GRID_PX
        + np.float32(start - 0.5)
        for start, end in ((x0, x1), (y0, y1))
    )
    grid = np.stack(np.meshgrid(across, down), -1)
    coarse = mapping(grid.reshape(-1, 2)).reshape(grid.shape).astype(np.float32)
    return Field(coarse, (x1 - x0, y1 - y0))


def hull(points: Points, box: Box, feather: int) -> Floats:
    """Return the hull of a body's control points, (h, w) 0..1: a spline folds back beyond it."""
    x0, y0, x1, y1 = box
    zone = np.zeros((y1 - y0, x1 - x0), np.uint8)
    outer = cv2.convexHull(_fine(points, x0, y0))
    cv2.fillConvexPoly(zone, outer, 255, cv2.LINE_AA, _FINE)
    cv2.polylines(zone, [outer], True, 255, max(1, feather), cv2.LINE_AA, _FINE)
    return np.asarray(cv2.blur(zone, (3, 3)), np.float32) / np.float32(255)


def strip(part: Points, pairs: int, box: Box, feather: int) -> Floats:
    """Return where a limb's cloth may lie: quads between its edges, (h, w) 0..1 with soft rims.

    ``part`` begins with the two ends at the body, then alternates outer and inner edge points.
    """
    x0, y0, x1, y1 = box
    zone = np.zeros((y1 - y0, x1 - x0), np.uint8)
    rungs = _fine(part, x0, y0).reshape(-1, 2, 2)[: pairs + 1]
    for one, other in pairwise(rungs):
        quad = cv2.convexHull(np.concatenate([one, other]))
        cv2.fillConvexPoly(zone, quad, 255, cv2.LINE_AA, _FINE)
        cv2.polylines(zone, [quad], True, 255, max(1, feather), cv2.LINE_AA, _FINE)
    return np.asarray(cv2.blur(zone, (3, 3)), np.float32) / np.float32(255)


def _fine(points: Points, x0: int, y0: int) -> NDArray[np.int32]:
    """Return points in a box as OpenCV draws them between pixels: edges are cut, not stepped."""
    at = (points - np.array([x0, y0], np.float32)) * (1 << _FINE)
    return np.asarray(at.round(), np.int32)
