"""Where a person's outline lies, seen from points inside: rays through what a parse says."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from ..arrays import Floats, Mask, Vector


@dataclass(frozen=True, eq=False)
class Outline:
    """Masks of one parsed picture, and how points of now lie in it.

    ``person`` is all of them, ``worn`` what is not face. ``back`` (2, 3) takes points of the
    present frame to the parsed one, as parses are rarer than frames. ``clothes`` end where hands
    begin; where they are not known they are taken as endless.
    """

    person: Mask
    worn: Mask
    back: Floats
    clothes: Mask | None = None

    def reach(
        self, mask: Literal["person", "worn", "clothes"], start: Vector, way: Vector, most: float
    ) -> tuple[float, bool]:
        """Return how far a ray stays within a mask, px, at most ``most``, and whether it left it.

        What lies beyond the picture is as its edge: a person who is cut off goes on.
        """
        inside = {"person": self.person, "worn": self.worn, "clothes": self.clothes}[mask]
        if inside is None:
            return most, False
        start = self.back[:, :2] @ start + self.back[:, 2]
        step = self.back[:, :2] @ way
        stretch = float(np.hypot(step[0], step[1])) + 1e-6  # px of then for a px of now
        count = max(2, int(most * stretch) + 1)
        along = np.arange(count, dtype=np.float32)[:, None] * (step / np.float32(stretch))
        edge = np.array([inside.shape[1] - 1, inside.shape[0] - 1], np.float32)
        at = np.clip(start + along, 0, edge).round().astype(np.intp)
        left = ~inside[at[:, 1], at[:, 0]]
        first = int(left.argmax())
        if not left[first]:
            return most, False
        return min(first / stretch, most), True
