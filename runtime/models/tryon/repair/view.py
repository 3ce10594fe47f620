"""What the repair net sees of a picture: a square around the old clothes, in the skin's tone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from ..arrays import Floats, Pixels, enlarged
from .skin import relative

SIDE = 256  # px of a view
COARSE = SIDE // 2  # px at which geometry and the surroundings' colours are made
MARGIN = 0.14  # what is seen around the hidden part, of its longer side
CHANNELS = 12
# Radii of a bare arm at shoulder, elbow, wrist and of a hand, in widths of the shoulders.
RADII = (0.15, 0.115, 0.085, 0.10)
HAND = 0.35  # length of a hand, of the forearm's
REACH = 2.5  # radii beyond which an arm's distance says nothing more


@dataclass(frozen=True)
class Frame:
    """A square of a picture, px: its upper left corner, which may lie outside, and its side."""

    x: int
    y: int
    side: int

    @staticmethod
    def around(hidden: Floats) -> Frame:
        """Return the square around what is hidden (H, W), with its surroundings."""
        rows = np.flatnonzero(hidden.max(1) > 0.3)
        columns = np.flatnonzero(hidden.max(0) > 0.3)
        if not len(rows):
            return Frame(0, 0, max(hidden.shape))
        (y0, y1), (x0, x1) = (rows[0], rows[-1] + 1), (columns[0], columns[-1] + 1)
        side = int(max(y1 - y0, x1 - x0) * (1 + 2 * MARGIN)) + 1
        return Frame((int(x0 + x1) - side) // 2, (int(y0 + y1) - side) // 2, side)

    def cut(self, picture: NDArray[Any], size: int = SIDE) -> NDArray[Any]:
        """Return the square of a picture (H, W, …) at `size` px; beyond its edge, the edge."""
        height, width = picture.shape[:2]
        x0, y0 = max(self.x, 0), max(self.y, 0)
        x1, y1 = min(self.x + self.side, width), min(self.y + self.side, height)
        inner = picture[y0:y1, x0:x1]
        pads = y0 - self.y, self.y + self.side - y1, x0 - self.x, self.x + self.side - x1
        if any(pads):
            inner = cv2.copyMakeBorder(inner, *pads, cv2.BORDER_REPLICATE)
        shrinks = self.side > size
        return cv2.resize(
            inner, (size, size), interpolation=cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR
        )

    def points(self, points: Floats, size: int = SIDE) -> Floats:
        """Return points (…, 2) of the picture as points of the square at `size` px."""
        corner = np.array([self.x, self.y], np.float32)
        return ((points - corner) * np.float32(size / self.side)).astype(np.float32)

    def region(self, shape: tuple[int, ...]) -> tuple[slice, slice]:
        """Return the part of a picture of that shape that the square covers."""
        height, width = shape[:2]
        rows = slice(max(self.y, 0), min(self.y + self.side, height))
        return rows, slice(max(self.x, 0), min(self.x + self.side, width))

    def back(self, view: Floats, shape: tuple[int, ...]) -> Floats:
        """Return a view (size, size, …) at the picture's size, as much as lies in `region`."""
        rows, columns = self.region(shape)
        whole = cv2.resize(view, (self.side, self.side), interpolation=cv2.INTER_LINEAR)
        inner = whole[
            rows.start - self.y : rows.stop - self.y, columns.start - self.x : columns.stop - self.x
        ]
        return inner.astype(np.float32)


@dataclass(frozen=True, eq=False)
class View:
    """What the net sees, (12, 256, 256), and what its answers are relative to.

    Channels: 0-2 the surroundings in the person's own tone (`relative`), filled where hidden;
    3 hidden; 4 seen skin; 5, 6 offset from the nearest arm's line in its radii, x and y;
    7 its length; 8 how far along that arm (0 shoulder, 1 wrist); 9 whether it lies within an arm's
    reach; 10 lightness of the old clothes against their mean, blurred: what is known of the light;
    11 how much of the surroundings is nearby.
    """

    inputs: Floats
    ground: Floats  # (256, 256, 3) relative: the surroundings, filled where hidden
    hidden: Floats  # (256, 256) 0..1


