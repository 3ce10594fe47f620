"""Lids and gaze, painted into the portrait before it is warped: nothing folds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from ...base import Pixels
from ...perception.contours import (
    LEFT_LOWER_LID,
    LEFT_UPPER_LID,
    RIGHT_LOWER_LID,
    RIGHT_UPPER_LID,
)
from ..expression import SIZE

Floats = NDArray[np.floating[Any]]
Bytes = NDArray[np.uint8]

_LASHES, _UNDER = 0.13, 0.05  # of an eye's width: how far lashes reach beyond the opening
_REACH = (0.11, 0.05)  # of an eye's width: how far a full gaze shifts the iris, across and down
_LOOKS = 0.2  # of a gaze, from where on nothing of the portrait's ball is seen
_IRIS = 0.235  # of an eye's width: its radius
_MEETS = 0.94  # of the way down, where lids meet
_LEAST_PX = 9  # of an eye: a smaller one is a line that nobody sees blink
_STILL = 1e-3

EYES = (
    (RIGHT_UPPER_LID, RIGHT_LOWER_LID),
    (LEFT_UPPER_LID, LEFT_LOWER_LID),
)


@dataclass(frozen=True, eq=False)
class Eye:
    """One eye, in a box of the frame."""

    left: int
    top: int
    pixels: Pixels  # (h, w, 3), of the portrait
    upper: Floats  # (w,), px in the box: the lid's edge
    lower: Floats
    fade: Floats  # (w,), 0..1: none at the corners
    opening: Floats  # (h, w, 1), 0..1: what is seen of the ball
    lid: Floats  # (h, w), 0..1: where the lid comes down
    closed: Floats  # (h, w, 3), its skin
    white: Floats  # (h, w, 3), the ball without its iris
    iris: Floats  # (h, w, 4), with its share, 0..1
    lash: Floats  # (3,), the colour of the lid's edge

    @property
    def wide(self) -> float:
        """The eye's width, px."""
        return float((self.fade > 0).sum())

    def drawn(self, blink: float, gaze: tuple[float, float]) -> Pixels:
        """Return its box with the lid so far down, 0..1, and the iris so far aside."""
        made = self.pixels.astype(np.float32)
        aside = max(abs(each) for each in gaze)
        if aside > _STILL:
            # By and by, as the two are not quite the portrait: nothing of its iris stays behind.
            share = self.opening * min(1.0, aside / _LOOKS)
            made += (self._looking(gaze) - made) * share
        if blink > _STILL:
            made = self._shut(made, min(blink, 1.0))
        return np.asarray(np.clip(made + 0.5, 0, 255), np.uint8)

    def _looking(self, gaze: tuple[float, float]) -> Floats:
        x, y = (float(np.clip(g, -1, 1)) * r * self.wide for g, r in zip(gaze, _REACH, strict=True))
        height, width = self.pixels.shape[:2]
        matrix = np.array([[1, 0, x], [0, 1, y]], np.float32)
        iris = cv2.warpAffine(self.iris, matrix, (width, height), borderMode=cv2.BORDER_REPLICATE)
        share = iris[..., 3:]
        return np.asarray(self.white + (iris[..., :3] - self.white) * share, np.float32)

    def _shut(self, ball: Floats, blink: float) -> Floats:
        """Return the lid drawn down over the ball."""
        height = ball.shape[0]
        rows = np.arange(height, dtype=np.float32)[:, None]
        meet = self.upper + (self.lower - self.upper) * _MEETS
        edge = self.upper + (meet - self.upper) * blink
        # Near its own place the lid's edge is the portrait's; skin comes out from under the brow.
        skin = self.lid * np.clip(edge - rows + 0.5, 0, 1) * min(1.0, 4 * blink)
        made = ball + (self.closed - ball) * skin[..., None]
        # Lashes thicken the closing edge, and fade to the corners.
        thick = 0.018 * self.wide + 0.5
        lash = np.exp(-(((rows - edge) / thick) ** 2)) * self.fade * min(1.0, blink * 2) * 0.7
        return np.asarray(made + (self.lash - made) * lash[..., None], np.float32)


def eyes_of(pixels: Pixels, points: Floats) -> list[Eye]:
    """Return both eyes of a portrait, as far as they are large enough to move."""
    return [eye for each in EYES if (eye := _eye(pixels, points, *each)) is not None]


