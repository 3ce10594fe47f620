"""Draws the things of a scene on one page: what is in front hides the lines of what is behind.

Drawings are scaled, their strokes are not: each is drawn from its distance to the nearest line, so
its strokes can be given the width that all the others have.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from math import cos, radians, sin

import cv2
import numpy as np
from numpy.typing import NDArray

from ...base import Pixels
from ..colour import Floats
from ..layout import SIZE
from .arrange import FRONT, GRID
from .pieces import Piece
from .placed import Mask, Placed, Shape, box

PAGE = 512  # px of a composed drawing: enough for what is small on it
FINE = 2 * PAGE  # px that it is drawn at
MARGIN = 14  # px of 256 that stay free, as in single drawings
STROKE = 2.8  # px of 256: the width of every stroke
DRAWN = 0.45  # coverage from which a pixel is a line
CLOSED = 5  # px: smaller gaps of an outline do not open it
SMOOTH = 0.7  # px, of the few grey levels that drawings have

Bytes = NDArray[np.uint8]


@dataclass(frozen=True)
class LineArt:
    """A drawing of black ink, and what its lines enclose."""

    cover: Bytes  # (256, 256)

    @cached_property
    def silhouette(self) -> Mask:
        """Where it hides what is behind it, (256, 256)."""
        drawn = (self.cover > 255 * 0.3).astype(np.uint8)
        walls = cv2.morphologyEx(drawn, cv2.MORPH_CLOSE, np.ones((CLOSED, CLOSED), np.uint8))
        free = np.pad(walls == 0, 1, constant_values=True).astype(np.uint8)
        _, labels = cv2.connectedComponents(free, connectivity=4)
        solid: Mask = labels[1:-1, 1:-1] != labels[0, 0]
        return solid

    @cached_property
    def frame(self) -> tuple[int, int, int, int]:
        """Left, top, width and height of what is drawn, px."""
        left, top, width, height = cv2.boundingRect((self.cover > 80).astype(np.uint8))
        return left, top, max(1, width), max(1, height)

    @cached_property
    def shape(self) -> Shape:
        """Its silhouette in its own box."""
        left, top, width, height = self.frame
        cut = self.silhouette[top : top + height, left : left + width].astype(np.uint8)
        mask = cv2.resize(cut, (GRID, GRID), interpolation=cv2.INTER_NEAREST) > 0
        return Shape(mask, width, height)

    @cached_property
    def stroke(self) -> float:
        """The width of most of its strokes, px."""
        large = cv2.resize(self.cover, (2 * SIZE, 2 * SIZE), interpolation=cv2.INTER_CUBIC)
        inside = cv2.distanceTransform((large > 255 * DRAWN).astype(np.uint8), cv2.DIST_L2, 5)
        ridge = (inside > 0.5) & (inside >= cv2.dilate(inside, np.ones((3, 3), np.uint8)))
        return float(np.median(inside[ridge])) if ridge.any() else STROKE

    def front(self, rim: float) -> Mask:
        """Return what hides the things in it: all that it encloses from a height on downwards."""
        _, top, _, height = self.frame
        free = (self.silhouette & (self.cover < 255 * 0.3)).astype(np.uint8)
        _, labels, stats, _ = cv2.connectedComponentsWithStats(free, connectivity=4)
        low = stats[:, cv2.CC_STAT_TOP] >= top + rim * height - 2
        low[0] = False
        found = cv2.dilate(low[labels].astype(np.uint8), np.ones((7, 7), np.uint8)) > 0
        return found & self.silhouette


def compose(
    group: Sequence[Placed], drawing: Callable[[str], LineArt]
) -> tuple[Pixels, list[Piece]]:
    """Draw what is placed, fitted to a square page: (512, 512, 4), black ink on transparent paper.

    Also returns what lies where, from back to front.
    """
    left, top, right, bottom = box(group)
    room = FINE - 2 * MARGIN * FINE / SIZE
    scale = room / max(right - left, bottom - top)
    corner = (
        (FINE - (right - left) * scale) / 2 - left * scale,
        (FINE - (bottom - top) * scale) / 2 - top * scale,
    )
    ink = np.zeros((FINE, FINE), np.uint8)
    placed = [(one.layer, one, False) for one in group]
    fronts = [(one.layer + FRONT, one, True) for one in group if one.holds]
    pieces = []
    for _, one, front in sorted(placed + fronts, key=lambda piece: piece[0]):
        art = drawing(one.label)
        at = _matrix(one, art, scale, corner)
        solid = art.front(one.rim) if front else art.silhouette
        _lay(ink, art, solid, at)
        pieces.append(Piece(one.thing, at * np.float32(SIZE / FINE), solid, front))
    pixels = np.zeros((PAGE, PAGE, 4), np.uint8)
    pixels[..., 3] = cv2.resize(ink, (PAGE, PAGE), interpolation=cv2.INTER_AREA)
    return pixels, pieces


def _matrix(one: Placed, art: LineArt, scale: float, corner: tuple[float, float]) -> Floats:
    """Return how a drawing's pixels come to lie on the fine page, (2, 3)."""
    left, top, width, height = art.frame
    across = one.width * scale / width
    down = one.height * scale / height
    turn = np.array(
        [
            [cos(radians(one.tilt)), -sin(radians(one.tilt))],
            [sin(radians(one.tilt)), cos(radians(one.tilt))],
        ]
    )
    grow = turn @ np.diag([-across if one.mirrored else across, down])
    centre = np.array([left + width / 2, top + height / 2])
    wanted = np.array(
        [
            corner[0] + (one.left + one.width / 2) * scale,
            corner[1] + (one.top + one.height / 2) * scale,
        ]
    )
    return np.concatenate([grow, (wanted - grow @ centre)[:, None]], 1).astype(np.float32)


