"""How an avatar's picture moves with its head: smooth fields, a weight each for what moves it.

The face is taken for a dome before shoulders that stand still: what lies nearer moves further when
the head turns, which is what makes a drawing look solid. A field gives for each place of a frame
where its pixel comes from, and is linear in the weights, so frames need a sum and one look-up.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from ...base import Pixels
from ..expression import SIZE, Expression
from .drawing import Drawing
from .pen import SCALE

_CELLS = 64  # along a side; 8 px each
_Field = NDArray[np.float32]  # (2, 64, 64) px
_JAW = 11.0  # px that a chin falls when the mouth is wide open, of a head with a radius of 120
_BROW = 7.0  # px that brows go up
_FROWN = (3.0, 4.0)  # px that they go together and down


class Motion:
    """Moves the pixels of one avatar."""

    def __init__(self, drawing: Drawing) -> None:
        fields = np.stack(_fields(drawing)).astype(np.float32)  # (8, 2, 64, 64)
        self._fields = fields.reshape(len(fields), -1)
        place = np.arange(SIZE, dtype=np.float32) * SCALE + (SCALE - 1) / 2
        # The x and the y of each pixel in the drawn picture, where nothing moves.
        self._still: list[NDArray[np.float32]] = [*np.meshgrid(place, place)]

    @property
    def nbytes(self) -> int:
        """The bytes that it holds."""
        return self._fields.nbytes + sum(still.nbytes for still in self._still)

    def move(self, drawn: Pixels, expression: Expression) -> Pixels:
        """Return a frame of a drawn picture, SCALE times as large, as the head is held."""
        field = (_weights(expression) @ self._fields).reshape(2, _CELLS, _CELLS) * SCALE
        x, y = (
            cv2.subtract(still, cv2.resize(moved, (SIZE, SIZE), interpolation=cv2.INTER_LINEAR))
            for still, moved in zip(self._still, field, strict=True)
        )
        frame = cv2.remap(drawn, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
        return np.asarray(frame, np.uint8)


def _weights(expression: Expression) -> NDArray[np.float32]:
    right, down = expression.shift
    brows = expression.brows
    return np.array(
        [
            expression.yaw,
            expression.pitch,
            expression.roll,
            right,
            down,
            float(expression.mouth[0]),
            max(brows, 0.0),
            max(-brows, 0.0),
        ],
        np.float32,
    )


def _fields(drawing: Drawing) -> list[_Field]:
    """Return how each weight moves a frame, in the order of ``_weights``."""
    head = drawing.head
    middle = (np.arange(_CELLS, dtype=np.float32) + 0.5) * (SIZE / _CELLS)
    x, y = np.meshgrid(middle, middle)
    nothing = np.zeros_like(x)
    held = _smooth((head.neck - y) / (head.neck - head.chin))  # 1 above the chin, 0 below the neck
    away = ((x - head.x) ** 2 + ((y - head.y) / 1.15) ** 2) / head.radius**2
    dome = head.radius * np.exp(-0.7 * away) * held
    lean = 0.3 * head.radius * held  # the whole head goes, a little
    right, down = x - head.x, y - head.neck
    chin = np.exp(-(((x - drawing.mouth.x) / (0.85 * head.radius)) ** 2))
    fall = _smooth((y - drawing.mouth.y) / (head.chin - drawing.mouth.y)) * held**0.5
    below = _smooth((head.neck - y) / (head.neck - head.chin) * 1.4)
    jaw = _JAW * head.radius / 120 * chin * fall * below
    raised, drawn_in, lowered = nothing, nothing, nothing
    for brow in drawing.brows:
        # Less far down than up: eyes, and glasses, stay where they are.
        reach = np.where(y > brow.y, 0.26, 0.5) * brow.width
        near = np.exp(-(((x - brow.x) / (0.62 * brow.width)) ** 2) - ((y - brow.y) / reach) ** 2)
        raised = np.maximum(raised, near)
        lowered = np.maximum(lowered, near)
        drawn_in = drawn_in + near * np.sign(head.x - brow.x)
    return [
        np.stack([dome + lean, nothing]),
        np.stack([nothing, 0.8 * dome + 0.5 * lean]),
        np.stack([-down * held, right * held]),
        np.stack([held, nothing]),
        np.stack([nothing, 0.35 + 0.65 * held]),  # shoulders breathe too
        np.stack([nothing, jaw]),
        np.stack([nothing, -_BROW * raised]),
        np.stack([_FROWN[0] * drawn_in, _FROWN[1] * lowered]),
    ]


def _smooth(part: NDArray[np.float32]) -> NDArray[np.float32]:
    part = np.clip(part, 0, 1)
    return part * part * (3 - 2 * part)
