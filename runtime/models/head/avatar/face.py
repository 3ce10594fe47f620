"""An avatar as a face: a drawing whose eyes and mouth are drawn anew in every frame."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ...base import Pixels
from ..expression import Expression
from .drawing import Drawing
from .eyes import draw_eyes, eyes_box
from .motion import Motion
from .mouth import draw_mouth, mouth_box
from .pen import Box, Pen, mix


class AvatarFace:
    """Draws the frames of an avatar, on one thread."""

    def __init__(self, drawing: Drawing, base: Pixels, over: NDArray[np.uint8]) -> None:
        """Take a drawing without eyes and mouth, uint8 (1024, 1024, 3), and what lies over these.

        ``over`` is RGBA of the same size: glasses, a strand of hair.
        """
        self.drawing = drawing
        self._drawn = base.copy()
        self._eyes = _Patch(eyes_box(drawing), base, over)
        self._mouth = _Patch(mouth_box(drawing.mouth), base, over)
        self._motion = Motion(drawing)

    def render(self, expression: Expression) -> Pixels:
        """Return a frame, uint8 (512, 512, 3)."""
        pen = self._eyes.pen()
        draw_eyes(pen, self.drawing, expression, self._eyes.box)
        self._eyes.lay(pen, self._drawn)
        pen = self._mouth.pen()
        draw_mouth(pen, self.drawing, expression.mouth, self._mouth.box)
        self._mouth.lay(pen, self._drawn)
        return self._motion.move(self._drawn, expression)

    @property
    def nbytes(self) -> int:
        """The bytes that it holds."""
        patches = self._eyes.nbytes + self._mouth.nbytes
        return self._drawn.nbytes + patches + self._motion.nbytes


class _Patch:
    """A part of the drawing that is drawn anew: what lies under it, and over it."""

    def __init__(self, box: Box, base: Pixels, over: NDArray[np.uint8]) -> None:
        self.box = box
        self._under = base[box.drawn].copy()
        above = over[box.drawn]
        self._above = above[..., :3].copy() if above[..., 3].any() else None
        self._alpha = above[..., 3].copy()

    @property
    def nbytes(self) -> int:
        above = 0 if self._above is None else self._above.nbytes
        return self._under.nbytes + above + self._alpha.nbytes

    def pen(self) -> Pen:
        """Return a pen on a clean patch."""
        return Pen(self._under.copy(), self.box)

    def lay(self, pen: Pen, drawn: Pixels) -> None:
        """Lay what a pen drew into the drawing, under what lies over it."""
        if self._above is not None:
            mix(pen.pixels, self._above, self._alpha)
        drawn[self.box.drawn] = pen.pixels