def _eye(
    pixels: Pixels,
    points: Floats,
    upper: tuple[int, ...],
    lower: tuple[int, ...],
) -> Eye | None:
    above, below = (_sorted(points[list(line)]) for line in (upper, lower))
    wide = float(above[-1, 0] - above[0, 0])
    if wide < _LEAST_PX:
        return None
    margin = 0.12 * wide
    left, right = int(above[0, 0] - margin), int(above[-1, 0] + margin) + 1
    top, bottom = int(above[:, 1].min() - 0.5 * wide), int(below[:, 1].max() + 0.25 * wide) + 1
    left, top, right, bottom = max(left, 0), max(top, 0), min(right, SIZE), min(bottom, SIZE)
    columns = np.arange(left, right, dtype=np.float32)
    edges = [_curve(line, columns, wide) - top for line in (above, below)]
    lid, rim = edges[0], np.maximum(edges[1], edges[0])
    across = np.minimum(columns - above[0, 0], above[-1, 0] - columns) / (0.16 * wide)
    fade = np.clip(across, 0, 1).astype(np.float32)
    box = np.ascontiguousarray(pixels[top:bottom, left:right])
    opening = _between(lid, rim, box.shape[0]) * (fade > 0)
    white, iris = _ball(box, opening, wide)
    dark = np.percentile(box[opening > 0.3].reshape(-1, 3), 12, axis=0) if opening.any() else 0
    soft = cv2.GaussianBlur(opening, (0, 0), 0.7)[..., None]
    return Eye(
        *(left, top, box, lid, rim, fade, np.asarray(soft, np.float32)),
        *(*_closed(box, lid, rim, fade, wide), white, iris, np.asarray(dark, np.float32)),
    )


def _sorted(line: Floats) -> Floats:
    return line[line[:, 0].argsort()]


def _curve(line: Floats, columns: Floats, wide: float) -> Floats:
    """Return a line's height at each column, its corners rounded."""
    heights = np.interp(columns, line[:, 0], line[:, 1]).astype(np.float32)
    sigma = max(0.8, 0.04 * wide)
    smooth = cv2.GaussianBlur(heights[None], (0, 0), sigma, borderType=cv2.BORDER_REPLICATE)
    return np.asarray(smooth[0], np.float32)


def _between(upper: Floats, lower: Floats, height: int) -> Floats:
    rows = np.arange(height, dtype=np.float32)[:, None]
    inside = np.clip(rows - upper + 0.5, 0, 1) * np.clip(lower - rows + 0.5, 0, 1)
    return np.asarray(inside, np.float32)


def _closed(
    box: Pixels, lid: Floats, rim: Floats, fade: Floats, wide: float
) -> tuple[Floats, Floats]:
    """Return where a shut lid lies, (h, w), and its skin, (h, w, 3): that around eye and lashes."""
    height = box.shape[0]
    ends = np.sqrt(fade)
    zone = _between(lid - _LASHES * wide * ends, rim + _UNDER * wide * ends, height) * (fade > 0)
    hole = cv2.dilate((zone > 0.05).astype(np.uint8), np.ones((3, 3), np.uint8))
    told = cv2.inpaint(box, hole, 4, cv2.INPAINT_TELEA).astype(np.float32)
    smooth = cv2.GaussianBlur(told, (0, 0), max(1.0, 0.07 * wide))
    # The lid is a ball's: a little lighter where it bulges, darker towards its edge.
    rows = np.arange(height, dtype=np.float32)[:, None]
    down = np.clip((rows - lid) / np.maximum(rim - lid, 1.0), 0, 1)
    round_ = 1.02 - 0.12 * down**2
    soft = cv2.GaussianBlur(zone, (0, 0), max(0.8, 0.03 * wide))
    return np.asarray(soft, np.float32), np.asarray(smooth * round_[..., None], np.float32)


def _ball(box: Pixels, opening: Floats, wide: float) -> tuple[Floats, Floats]:
    """Return the ball without its iris, (h, w, 3), and the iris with its share, (h, w, 4)."""
    height, width = opening.shape
    light = box.astype(np.float32).mean(axis=-1)
    seen = opening > 0.6
    if not seen.any():
        return box.astype(np.float32), np.zeros((height, width, 4), np.float32)
    # Where it is darkest within: the disc's share of darkness is the largest at its middle.
    dark = np.clip(np.percentile(light[seen], 75) - light, 0, None) * opening
    radius = _IRIS * wide
    around = cv2.GaussianBlur(dark, (0, 0), radius * 0.6)
    y, x = np.unravel_index(int((around * seen).argmax()), around.shape)
    rows, columns = np.mgrid[:height, :width].astype(np.float32)
    apart = np.hypot(columns - x, rows - y)
    share = np.clip((radius - apart) / max(1.0, 0.12 * radius) + 0.5, 0, 1)
    disc = share > 0.02
    whites = seen & ~cv2.dilate(disc.astype(np.uint8), np.ones((3, 3), np.uint8)).astype(bool)
    white = _filled(box, whites)
    iris = _filled(box, seen & (apart < radius))
    return white, np.dstack([iris, share]).astype(np.float32)


def _filled(box: Pixels, known: NDArray[np.bool_]) -> Floats:
    """Return a box in which all but what is known is made from it."""
    if known.sum() < 4:
        return box.astype(np.float32)
    told = cv2.inpaint(box, (~known).astype(np.uint8), 3, cv2.INPAINT_TELEA)
    return np.asarray(cv2.GaussianBlur(told, (0, 0), 0.8), np.float32) * (~known)[..., None] + (
        box.astype(np.float32) * known[..., None]
    )