def view(
    image: Pixels,
    hidden: Floats,
    person: Floats,
    skin: Floats,
    tone: Floats,
    arms: Floats,
    width: float,
    frame: Frame,
) -> View:
    """Return what the net sees of a picture (H, W, 3).

    `hidden` (H, W): the old clothes. `person` (H, W): all that is not background. `skin` (H, W):
    seen skin and face. `tone` (3,): the seen skin's sRGB 0..255. `arms` (2, 3, 2): shoulders,
    elbows, wrists in px. `width` px: from shoulder to shoulder.
    """
    colour = np.asarray(frame.cut(image), np.float32)
    stack = np.asarray(frame.cut(np.dstack([hidden, person, skin])), np.float32)
    veil, body, bare = stack[..., 0], stack[..., 1], stack[..., 2] * (1 - stack[..., 0])
    known = np.clip(1 - cv2.dilate(np.maximum(veil, body), np.ones((5, 5), np.uint8)) * 2, 0, 1)
    logs = relative(colour, tone)
    filled, near = fill(_half(logs), _half(np.asarray(known, np.float32)))
    around = cv2.resize(filled, (SIDE, SIDE), interpolation=cv2.INTER_LINEAR)
    ground = logs + (around - logs) * veil[..., None]
    lines = along_arms(frame.points(arms, COARSE), width * COARSE / frame.side)
    lit = _light(_half(logs).mean(-1), _half(veil))
    coarse = np.dstack([lines, lit, near])
    fine = cv2.resize(coarse, (SIDE, SIDE), interpolation=cv2.INTER_LINEAR)
    inputs = np.stack([*cv2.split(ground * np.float32(0.7)), veil, bare, *cv2.split(fine)])
    return View(np.asarray(inputs, np.float32), ground, veil)


def _half(picture: Floats) -> Floats:
    return np.asarray(
        cv2.resize(picture, (COARSE, COARSE), interpolation=cv2.INTER_AREA), np.float32
    )


def fill(picture: Floats, known: Floats) -> tuple[Floats, Floats]:
    """Fill what is unknown of a picture (h, w, 3) by its surroundings: push-pull.

    Also returns how much of them was near, (h, w) 0..1. Gortler et al., The Lumigraph, 1996.
    """
    height, width = known.shape
    if min(height, width) <= 2:
        total = max(float(known.sum()), 1e-6)
        mean = (picture * known[..., None]).sum((0, 1)) / total
        return np.broadcast_to(mean, picture.shape).astype(np.float32), known
    size = (width + 1) // 2, (height + 1) // 2
    weighted = np.dstack([picture * known[..., None], known])
    half = np.asarray(cv2.resize(weighted, size, interpolation=cv2.INTER_AREA), np.float32)
    weight = half[..., 3]
    mean = half[..., :3] / np.maximum(weight, 1e-4)[..., None]
    below, near = fill(mean, np.asarray(np.clip(weight * 2, 0, 1), np.float32))
    coarse = enlarged(np.dstack([below, near * np.float32(0.8)]), width, height)
    share = known[..., None]
    filled = picture * share + coarse[..., :3] * (1 - share)
    return filled.astype(np.float32), np.maximum(known, coarse[..., 3])


def along_arms(arms: Floats, width: float) -> Floats:
    """Return where pixels lie from the nearest of two arms: (128, 128, 5), channels 5-9 of a view.

    `arms` (2, 3, 2) and `width` in px of that size.
    """
    ys, xs = np.mgrid[:COARSE, :COARSE].astype(np.float32) + 0.5
    best = np.full((COARSE, COARSE), np.inf, np.float32)
    result = np.zeros((COARSE, COARSE, 5), np.float32)
    for shoulder, elbow, wrist in arms:
        tip = wrist + (wrist - elbow) * np.float32(HAND)
        bones = ((shoulder, elbow), (elbow, wrist), (wrist, tip))
        for index, (start, end) in enumerate(bones):
            bone = end - start
            ahead = (xs - start[0]) * bone[0] + (ys - start[1]) * bone[1]
            share = np.clip(ahead / max(float(bone @ bone), 1e-3), 0, 1)
            radius = (RADII[index] * (1 - share) + RADII[index + 1] * share) * max(width, 1.0)
            dx = (xs - start[0] - share * bone[0]) / radius
            dy = (ys - start[1] - share * bone[1]) / radius
            far = np.hypot(dx, dy)
            nearer = far < best
            best[nearer] = far[nearer]
            reach = np.minimum(1, REACH / np.maximum(far, 1e-3))
            values = np.dstack(
                [dx * reach, dy * reach, far * reach, (index + share) / 2, far < REACH]
            )
            result[nearer] = values[nearer]
    return result


def _light(lightness: Floats, veil: Floats) -> Floats:
    """Return the old clothes' blurred lightness (128, 128) against their mean, 0 elsewhere."""
    inside = (veil > 0.6).astype(np.float32)
    inside = np.asarray(cv2.erode(inside, np.ones((3, 3), np.uint8)), np.float32)
    total = float(inside.sum())
    if total < 20:
        return np.zeros_like(veil)
    level = float((lightness * inside).sum()) / total
    spread = COARSE * 0.02
    weight = cv2.GaussianBlur(inside, (0, 0), spread)
    blurred = cv2.GaussianBlur((lightness - level) * inside, (0, 0), spread)
    return np.clip(blurred / np.maximum(weight, 0.05), -1, 1).astype(np.float32)
