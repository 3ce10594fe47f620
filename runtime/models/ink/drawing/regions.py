"""The regions that line art encloses: what a colour fills."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from ..layout import CELLS, REGIONS, TIGHT

INKED = 0.3  # coverage from which a pixel parts two regions
HALF_A_LINE = 2.5  # half-resolution px of a line that count with the region beside it
GAP = 5  # half-resolution px: lines are grown this wide to close the gaps of a hurried hand

Floats = NDArray[np.float32]
Mask = NDArray[np.bool_]

_CELL = np.arange(CELLS**2).reshape(CELLS, CELLS).repeat(2, 0).repeat(2, 1)  # of each half pixel


def read_regions(lines: Floats) -> Floats:
    """Return which share of each cell lies in which region of (256, 256) line art in 0..1.

    The result is (32, 64, 64). Twenty regions are of the lines as drawn, twelve of the lines grown
    until small gaps close; in both, the first is what is open to the border and the others follow
    by size. Regions meet in the middle of lines; solid ink belongs to none.
    """
    return regions_of(inked(lines))


def inked(lines: Floats) -> Mask:
    """Return where line art (256, 256) has ink: (128, 128), so that the thinnest line is closed."""
    drawn = lines > INKED
    rows = drawn[::2] | drawn[1::2]
    return rows[:, ::2] | rows[:, 1::2]


def regions_of(walls: Mask) -> Floats:
    """Return what `read_regions` does, of what `inked` found."""
    grown = cv2.dilate(walls.view(np.uint8), np.ones((GAP, GAP), np.uint8))
    result = np.empty((REGIONS, CELLS, CELLS), np.float32)
    _add_shares(walls, result[:TIGHT])
    _add_shares(np.asarray(grown, np.uint8).view(bool), result[TIGHT:])
    return result


def _add_shares(walls: Mask, shares: Floats) -> None:
    places = _ranked(walls, len(shares)) * CELLS**2 + _CELL
    counts = np.bincount(places[places >= 0], minlength=shares.size)
    np.multiply(counts.reshape(shares.shape), 0.25, out=shares, casting="same_kind")


def _ranked(walls: Mask, count: int) -> NDArray[np.int64]:
    """Number free pixels by region: 0 outside, then by size; -1 for walls and what is left."""
    free = np.ones((walls.shape[0] + 2, walls.shape[1] + 2), np.uint8)  # joins all of the border
    np.logical_not(walls, out=free[1:-1, 1:-1].view(bool))
    found, labels = cv2.connectedComponents(free, connectivity=4)
    area = np.bincount(labels.ravel(), minlength=found)
    area[0], area[labels[0, 0]] = -1, walls.size + 1  # walls last, the outside first
    order = np.argsort(-area, kind="stable")[: min(count, found - 1)]
    rank = np.full(found, -1, np.int64)
    rank[order] = np.arange(len(order))
    ranked: NDArray[np.int64] = rank[labels[1:-1, 1:-1]]
    _grow(ranked, walls)
    return ranked


def _grow(ranked: NDArray[np.int64], walls: Mask) -> None:
    """Let regions meet in the middle of lines; what is solid ink stays unclaimed inside."""
    if walls.all():
        return
    distance, nearest = cv2.distanceTransformWithLabels(
        walls.view(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_3, labelType=cv2.DIST_LABEL_PIXEL
    )
    free = np.flatnonzero(~walls)
    owner = np.full(len(free) + 1, -1, np.int64)  # each free pixel has a label of its own
    owner[nearest.ravel()[free]] = ranked.ravel()[free]
    near = np.flatnonzero(walls & (distance <= HALF_A_LINE))
    ranked.reshape(-1)[near] = owner[nearest.ravel()[near]]
