"""The inside of a mouth: what is seen between the lips, in the portrait's own light."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from ...base import Pixels
from ...perception.contours import (
    LOWER_LIP,
    LOWER_LIP_INNER,
    UPPER_LIP,
    UPPER_LIP_INNER,
)
from ..expression import SIZE, Mouth
from .motion import Frame
from .teeth import PLATE_HIGH, Teeth

Floats = NDArray[np.floating[Any]]

_LEAST_PX = 0.7  # of a gap: a smaller one is the line that lips make
_PARTED = 0.08  # of a mouth: the gap of lips that do not meet
_SEAM_PX = 3.0  # of a gap: a larger one has no line
_FINE = 4  # bits of a px that outlines are drawn at
_GREY = 4  # levels by which the channels of lips differ at most in a picture without colours
_REDDENS = np.array([0.9, 1.15, 1.2], np.float32)  # flesh all around colours the shadows
_SMOOTH = 41  # points of a lip's edge, of 11
_UPPER_EDGE = 0.055  # of a mouth: how far upper teeth reach below the line of closed lips
_LOWER_EDGE = 0.035  # and lower ones above the lower lip's edge


@dataclass(frozen=True, eq=False)
class Inside:
    """What is behind the lips of a portrait."""

    pixels: Pixels  # (SIZE, SIZE, 3): its own teeth are taken from them
    face: Frame
    rest: Floats  # (11, 2), px: the line of the closed lips
    teeth: Teeth
    flesh: Floats  # (3,), of lips
    parted: bool  # its lips do not meet
    grey: bool  # the portrait has no colours
    smooth: Floats  # (_SMOOTH, 11): from an edge's points to its curve

    @classmethod
    def of(cls, pixels: Pixels, face: Frame, teeth: Teeth) -> Inside:
        """Return that of a portrait."""
        points = face.points.astype(np.float32)
        upper, lower = points[list(UPPER_LIP_INNER)], points[list(LOWER_LIP_INNER)]
        rest = (0.45 * upper + 0.55 * lower).astype(np.float32)
        return cls(
            pixels,
            face,
            rest,
            teeth,
            _lips(pixels, points),
            float(np.linalg.norm(lower[5] - upper[5])) > _PARTED * face.mouth,
            bool(np.ptp(_lips(pixels, points)) < _GREY),
            _curves(),
        )

    def draw(
        self,
        frame: Pixels,
        upper: Floats,
        lower: Floats,
        mouth: Mouth,
        head: Floats,
        much: float = 1.0,
    ) -> None:
        """Draw it into a frame, (SIZE, SIZE, 4), between the lips' edges, (11, 2) each.

        ``head`` is how far the skull has moved there, px, ``much`` how much of it is drawn, 0..1:
        lips that are where they were show what they did.
        """
        above, below = self.smooth @ upper, self.smooth @ lower
        below += np.maximum((above - below) @ self._down, 0)[:, None] * self._down
        apart = float(((below - above) @ self._down).max())
        if much > 0 and self.parted:
            self._seam(frame, (above + below) / 2, much * max(0.0, 1 - apart / _SEAM_PX))
        if much <= 0 or apart < _LEAST_PX:
            return
        rim = np.concatenate([above, below[::-1]])
        low = np.maximum(np.floor(rim.min(axis=0)).astype(int) - 4, 0)
        high = np.minimum(np.ceil(rim.max(axis=0)).astype(int) + 5, SIZE)
        if (high - low).min() < 3:
            return
        view = _View.at(self, low, high, above, below, mouth, head)
        gap = np.zeros((int(high[1] - low[1]), int(high[0] - low[0])), np.uint8)
        cv2.fillPoly(gap, [_fine(rim, low)], 255, cv2.LINE_AA, _FINE)
        share = cv2.GaussianBlur(gap, (0, 0), 0.7).astype(np.float32)[..., None] * (much / 255)
        part = frame[low[1] : high[1], low[0] : high[0], :3]
        colours = self._colours(view, gap)
        part[:] = np.clip(part + (colours - part) * share + 0.5, 0, 255).astype(np.uint8)

    def _seam(self, frame: Pixels, line: Floats, much: float) -> None:
        """Draw the line where lips meet that did not in the portrait, from corner to corner."""
        if much <= 0:
            return
        low = np.maximum(np.floor(line.min(axis=0)).astype(int) - 4, 0)
        high = np.minimum(np.ceil(line.max(axis=0)).astype(int) + 5, SIZE)
        if (high - low).min() < 3:
            return
        drawn = np.zeros((int(high[1] - low[1]), int(high[0] - low[0])), np.uint8)
        thick = max(1, round(0.02 * self.face.mouth))
        cv2.polylines(drawn, [_fine(line, low)], False, 255, thick, cv2.LINE_AA, _FINE)
        share = cv2.GaussianBlur(drawn, (0, 0), 0.8).astype(np.float32)[..., None] / 255
        part = frame[low[1] : high[1], low[0] : high[0], :3]
        dark = self.flesh * np.float32(0.5)
        part[:] = np.clip(part + (dark - part) * share * (0.8 * much), 0, 255).astype(np.uint8)

    @property
    def _down(self) -> Floats:
        return self.face.down.astype(np.float32)

    def _colours(self, view: _View, gap: NDArray[np.uint8]) -> Floats:
        """Return what is seen, (h, w, 3): from the throat to the shadow of the lips."""
        front = np.clip(1 - np.abs(view.aside) ** 2, 0, 1)
        throat = self.flesh * np.float32(0.26)
        deep = (0.45 + 0.55 * front)[..., None]
        made = np.asarray(throat * deep, np.float32)
        self._lower_teeth(made, view)
        self._tongue(made, view, front)
        self._upper_teeth(made, view)
        # Lips throw a shadow on what is behind them, the upper one further.
        under = np.clip((view.down - view.top) / (0.10 * self.face.mouth), 0, 1)
        far = cv2.distanceTransform(np.asarray(gap > 127, np.uint8), cv2.DIST_L2, 3)
        near = np.clip(far / (0.06 * self.face.mouth), 0, 1)
        shade = (0.76 + 0.24 * under) * (0.80 + 0.20 * near)
        made = made * shade[..., None] ** _REDDENS
        return np.asarray(made.mean(axis=-1, keepdims=True) if self.grey else made, np.float32)

    def _tongue(self, made: Floats, view: _View, front: Floats) -> None:
        unit, opened = self.face.mouth, float(np.clip(view.mouth[0] * 1.6, 0.25, 1))
        up = float(view.mouth[4])
        height = (0.07 + 0.20 * up) * unit * opened
        surface = view.bottom - height + 0.10 * unit * view.aside**2
        soft = (0.05 - 0.02 * up) * unit
        cover = np.clip((view.down - surface) / soft + 0.5, 0, 1)
        cover *= np.clip((0.86 - np.abs(view.aside)) / 0.22, 0, 1)
        colour = self.flesh * np.array([0.92, 0.80, 0.82], np.float32)
        round_ = np.clip((view.down - surface) / (0.16 * unit), 0, 1)
        light = (0.60 + 0.16 * up) * (0.86 + 0.20 * (1 - round_)) * (0.75 + 0.25 * front)
        _over(made, colour * light[..., None], cover * (0.72 + 0.25 * up))

    def _lower_teeth(self, made: Floats, view: _View) -> None:
        unit, opened = self.face.mouth, float(view.mouth[0])
        spread = float(np.clip(0.5 + view.mouth[1], 0, 1)) * float(1 - view.mouth[2])
        high = _LOWER_EDGE * unit * (0.35 + spread)
        top = view.bottom - high + 0.06 * unit * view.aside**2
        cover = np.clip((view.down - top) / 1.6 + 0.5, 0, 1)
        cover *= np.clip((0.58 - np.abs(view.aside)) / 0.2, 0, 1)
        number = np.abs(view.aside) / 0.13
        seam = 1 - 0.10 * np.exp(-(((number - np.round(number)) / 0.16) ** 2))
        light = seam * (0.66 - 0.35 * np.abs(view.aside)) * (0.9 - 0.25 * opened)
        _over(
            made, self.teeth.enamel * light[..., None], cover * (0.85 - 0.6 * float(view.mouth[4]))
        )

    def _upper_teeth(self, made: Floats, view: _View) -> None:
        hidden = (1 - 0.45 * float(np.clip(view.mouth[2], 0, 1))) ** _REDDENS  # behind pushed lips
        if self.teeth.own is not None:
            maps = view.columns - view.head[0], view.rows - view.head[1]
            own = cv2.remap(self.pixels, *maps, cv2.INTER_LINEAR).astype(np.float32)
            cover = cv2.remap(self.teeth.own, *maps, cv2.INTER_LINEAR)
            _over(made, own * hidden, np.asarray(cover, np.float32))
            return
        unit = self.face.mouth
        edge = view.resting + _UPPER_EDGE * unit
        row = (view.down - edge) / (PLATE_HIGH * unit) + 0.80
        plate = self.teeth.plate
        across = ((view.aside * 0.94 + 1) / 2 * (plate.shape[1] - 1)).astype(np.float32)
        at = (np.clip(row, 0, 1) * (plate.shape[0] - 1)).astype(np.float32)
        drawn = cv2.remap(plate, across, at, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
        cover = drawn[..., 3] / 255 * np.clip((0.97 - np.abs(view.aside)) / 0.2, 0, 1)
        _over(made, drawn[..., :3] * hidden, np.asarray(cover, np.float32))


@dataclass(frozen=True, eq=False)
class _View:
    """The box of a frame that a mouth is in, and its directions."""

    columns: Floats  # (h, w), px of the frame
    rows: Floats
    aside: Floats  # (h, w), -1..1 over the mouth at rest
    down: Floats  # (h, w), px from the mouth's middle
    top: Floats  # of the lips' edges below the middle, px, at each place: (h, w)
    bottom: float
    resting: Floats  # (h, w), px: the line of the closed lips, as the skull has moved
    mouth: Mouth
    head: Floats  # (2,), px

    @classmethod
    def at(
        cls,
        inside: Inside,
        low: NDArray[np.int_],
        high: NDArray[np.int_],
        above: Floats,
        below: Floats,
        mouth: Mouth,
        head: Floats,
    ) -> _View:
        face = inside.face
        axes = np.stack([face.across, face.down]).astype(np.float32)
        middle = inside.rest.mean(axis=0) + head
        rows, columns = np.mgrid[low[1] : high[1], low[0] : high[0]].astype(np.float32)
        x, y = columns - middle[0], rows - middle[1]
        aside = (x * axes[0, 0] + y * axes[0, 1]) / np.float32(0.5 * face.mouth)
        down = x * axes[1, 0] + y * axes[1, 1]
        edge = (above - middle) @ axes.T
        rest = (inside.rest + head - middle) @ axes.T
        places = aside * np.float32(0.5 * face.mouth)
        top, resting = (_line(places, line) for line in (edge, rest))
        bottom = float(((below - middle) @ axes[1]).max())
        return cls(columns, rows, aside, down, top, bottom, resting, mouth, head)


def _line(places: Floats, line: Floats) -> Floats:
    order = line[:, 0].argsort()
    return np.asarray(np.interp(places, line[order, 0], line[order, 1]), np.float32)


def _over(under: Floats, colours: Floats, share: Floats) -> None:
    under += (colours - under) * share[..., None]


def _fine(points: Floats, low: NDArray[np.int_]) -> NDArray[np.int32]:
    return np.round((points - low) * (1 << _FINE)).astype(np.int32)


def _lips(pixels: Pixels, points: Floats) -> Floats:
    """Return the colour of lips, (3,)."""
    seen = np.zeros((SIZE, SIZE), np.uint8)
    for outer, inner in ((UPPER_LIP, UPPER_LIP_INNER), (LOWER_LIP, LOWER_LIP_INNER)):
        rim = np.concatenate([points[list(outer)], points[list(inner)][::-1]])
        cv2.fillPoly(seen, [np.round(rim).astype(np.int32)], 255)
    found = pixels[seen > 0].reshape(-1, 3)
    return np.asarray(np.median(found, axis=0) if len(found) else (150, 90, 90), np.float32)


def _curves() -> Floats:
    """Return the matrix that lays a cubic (Catmull-Rom) through 11 points, (_SMOOTH, 11)."""
    made = np.zeros((_SMOOTH, 11), np.float32)
    for row, at in enumerate(np.linspace(0, 10, _SMOOTH)):
        first = min(int(at), 9)
        t = at - first
        weights = (
            0.5 * (-t + 2 * t**2 - t**3),
            0.5 * (2 - 5 * t**2 + 3 * t**3),
            0.5 * (t + 4 * t**2 - 3 * t**3),
            0.5 * (-(t**2) + t**3),
        )
        for offset, weight in zip((-1, 0, 1, 2), weights, strict=True):
            made[row, min(max(first + offset, 0), 10)] += weight
    return made
