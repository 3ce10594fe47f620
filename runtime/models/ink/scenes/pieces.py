"""The things of a scene, painted apart and laid together.

The networks have one palette a picture and do not know which of two things a word is about. So each
thing is painted as if it were alone, in its own words' palette, and laid where the scene has it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from ..colour import Floats
from ..layout import SIZE, SIZES

BELOW = 5  # px of a drawing: what is behind reaches below the outline of what is in front
ENOUGH = 1.15  # how much coarser a thing may be painted than it is laid


@dataclass(frozen=True, slots=True)
class Piece:
    """A thing, one of several alike, or its front: where it is on the page, and what it hides."""

    thing: int
    at: Floats  # (2, 3), from the pixels of its drawing to those of the page, at 256
    solid: NDArray[np.bool_]  # (256, 256), in its drawing: where nothing shows through
    front: bool = False  # of a container, before what is in it: nothing else of it is laid

    @property
    def scale(self) -> float:
        """How much smaller it is on the page."""
        return float(np.sqrt(abs(np.linalg.det(self.at[:, :2]))))


def side_for(pieces: Sequence[Piece], size: int) -> int:
    """Return the size at which to paint a thing for a page of a size."""
    needed = max(piece.scale for piece in pieces) * size / ENOUGH
    return next((side for side in SIZES if side >= needed), SIZES[-1])


def laid(pictures: Sequence[Floats], pieces: Sequence[Piece], size: int) -> Floats:
    """Return a page (4, S, S) of the pictures of things, from back to front.

    A picture is (4, s, s), straight, and as large as it was painted.
    """
    page = np.zeros((size, size, 4), np.float32)
    for piece in pieces:
        picture = np.asarray(cv2.merge(list(pictures[piece.thing])), np.float32)
        picture[..., :3] *= picture[..., 3:]
        own = _warped(picture, piece, size)
        solid = piece.solid.astype(np.uint8)
        if piece.front:
            own *= _warped(solid.astype(np.float32), piece, size)[..., None]
        below = cv2.erode(solid, np.ones((BELOW, BELOW), np.uint8))
        hidden = _warped(below.astype(np.float32), piece, size)
        page *= 1 - np.maximum(hidden, own[..., 3])[..., None]
        page += own
    page[..., :3] /= np.maximum(page[..., 3:], 1e-3)
    return np.ascontiguousarray(np.clip(page, 0, 1, out=page).transpose(2, 0, 1))


def _warped(picture: Floats, piece: Piece, size: int) -> Floats:
    """Return something of a drawing on the page; smaller than it is, it is averaged first."""
    side, grown = len(picture), size / SIZE
    shrunk = piece.scale * size / side
    if shrunk < 0.75:
        smaller = max(1, round(side * shrunk))
        picture = np.asarray(cv2.resize(picture, (smaller, smaller), interpolation=cv2.INTER_AREA))
    unit = SIZE / len(picture)
    at = piece.at.astype(np.float64).copy()
    at[:, 2] += at[:, :2] @ (unit / 2 - 0.5, unit / 2 - 0.5)  # pixels' centres, not corners
    at[:, :2] *= unit
    at *= grown
    at[:, 2] += grown / 2 - 0.5
    return np.asarray(cv2.warpAffine(picture, at, (size, size), flags=cv2.INTER_LINEAR), np.float32)
