"""The regions that line art encloses: what a colour fills."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from .layout import CELLS, LOOSE, REGIONS, TIGHT

INKED = 0.3  # coverage from which a pixel parts two regions
HALF_A_LINE = 2.5  # half-resolution px of a line that count with the region beside it
GAP = 5  # half-resolution px: lines are grown this wide to close the gaps of a hurried hand

Floats = NDArray[np.float32]

_CELL = np.arange(CELLS**2).reshape(CELLS, CELLS).repeat(2, 0).repeat(2, 1)  # of each half pixel


def read_regions(lines: Floats) -> Floats:
    """Return which share of each cell lies in which region of (256, 256) line art in 0..1.

    The result is (32, 64, 64). Twenty regions are of the lines as drawn, twelve of the lines grown
    until small gaps close; in both, the first is what is open to the border and the others follow
    by size. Regions meet in the middle of lines; solid ink belongs to none.
    """
    inked = lines > INKED
    walls = inked[::2, ::2] | inked[1::2, ::2] | inked[::2, 1::2] | inked[1::2, 1::2]
    grown = cv2.dilate(walls.astype(np.uint8), np.ones((GAP, GAP), np.uint8))
    result = np.empty((REGIONS, CELLS, CELLS), np.float32)
    result[:TIGHT] = _shares(walls, TIGHT)
    result[TIGHT:] = _shares(grown > 0, LOOSE)
    return result


def _shares(walls: NDArray[np.bool_], count: int) -> Floats:
    places = _ranked(walls, count) * CELLS**2 + _CELL
    counts = np.bincount(places[places >= 0], minlength=count * CELLS**2)
    return (counts / 4).astype(np.float32).reshape(count, CELLS, CELLS)


def _ranked(walls: NDArray[np.bool_], count: int) -> NDArray[np.int64]:
    """Number free pixels by region: 0 outside, then by size; -1 for walls and what is left."""
    free = np.pad(~walls, 1, constant_values=True).astype(np.uint8)  # joins all of the border
    found, labels, stats, _ = cv2.connectedComponentsWithStats(free, connectivity=4)
    area = np.array(stats[:, cv2.CC_STAT_AREA], np.int64)
    area[0], area[labels[0, 0]] = -1, walls.size + 1  # walls last, the outside first
    order = np.argsort(-area, kind="stable")[: min(count, found - 1)]
    rank = np.full(found, -1, np.int64)
    rank[order] = np.arange(len(order))
    ranked: NDArray[np.int64] = rank[labels[1:-1, 1:-1]]
    return _grown(ranked, walls)


def _grown(ranked: NDArray[np.int64], walls: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Let regions meet in the middle of lines; what is solid ink stays unclaimed inside."""
    if walls.all():
        return ranked
    distance, nearest = cv2.distanceTransformWithLabels(
        walls.astype(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_3, labelType=cv2.DIST_LABEL_PIXEL
    )
    owner = np.full(int(nearest.max()) + 1, -1, np.int64)
    owner[nearest[~walls]] = ranked[~walls]
    return np.where(walls & (distance <= HALF_A_LINE), owner[nearest], ranked)