def _lay(ink: Bytes, art: LineArt, solid: Mask, at: Floats) -> None:
    """Draw a drawing's lines within its mask, and take away what lies below it."""
    scale = float(np.sqrt(abs(np.linalg.det(at[:, :2]))))
    wider = (STROKE * FINE / SIZE - art.stroke * scale) / 2
    window, at = _window(art, at, max(2.0, wider) + 2)
    rows, columns = window
    size = (columns.stop - columns.start, rows.stop - rows.start)
    cover = cv2.GaussianBlur(art.cover, (0, 0), SMOOTH)
    drawn = cv2.warpAffine(cover, at, size, flags=cv2.INTER_CUBIC) > 255 * DRAWN
    lines = np.clip((wider - _signed(drawn)) * 127 + 128, 0, 255).astype(np.uint8)
    mask = cv2.warpAffine(solid.astype(np.uint8) * 255, at, size, flags=cv2.INTER_LINEAR) > 127
    if wider > 0:  # its strokes grow beyond its silhouette
        grown = 2 * round(wider) + 1
        disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (grown, grown))
        mask = cv2.dilate(mask.astype(np.uint8), disc) > 0
    ink[window][mask] = lines[mask]


def _window(art: LineArt, at: Floats, beyond: float) -> tuple[tuple[slice, slice], Floats]:
    """Return the part of the page that a drawing comes to lie on, and its matrix there."""
    left, top, width, height = art.frame
    corners = np.array(
        [[x, y, 1] for x in (left, left + width) for y in (top, top + height)], np.float32
    )
    reached = corners @ at.T
    low = np.clip(np.floor(reached.min(0) - beyond), 0, FINE).astype(int)
    high = np.clip(np.ceil(reached.max(0) + beyond), 0, FINE).astype(int)
    inner = at.copy()
    inner[:, 2] -= low
    return (slice(low[1], high[1]), slice(low[0], high[0])), inner


def _signed(drawn: Mask) -> Floats:
    """Return how far each pixel is from the edge of lines, px, negative within them."""
    outer, inner = (
        cv2.distanceTransform(mask.astype(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_5)
        for mask in (~drawn, drawn)
    )
    signed: Floats = np.where(drawn, 0.5 - inner, outer - 0.5).astype(np.float32)
    return signed
