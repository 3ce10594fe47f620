"""A garment's outline: one closed line, its notches, and the arcs between named places on it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import cv2
import numpy as np
from numpy.typing import NDArray

from ..cutting.morphology import blurred
from ..garment import Floats, Mask

Ints = NDArray[np.int64]
SIDES = {"l": -1.0, "r": 1.0}  # of the picture, and where it lies from the middle

_EVEN = 0.004  # of the longest side, that the outline is smoothed over
_ARM = 0.045  # of the height, along the outline, that a notch is measured over


@dataclass(frozen=True)
class Outline:
    """The outer line (n, 2) px of a mask, clockwise as seen, a point about every px."""

    line: Floats
    mask: Mask

    @cached_property
    def box(self) -> tuple[float, float, float, float]:
        """Left, top, right and bottom, px."""
        (left, top), (right, bottom) = self.line.min(0), self.line.max(0)
        return float(left), float(top), float(right), float(bottom)

    @property
    def width(self) -> float:
        """Its extent to the right, px."""
        return max(1.0, self.box[2] - self.box[0])

    @property
    def height(self) -> float:
        """Its extent downwards, px."""
        return max(1.0, self.box[3] - self.box[1])

    @property
    def top(self) -> float:
        """Its highest place, px from the picture's top."""
        return self.box[1]

    @cached_property
    def middle(self) -> float:
        """The column that it hangs about: of the torso, or of the seat of trousers."""
        rows = slice(round(self.top + 0.35 * self.height), round(self.top + 0.65 * self.height) + 1)
        columns = np.nonzero(self.mask[rows])[1]
        return float(np.median(columns)) if columns.size else (self.box[0] + self.box[2]) / 2

    def outward(self, points: Floats, side: str) -> Floats:
        """Return how far points (…, 2) lie from the middle, towards a side, px."""
        return np.asarray((points[..., 0] - self.middle) * SIDES[side], np.float32)

    def nearest(self, point: Floats) -> int:
        """Return the index of the place on the line that is nearest to a point."""
        return int(((self.line - point) ** 2).sum(1).argmin())

    def arc(self, start: int, end: int) -> Floats:
        """Return the line's points from one index clockwise to another, both counted."""
        count = len(self.line)
        return self.line[np.arange(start, start + (end - start) % count + 1) % count]

    def outward_arc(self, side: str, upper: int, lower: int) -> Floats:
        """Return the arc of a side from an upper to a lower place, in this direction."""
        if side == "r":
            return self.arc(upper, lower)
        return np.ascontiguousarray(self.arc(lower, upper)[::-1])

    def row(self, y: float) -> Floats:
        """Return the columns that the garment fills in a row."""
        at = int(np.clip(round(y), 0, self.mask.shape[0] - 1))
        return np.nonzero(self.mask[at])[0].astype(np.float32)

    @cached_property
    def notches(self) -> tuple[Floats, Floats]:
        """For each point: the angle outside (rad, pi where straight or convex), depth in the hull.

        A notch is where the line turns inwards sharply: an armpit, a crotch, a neck.
        """
        arm = max(2, round(_ARM * self.height))
        before = np.roll(self.line, arm, axis=0) - self.line
        after = np.roll(self.line, -arm, axis=0) - self.line
        turn = before[:, 0] * after[:, 1] - before[:, 1] * after[:, 0]
        cosine = (before * after).sum(1)
        cosine /= np.maximum(np.linalg.norm(before, axis=1) * np.linalg.norm(after, axis=1), 1e-6)
        angle = np.where(turn > 0, np.arccos(np.clip(cosine, -1, 1)), np.pi)
        return np.asarray(angle, np.float32), self._depths()

    def _depths(self) -> Floats:
        hull = cv2.convexHull(self.line).reshape(-1, 2)
        nearest = np.full(len(self.line), np.inf, np.float32)
        for start, end in zip(hull, np.roll(hull, -1, axis=0), strict=True):
            along = end - start
            length = max(float(np.hypot(*along)), 1e-6)
            apart = self.line - start
            off = np.abs(apart[:, 0] * along[1] - apart[:, 1] * along[0]) / length
            nearest = np.minimum(nearest, off)
        return nearest


def outline_of(mask: Mask) -> Outline:
    """Return the outline of the largest part of a mask that holds a part."""
    even = blurred(mask.astype(np.float32), max(0.8, _EVEN * max(mask.shape))) > 0.5
    solid = even if even.any() else mask
    found, _ = cv2.findContours(solid.astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    line = max(found, key=cv2.contourArea).reshape(-1, 2).astype(np.float32)
    x, y = line[:, 0], line[:, 1]
    turned = float((x * np.roll(y, -1) - np.roll(x, -1) * y).sum())
    if turned < 0:  # rows go down, so that clockwise as seen is positive
        line = np.ascontiguousarray(line[::-1])
    start = int((line[:, 1] * 4 + np.abs(line[:, 0] - line[:, 0].mean())).argmin())
    return Outline(np.roll(line, -start, axis=0), solid)
