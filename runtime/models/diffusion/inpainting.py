"""Painting anew what a mask covers, while the rest of a picture is kept to the byte."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor

from livedraft.kernels import pixels_in, pixels_out

from ..base import Pixels

FEATHER_PX = 4  # beyond a mask, in which the new picture fades into the old
_GREY = (0.299, 0.587, 0.114)  # of a mask in colours, as Pillow has it


class Kept(NamedTuple):
    """What stays of a picture that is in part painted anew."""

    pixels: Pixels  # (height, width, 3), as large as the result
    weights: NDArray[np.float32]  # (height, width, 1): 0 where it stays, 1 where all is new


class Masked(NamedTuple):
    """What of a picture is painted anew."""

    hole: Tensor  # (1, 1, height, width): 1 where it is painted anew, else 0
    kept: Kept | None  # None: of no picture


@torch.inference_mode()
def masked(
    picture: Pixels | None, mask: Pixels | None, size: tuple[int, int], device: torch.device
) -> tuple[Masked, Tensor]:
    """Return what a mask of a picture says, (h, w, 3 | 4) each, for a result of a size in px.

    And the rest of the picture: (1, 3, height, width), -1 to 1, with 0 in the hole.

    White is painted anew, from the middle grey on, and so is all where there is no mask. What is
    transparent of a mask stays.
    """
    width, height = size
    hole = torch.ones(1, 1, height, width, device=device)
    if mask is not None:
        red, green, blue = _frame(mask, size, device, low=0.0, background=0.0)[0]
        grey = _GREY[0] * red + _GREY[1] * green + _GREY[2] * blue
        hole = (grey >= 0.5).float()[None, None]
    if picture is None:
        return Masked(hole, None), torch.zeros(1, 3, height, width, device=device)
    frame = _frame(picture, size, device, low=-1.0, background=1.0)
    pixels = picture
    if picture.shape != (height, width, 3):
        pixels = pixels_out(frame)[0].cpu().numpy()
    weights = _feathered(hole)[0, 0, :, :, None].cpu().numpy()
    kept = Kept(pixels, weights) if mask is not None else None
    return Masked(hole, kept), frame * (hole < 0.5)


def composed(new: Pixels, kept: Kept) -> Pixels:
    """Return a picture with what stays of the old one: beyond the feather not a byte is another."""
    rows, columns = (np.flatnonzero(kept.weights.any(axis=axes)) for axes in ((1, 2), (0, 2)))
    made = kept.pixels.copy()
    if not rows.size:
        return made
    part = np.s_[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    old = kept.pixels[part].astype(np.float32)
    mixed = old + kept.weights[part] * (new[part] - old)
    made[part] = np.rint(mixed).astype(np.uint8)
    return made


def _frame(
    picture: Pixels, size: tuple[int, int], device: torch.device, low: float, background: float
) -> Tensor:
    pixels = torch.from_numpy(np.array(picture))[None].to(device)
    width, height = size
    return pixels_in(
        pixels, size=(height, width), dtype=torch.float32, low=low, background=background
    )


def _feathered(hole: Tensor) -> Tensor:
    """Return a mask that is blurred twice by a box, which reaches ``FEATHER_PX`` beyond it."""
    radius = FEATHER_PX // 2
    for _ in range(2):
        edged = F.pad(hole, (radius,) * 4, mode="replicate")
        hole = F.avg_pool2d(edged, 2 * radius + 1, stride=1)
    return hole
