"""A pen: smooth shapes and inked lines in a patch of a picture, at parts of a pixel."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from ...base import Pixels

SCALE = 2  # px of the drawn picture along one of a frame: lines stay as sharp wherever they move to
_BITS = 4  # of a pixel's fraction, in OpenCV's fixed point
_THINNEST = 0.2  # px of a frame: what is thinner is not drawn

Line = NDArray[np.float64]  # (n, 2): x, y in px of a frame
Colour = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Box:
    """A patch of the drawn picture, in px of a frame."""

    left: int
    top: int
    right: int
    bottom: int

    @property
    def drawn(self) -> tuple[slice, slice]:
        """Return where it lies in the drawn picture: rows and columns."""
        return (
            slice(self.top * SCALE, self.bottom * SCALE),
            slice(self.left * SCALE, self.right * SCALE),
        )


class Pen:
    """Draws into the pixels of a box, uint8 (rows, columns, 3), in place."""

    def __init__(self, pixels: Pixels, box: Box) -> None:
        self.pixels = pixels
        self._corner = np.array([box.left, box.top], np.float64)

    def fill(self, outline: Line, colour: Colour) -> None:
        """Fill a closed outline."""
        cv2.fillPoly(self.pixels, [self._fixed(outline)], colour, cv2.LINE_AA, _BITS)

    def stroke(self, line: Line, width: float | NDArray[np.float64], colour: Colour) -> None:
        """Ink an open line; its width in px may differ from point to point."""
        half = np.broadcast_to(np.asarray(width, np.float64) / 2, len(line))
        if half.max() * 2 < _THINNEST:
            return
        along = np.gradient(line, axis=0)
        along /= np.maximum(np.linalg.norm(along, axis=1, keepdims=True), 1e-9)
        across = np.stack([-along[:, 1], along[:, 0]], axis=1) * half[:, None]
        self.fill(np.concatenate([line + across, (line - across)[::-1]]), colour)

    def inside(self, outline: Line, drawing: Pen) -> None:
        """Take what another pen drew of the same box, within a closed outline."""
        fixed = self._fixed(outline)
        left, top = np.maximum((fixed.min(0) >> _BITS) - 2, 0)
        right, bottom = np.maximum((fixed.max(0) >> _BITS) + 3, 0)
        mine = self.pixels[top:bottom, left:right]  # what the outline may touch
        mask = np.zeros(mine.shape[:2], np.uint8)
        if not mask.size:
            return
        moved = fixed - np.array([left, top], np.int32) * (1 << _BITS)
        cv2.fillPoly(mask, [moved.astype(np.int32)], (255,), cv2.LINE_AA, _BITS)
        mix(mine, drawing.pixels[top:bottom, left:right], mask)

    def _fixed(self, points: Line) -> NDArray[np.int32]:
        """Return points as OpenCV counts them: from the middle of a pixel, in fixed point."""
        drawn = (points - self._corner) * SCALE - 0.5
        return np.round(drawn * (1 << _BITS)).astype(np.int32)


def mix(pixels: Pixels, others: Pixels, mask: NDArray[np.uint8]) -> None:
    """Lay other pixels of the same shape over these, as far as a mask (rows, columns) says."""
    part = mask.astype(np.float32) * np.float32(1 / 255)
    pixels[:] = cv2.blendLinear(others, pixels, part, 1 - part)


def inked(count: int, width: float, tips: float = 0.35) -> NDArray[np.float64]:
    """Return the widths of a line as a hand draws it: full in the middle, thin at its tips."""
    along = np.abs(np.linspace(-1, 1, count))
    widths: NDArray[np.float64] = tips + (1 - tips) * np.sqrt(np.maximum(1 - along**4, 0))
    return width * widths


def ellipse(middle: Sequence[float], radii: Sequence[float], points: int = 40) -> Line:
    """Return an ellipse's outline."""
    turn = np.linspace(0, 2 * np.pi, points, endpoint=False)
    return np.stack(
        [middle[0] + radii[0] * np.cos(turn), middle[1] + radii[1] * np.sin(turn)], axis=1
    )


def ramp(value: float, start: float, end: float) -> float:
    """Return 0 before start, 1 after end, and a smooth way between them (either may be larger)."""
    part = min(1.0, max(0.0, (value - start) / (end - start)))
    return part * part * (3 - 2 * part)
