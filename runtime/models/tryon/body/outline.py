"""Where a person's outline lies, seen from points inside: rays through what a parse says."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from ..arrays import Floats, Mask, Points, Vector

Name = Literal["person", "worn", "clothes"]


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

    def reach(self, mask: Name, start: Vector, way: Vector, most: float) -> tuple[float, bool]:
        """Return how far a ray stays within a mask, px, at most ``most``, and whether it left it.

        What lies beyond the picture is as its edge: a person who is cut off goes on.
        """
        inside = self._mask(mask)
        if inside is None:
            return most, False
        x, y = (self.back[:, :2] @ start + self.back[:, 2]).tolist()
        step = self.back[:, :2] @ way
        stretch = float(np.hypot(step[0], step[1])) + 1e-6  # px of then for a px of now
        across, down = step / np.float32(stretch)
        along = np.arange(max(2, int(most * stretch) + 1), dtype=np.float32)
        within = inside[
            _places(along * down, y, inside.shape[0]), _places(along * across, x, inside.shape[1])
        ]
        first = int(within.argmin())
        if within[first]:
            return most, False
        return min(first / stretch, most), True

    def reaches(self, mask: Name, starts: Points, ways: Points, most: float) -> NDArray[np.float64]:
        """Return how far several rays, (n, 2) each, stay within a mask, as `reach` says of one."""
        inside = self._mask(mask)
        if inside is None:
            return np.full(len(starts), most)
        # Each is multiplied by itself: in one product sums are rounded otherwise than of one ray.
        turn = self.back[:, :2]
        start = (turn @ starts[..., None])[..., 0] + self.back[:, 2]
        step = (turn @ ways[..., None])[..., 0]
        stretch = np.hypot(step[:, 0], step[:, 1]).astype(np.float64) + 1e-6
        step = step / stretch.astype(np.float32)[:, None]
        counts = np.maximum(2, (most * stretch).astype(np.intp) + 1)
        along = np.arange(counts.max(), dtype=np.float32)
        y, x = (
            _places(along * step[:, axis, None], start[:, axis, None], inside.shape[1 - axis])
            for axis in (1, 0)
        )
        beyond = ~inside[y, x] & (along < counts[:, None])
        first = beyond.argmax(1)
        left = beyond[np.arange(len(first)), first]
        return np.where(left, np.minimum(first / stretch, most), most)

    def bare(self, at: Vector) -> bool:
        """Return whether a place on the person is neither clothes nor the background."""
        x, y = (self.back[:, :2] @ at + self.back[:, 2]).tolist()
        row, column = (
            int(np.clip(round(place), 0, size - 1))
            for place, size in zip((y, x), self.person.shape, strict=True)
        )
        clothed = self.clothes is None or bool(self.clothes[row, column])
        return bool(self.person[row, column]) and not clothed

    def _mask(self, name: Name) -> Mask | None:
        return {"person": self.person, "worn": self.worn, "clothes": self.clothes}[name]


def _places(off: Floats, start: Floats | float, size: int) -> NDArray[np.intp]:
    """Return the rows or columns of places on a ray, those beyond the picture as its edge."""
    at = off + start
    np.maximum(at, 0, out=at)
    np.minimum(at, size - 1, out=at)
    np.rint(at, out=at)
    return np.asarray(at, np.intp)
