"""What a style is learned on: small pictures that ship, and the net that judges."""

from __future__ import annotations

from collections.abc import Iterable

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional as F

from livedraft.errors import WeightsError

from ..weights import WEIGHTS
from .judge import Judge

SHEET, JUDGE = "pictures.webp", "judge.npz"
TILE, ACROSS = 256, 6  # px of a picture, pictures in a row of the sheet
_FIX = "reinstall livedraft"


def judge() -> Judge:
    """Return the judge; raise WeightsError where its weights are missing."""
    try:
        with np.load(WEIGHTS / JUDGE) as found:
            return Judge({name: found[name].astype(np.float32) for name in found.files})
    except (OSError, ValueError) as error:
        raise WeightsError(f"the judge's weights cannot be read: {error}", fix=_FIX) from error


def tiles() -> NDArray[np.uint8]:
    """Return the pictures (n, 256, 256, 3); raise WeightsError where they are missing."""
    sheet = cv2.imread(str(WEIGHTS / SHEET), cv2.IMREAD_COLOR_RGB)
    if sheet is None:
        raise WeightsError("the pictures that styles learn by cannot be read", fix=_FIX)
    down, across = sheet.shape[0] // TILE, sheet.shape[1] // TILE
    cut = sheet.reshape(down, TILE, across, TILE, 3).swapaxes(1, 2)
    return np.ascontiguousarray(cut.reshape(-1, TILE, TILE, 3), np.uint8)


class Crops:
    """Crops on the device, shown anew each time: other places, sizes, colours and light."""

    def __init__(self, crops: Iterable[NDArray[np.uint8]], device: torch.device) -> None:
        stack = np.stack(list(crops)).transpose(0, 3, 1, 2)
        self.pixels = torch.from_numpy(np.ascontiguousarray(stack)).to(device)

    def draw(self, count: int, side: int) -> Tensor:
        """Return pictures (count, 3, side, side) in 0..1."""
        pictures = self._cut(count, side)
        if torch.rand(()) < 0.25:  # two pictures beside each other: edges between any two things
            other = self._cut(count, side)
            place = int(torch.randint(side // 4, 3 * side // 4, ()))
            along = 2 + int(torch.randint(2, ()))
            joined = (pictures.narrow(along, 0, place), other.narrow(along, place, side - place))
            pictures = torch.cat(joined, along)
        return _lit(pictures)

    def _cut(self, count: int, side: int) -> Tensor:
        device = self.pixels.device
        whole = self.pixels.shape[-1]
        rows = torch.randint(len(self.pixels), (count,), device=device)
        # From what is as large as the crop to what is shown a half larger than it is.
        share = side / whole * torch.empty(count, device=device).uniform_(0.65, whole / side)
        share = share.clamp(max=1.0)
        centre = (torch.rand(count, 2, device=device) * 2 - 1) * (1 - share)[:, None]
        mirrored = torch.where(torch.rand(count, device=device) < 0.5, -share, share)
        zero = torch.zeros_like(share)
        across = torch.stack([mirrored, zero, centre[:, 0]], 1)
        down = torch.stack([zero, share, centre[:, 1]], 1)
        shape = [count, 3, side, side]
        grid = F.affine_grid(torch.stack([across, down], 1), shape, align_corners=False)
        return F.grid_sample(
            self.pixels[rows].float() / 255, grid, padding_mode="reflection", align_corners=False
        )


def _lit(pictures: Tensor) -> Tensor:
    """Return pictures in other light, some in the dark, some without colour."""
    count, device = len(pictures), pictures.device

    def drawn(low: float, high: float, channels: int = 1) -> Tensor:
        return torch.empty(count, channels, 1, 1, device=device).uniform_(low, high)

    pictures = pictures.clamp(1e-4, 1).pow(drawn(0.65, 1.5))
    middle = pictures.mean((2, 3), keepdim=True)
    pictures = (pictures - middle) * drawn(0.75, 1.25) + middle + drawn(-0.08, 0.08)
    grey = pictures.mean(1, keepdim=True)
    saturation = drawn(0.6, 1.4) * (drawn(0, 1) > 0.04)
    pictures = grey + (pictures - grey) * saturation
    dark = torch.where(drawn(0, 1) < 0.15, drawn(0.3, 0.8), torch.ones((), device=device))
    return (pictures * drawn(0.92, 1.08, 3) * dark).clamp(0, 1)
