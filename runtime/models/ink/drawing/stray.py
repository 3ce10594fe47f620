"""What lies outside of a drawing though its hull holds it: between whiskers, beside a tail.

What encloses nothing is a line, not a region. A ball is rolled in from the border: gaps of a
hurried hand are too narrow for it, the space between whiskers is not. Pockets that it cannot
enter, but that open widely to where it comes, are outside too. A rule, nothing is trained.
"""

from __future__ import annotations

from collections.abc import Iterator

import cv2
import numpy as np

from ..colour import Floats
from .regions import Mask

SIDE = 128  # px of the maps
BALL = 4.0  # px, radius of the ball: gaps of up to twice as much are closed
OPENING = 0.3  # share of a pocket's rim that is open, from which it is outside
SPECK = 8  # px, pockets that do not count
OPEN = 1.5  # size, against what is enclosed, from which a piece is an open body and stays
SHUT = 0.95  # share of a piece's rim that is line, from which it is a part whose gap is small
PIECE = 30  # px, smaller pieces are not looked at
CONTOUR = 5.0  # px from what is enclosed within which a line is painted as its contour
KNOWN = 0.25  # share of a painted picture that lines must enclose, or else they tell nothing


def outside(walls: Mask) -> Mask:
    """Return what the lines that `regions.inked` found do not enclose: (128, 128)."""
    border = int(BALL) + 2
    free = np.pad(~walls, border, constant_values=True)
    centres = _joined(_distance(free) > BALL)  # where the ball's centre comes from the border
    reached = (_distance(~centres) <= BALL) & free
    tight = _joined(free)  # where a point would come
    found = reached & tight
    _add_open_pockets(found, tight & ~found)
    inner = slice(border, -border)
    return found[inner, inner]


def without_stray(alpha: Floats, walls: Mask, out: Mask) -> Floats:
    """Return which share of a painted coverage, both (S, S), stays: pieces outside the lines go.

    `walls` and `out` are what `regions.inked` and `outside` found. What is much of the picture
    stays: an open drawing's body is no stray piece of it.
    """
    painted = np.asarray(cv2.resize(alpha, (SIDE, SIDE), interpolation=cv2.INTER_AREA)) > 0.5
    body = ~out & ~walls
    if not out.any() or body.sum() < KNOWN * (painted & ~walls).sum():
        return np.ones_like(alpha)
    gone = out & ~_belonging(out & painted, walls, OPEN * float(body.sum()))
    gone |= walls & (_distance(walls | gone) > CONTOUR)
    enlarged = cv2.resize((~gone).astype(np.float32), alpha.shape, interpolation=cv2.INTER_LINEAR)
    return np.asarray(enlarged, np.float32)


def _belonging(painted: Mask, walls: Mask, open_body: float) -> Mask:
    """Return the pieces of what is painted outside that belong to the drawing all the same."""
    kept = np.zeros_like(painted)
    for piece, window in _pieces(painted):
        if piece.sum() >= PIECE:
            rim = _rim(piece)
            if piece.sum() > open_body or (rim & walls[window]).sum() > SHUT * rim.sum():
                kept[window] |= piece
    return kept


def _add_open_pockets(found: Mask, pockets: Mask) -> None:
    for pocket, window in _pieces(pockets):
        rim = _rim(pocket)
        if pocket.sum() < SPECK or (rim & found[window]).sum() > OPENING * rim.sum():
            found[window] |= pocket


def _pieces(mask: Mask) -> Iterator[tuple[Mask, tuple[slice, slice]]]:
    """Yield the connected pieces of a mask, each cut out with two px around it."""
    count, labels, stats, _ = cv2.connectedComponentsWithStats(mask.view(np.uint8), connectivity=4)
    for index in range(1, count):
        left, top, width, height, _ = stats[index]
        rows = slice(max(top - 2, 0), top + height + 2)
        window = (rows, slice(max(left - 2, 0), left + width + 2))
        yield labels[window] == index, window


def _rim(piece: Mask) -> Mask:
    grown: Mask = cv2.dilate(piece.view(np.uint8), np.ones((3, 3), np.uint8)) > 0
    return grown & ~piece


def _distance(mask: Mask) -> Floats:
    """Return the distance of each pixel to the nearest one where a mask is false, px."""
    return np.asarray(
        cv2.distanceTransform(mask.view(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_5), np.float32
    )


def _joined(mask: Mask) -> Mask:
    """Return what of a mask is joined to its first pixel, a corner of the paper."""
    _, labels = cv2.connectedComponents(mask.view(np.uint8), connectivity=4)
    joined: Mask = labels == labels[0, 0]
    return joined
