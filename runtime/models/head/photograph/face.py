"""A photograph that shows expressions: warped, with lids, gaze and the inside of its mouth."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from livedraft.protocol.messages import Note

from ...base import Pixels
from ...perception.contours import CHIN, LOWER_LIP_INNER, UPPER_LIP_INNER
from ..expression import SIZE, Expression
from .eyes import eyes_of
from .framing import Portrait
from .inside import Inside
from .layers import Fields, sources, warped
from .lips import corrected
from .motion import Frame, terms
from .teeth import teeth_of

Floats = NDArray[np.floating[Any]]
Bytes = NDArray[np.uint8]

_ASIDE, _ABOVE, _BELOW = 1.5, 0.5, 0.8  # mouths around lips and chin that the lower layer covers
_FADE = 0.33  # of a mouth: how softly that layer ends
_CHANGED = 0.02  # mouths: from such a motion on nothing of the portrait's own mouth is left
_TURNED = -5  # terms from there on move the head


class PhotographFace:
    """A portrait that was prepared; see ``prepare``."""

    def __init__(self, portrait: Portrait, person: Bytes, background: Pixels) -> None:
        """Compute what frames need of a portrait, (SIZE, SIZE) and without its person."""
        mesh = corrected(portrait.pixels, portrait.mesh)
        points = mesh.points
        self.notes: tuple[Note, ...] = portrait.notes
        self._source = np.dstack([portrait.pixels, person])
        self._background = background
        self._face = Frame.of(points)
        self._fields = Fields.of(mesh)
        self._eyes = eyes_of(portrait.pixels, points)
        teeth = teeth_of(portrait.pixels, portrait.mesh.points, self._face.mouth)
        self._inside = Inside.of(portrait.pixels, self._face, teeth)
        self._edges = points[[*UPPER_LIP_INNER, *LOWER_LIP_INNER]]
        self._chin = points[CHIN]

    @property
    def nbytes(self) -> int:
        """The bytes that it holds, roughly."""
        pictures = self._source.nbytes + self._background.nbytes
        own = self._inside.teeth.own
        return pictures + self._fields.nbytes + (0 if own is None else own.nbytes)

    def render(self, expression: Expression) -> Pixels:
        """Return a frame, uint8 (SIZE, SIZE, 3)."""
        weights = terms(expression)
        source = self._looking(expression)
        frame = warped(source, sources(weights @ self._fields.above))
        moves = (weights @ self._fields.lips).reshape(2, 11, 2)
        upper, lower = self._edges.reshape(2, 11, 2) + moves
        self._lay_lower(frame, source, weights, (upper + lower) / 2)
        turned = (weights[_TURNED:] @ self._fields.lips[_TURNED:]).reshape(2, 11, 2)
        apart = float(np.abs(moves - turned).max()) / self._face.mouth
        head = turned[0].mean(axis=0)
        much = min(1.0, apart / _CHANGED)
        self._inside.draw(frame, upper, lower, expression.mouth, head, much)
        return self._on_background(frame)

    def _looking(self, expression: Expression) -> Pixels:
        """Return the portrait with its eyes as they are now."""
        if expression.blink <= 0 and expression.gaze == (0.0, 0.0):
            return self._source
        made = self._source.copy()
        for eye in self._eyes:
            drawn = eye.drawn(expression.blink, expression.gaze)
            height, width = drawn.shape[:2]
            made[eye.top : eye.top + height, eye.left : eye.left + width, :3] = drawn
        return made

    def _lay_lower(self, frame: Pixels, source: Pixels, weights: Floats, line: Floats) -> None:
        """Lay lower lip, chin and jaw over the frame, below the line where lips part."""
        unit = self._face.mouth
        middle = (line[0] + line[-1]) / 2
        chin = float(self._chin[1]) + _BELOW * unit
        x0, x1 = _span(middle[0] - _ASIDE * unit, middle[0] + _ASIDE * unit)
        y0, y1 = _span(middle[1] - _ABOVE * unit, chin)
        if min(x1 - x0, y1 - y0) < 2:
            return
        maps = sources(weights @ self._fields.below)[y0:y1, x0:x1]
        low = warped(source, maps)
        across = np.arange(x0, x1, dtype=np.float32)
        order = line[:, 0].argsort()
        height = np.interp(across, line[order, 0], line[order, 1])
        slope = float(self._face.across[1] / self._face.across[0])
        ends = line[order][[0, -1]]
        beyond = np.minimum(across - ends[0, 0], 0) + np.maximum(across - ends[1, 0], 0)
        height = (height + slope * beyond).astype(np.float32)
        soft = (1 + 0.35 * np.abs(beyond)).astype(np.float32)
        down = np.arange(y0, y1, dtype=np.float32)[:, None]
        share = np.clip((down - height) / soft + 0.5, 0, 1)
        share *= np.clip((y1 - down) / (_FADE * unit), 0, 1) if y1 < SIZE else 1
        share *= np.clip(np.minimum(across - x0, x1 - across) / (_FADE * unit), 0, 1)
        share = share.astype(np.float32)
        part = np.ascontiguousarray(frame[y0:y1, x0:x1])
        frame[y0:y1, x0:x1] = cv2.blendLinear(low, part, share, 1 - share)

    def _on_background(self, frame: Pixels) -> Pixels:
        share = frame[..., 3].astype(np.float32) * np.float32(1 / 255)
        pixels = cv2.cvtColor(frame, cv2.COLOR_RGBA2RGB)
        return np.asarray(cv2.blendLinear(pixels, self._background, share, 1 - share), np.uint8)


def _span(start: float, end: float) -> tuple[int, int]:
    return int(min(max(start, 0), SIZE)), int(min(max(end, 0), SIZE))
