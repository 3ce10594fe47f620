"""What a face shows at one moment, whatever it is made of: a photograph or a drawing."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from ..base import Pixels

SIZE = 512  # px, of a frame's sides

Mouth = NDArray[np.float32]  # (6,), by the names in ``visemes.CONTROLS``


def closed_mouth() -> Mouth:
    """Return a mouth at rest, (6,)."""
    return np.zeros(6, np.float32)


@dataclass(frozen=True, slots=True)
class Expression:
    """One moment of a face; all at 0 it looks straight ahead, at rest, with its eyes open."""

    mouth: Mouth = field(default_factory=closed_mouth)
    blink: float = 0.0  # 0..1, how far the lids are down
    brows: float = 0.0  # -1..1, drawn together and down, or raised
    gaze: tuple[float, float] = (0.0, 0.0)  # -1..1, to the picture's right, and down
    yaw: float = 0.0  # rad, of the head, to the picture's right
    pitch: float = 0.0  # rad, down
    roll: float = 0.0  # rad, clockwise in the picture
    shift: tuple[float, float] = (0.0, 0.0)  # px of a frame, right and down: breathing, swaying
    smile: float = 0.0  # 0..1, of the smile that a portrait has by itself; speaking relaxes it


class Face(Protocol):
    """A face that was prepared once and is drawn many times, on one thread."""

    def render(self, expression: Expression) -> Pixels:
        """Return a frame, uint8 (512, 512, 3); nobody writes to it afterwards."""
        ...

    @property
    def nbytes(self) -> int:
        """The bytes that it holds."""
        ...
