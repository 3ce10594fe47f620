"""Connected regions, their growing and shrinking: SciPy, with the types that it leaves out."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

Mask = NDArray[np.bool_]  # (H, W)


def label(mask: Mask) -> tuple[NDArray[np.int32], int]:
    """Return each pixel's region, from 1, and how many there are; 0 is outside."""
    found: Any = ndimage.label(mask)
    regions, count = found
    return np.asarray(regions, np.int32), int(count)


def grow(mask: Mask, px: int) -> Mask:
    """Return the pixels within ``px`` of a mask."""
    return np.asarray(ndimage.binary_dilation(mask, iterations=px), np.bool_)


def shrink(mask: Mask, px: int) -> Mask:
    """Return the pixels of a mask that are further than ``px`` from its edge."""
    return np.asarray(ndimage.binary_erosion(mask, iterations=px), np.bool_)


def depth(mask: Mask) -> NDArray[np.float64]:
    """Return each pixel's distance in px to the nearest one outside a mask."""
    found: Any = ndimage.distance_transform_edt(mask)
    return np.asarray(found, np.float64)


def nearest_outside(mask: Mask) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """Return row and column of the pixel outside a mask that is nearest to each pixel."""
    found: Any = ndimage.distance_transform_edt(mask, return_distances=False, return_indices=True)
    rows, columns = np.asarray(found, np.int32)
    return rows, columns


def closed_regions(lines: Mask) -> list[Mask]:
    """Return the regions that lines enclose, the largest first."""
    regions, count = label(~lines)
    border = np.concatenate([regions[0], regions[-1], regions[:, 0], regions[:, -1]])
    areas = np.bincount(regions.ravel(), minlength=count + 1)
    areas[0] = areas[np.unique(border)] = 0
    order = np.argsort(-areas, kind="stable")
    return [regions == region for region in order if areas[region] > 0]
