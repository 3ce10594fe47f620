"""The part of a photograph that is painted anew: cut out for a model, laid back inside its mask."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Self

import cv2
import numpy as np
from numpy.typing import NDArray

from ..base import Pixels

AROUND = 0.25  # of the mask's longer side: what a model sees beside it, to fit light and skin
MOST_ENLARGED = 2.0  # times; beyond it a small part of a photo costs time and gains nothing
RIM = 0.012  # of the longer side of what is cut: inside the mask, where draft and painting blend
DRIFT = 0.08  # of the same: how far a shift of colour beside the mask is carried into it
_SHIFT_PX = 128  # a side, of the picture of such a shift: it is smooth
_USUAL = 0.02  # what the median weighs, against all that is known about a place

Mask = NDArray[np.float32]


@dataclass(slots=True, eq=False)
class Cut:
    """A box of a photograph around all that a mask lets change.

    What lies in ``person``, ``draft`` and ``mask`` is at the model's size; ``laid_in`` puts what
    it painted back at the photo's.
    """

    person: Pixels  # (h, w, 3), as it is
    draft: Pixels  # (h, w, 3), as a smaller model dressed it
    mask: Mask  # (h, w), 1: is painted anew, 0: stays
    _photo: Pixels = field(repr=False)  # (H, W, 3)
    _drafted: Pixels = field(repr=False)  # of the box, at the photo's size
    _levels: Mask = field(repr=False)  # of the box, at the photo's size
    _box: tuple[slice, slice] = field(repr=False)

    @classmethod
    def of(cls, person: Pixels, mask: Pixels, draft: Pixels, *, most_px: int, grid: int) -> Self:
        """Cut what ``mask`` lets change, with what is around it.

        Pictures are (H, W, 3 | 4); a draft and a mask of another size are taken for the whole
        photo all the same. At the model's size its area is ``most_px`` at the most and its sides
        are multiples of ``grid``.
        """
        photo = np.ascontiguousarray(person[..., :3])
        size = photo.shape[1], photo.shape[0]
        grey = cv2.resize(_grey(mask), size, interpolation=cv2.INTER_NEAREST)
        levels = np.asarray(grey, np.float32) / np.float32(255)
        box = _around(levels)
        drafted = _sized(draft[..., :3], size)[box]
        small = _working_size(drafted.shape[1], drafted.shape[0], most_px, grid)
        return cls(
            _sized(photo[box], small),
            _sized(drafted, small),
            np.asarray(cv2.resize(levels[box], small, interpolation=cv2.INTER_AREA), np.float32),
            photo,
            drafted,
            levels[box],
            box,
        )

    def laid_in(self, painted: Pixels) -> Pixels:
        """Return the photograph with a painting inside the mask, (H, W, 3).

        Where the mask is 0, each pixel is the photo's own. Within a narrow rim the draft goes over
        into the painting, so that no seam shows; a shift of colour that the painting has beside
        the mask, where it should be the photo, is taken out of it.
        """
        height, width = self._levels.shape
        colours = _sized(painted, (width, height)).astype(np.float32)
        original = self._photo[self._box].astype(np.float32)
        colours += _shift(original - colours, self._levels)
        inside = self._levels > 0
        weight = self._weight()[..., None]
        dressed = self._drafted + weight * (colours - self._drafted)
        result = self._photo.copy()
        result[self._box][inside] = np.clip(dressed + 0.5, 0, 255).astype(np.uint8)[inside]
        return result

    def _weight(self) -> Mask:
        """Return how much of the painting counts: nothing at the mask's edge, all further in."""
        rim = max(1.5, RIM * max(self._levels.shape))
        padded = np.pad((self._levels > 0.5).astype(np.uint8), 1, mode="edge")
        inward = cv2.distanceTransform(padded, cv2.DIST_L2, 3)[1:-1, 1:-1]
        ramp = np.clip(np.asarray(inward, np.float32) / np.float32(rim), 0, 1)
        return np.asarray(ramp * ramp * (3 - 2 * ramp) * self._levels, np.float32)


def _shift(difference: NDArray[np.float32], levels: Mask) -> NDArray[np.float32]:
    """Return a difference beside the mask, carried smoothly into it: a normalised convolution.

    (Knutsson and Westin, 1993.) Far from all that stays it is the median of all that does.
    """
    outside = np.asarray(levels == 0, np.float32)
    if not outside.any():
        return np.zeros_like(difference)
    usual = np.median(difference[levels == 0], axis=0).astype(np.float32)
    scale = min(1.0, _SHIFT_PX / max(levels.shape))
    small = [max(1, round(side * scale)) for side in reversed(levels.shape)]
    spread = DRIFT * max(small)

    def blurred(plane: NDArray[np.float32]) -> NDArray[np.float32]:
        reduced = cv2.resize(plane, small, interpolation=cv2.INTER_AREA)
        return np.asarray(cv2.GaussianBlur(reduced, (0, 0), spread), np.float32)

    carried = blurred(difference * outside[..., None]) + _USUAL * usual
    carried /= (blurred(outside) + np.float32(_USUAL))[..., None]
    whole = levels.shape[1], levels.shape[0]
    return np.asarray(cv2.resize(carried, whole, interpolation=cv2.INTER_LINEAR), np.float32)


def _around(levels: Mask) -> tuple[slice, slice]:
    """Return the box of all that is not 0, and what is around it; of an empty mask everything."""
    rows, columns = np.flatnonzero(levels.any(axis=1)), np.flatnonzero(levels.any(axis=0))
    if not len(rows):
        return slice(0, levels.shape[0]), slice(0, levels.shape[1])
    spans = (rows[0], rows[-1] + 1), (columns[0], columns[-1] + 1)
    more = math.ceil(AROUND * max(int(end - start) for start, end in spans))
    return (
        slice(max(0, int(spans[0][0]) - more), int(spans[0][1]) + more),
        slice(max(0, int(spans[1][0]) - more), int(spans[1][1]) + more),
    )


def _working_size(width: int, height: int, most_px: int, grid: int) -> tuple[int, int]:
    scale = min(MOST_ENLARGED, math.sqrt(most_px / (width * height)))
    sides = [max(grid, int(side * scale) // grid * grid) for side in (width, height)]
    longest = max(grid, most_px // min(sides) // grid * grid)  # of a strip, a pixel high
    return min(sides[0], longest), min(sides[1], longest)


def _grey(mask: Pixels) -> Pixels:
    return np.ascontiguousarray(mask[..., :3].max(axis=-1))


def _sized(picture: Pixels, size: tuple[int, int]) -> Pixels:
    """Return a picture at a size, (width, height) in px; as it is where that is its own."""
    if (picture.shape[1], picture.shape[0]) == size:
        return np.ascontiguousarray(picture)
    shrinks = picture.shape[1] >= size[0] and picture.shape[0] >= size[1]
    how = cv2.INTER_AREA if shrinks else cv2.INTER_CUBIC
    return np.asarray(cv2.resize(picture, size, interpolation=how), picture.dtype)
