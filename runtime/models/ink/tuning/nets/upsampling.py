"""Convex upsampling: a pixel takes its colour from the coarse cells around it, as it picks.

Z. Teed and J. Deng, "RAFT" (2020), where it enlarges optical flow. Here it begins as bilinear
and learns to leave it: soft between cells where nothing is drawn, one side or the other of a line.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

AROUND = 9  # cells: the one that a pixel lies in, and its neighbours
FIRMNESS = 4.0  # of log-weights: to leave its place a pixel must outweigh some hundredfold


def pick(log_weights: Tensor, latent: Tensor) -> Tensor:
    """Return straight sRGB of pixels in 0..1: (B, 3, N), each of h w cells having its 16 in a row.

    Takes log-weights of the nine cells around each pixel, (B, h w, 16, 9), where `bilinear` leaves
    it in its place, and premultiplied cells (B, 4, h, w) in -1..1. Uncovered cells have no say.
    """
    height, width = latent.shape[2:]
    rim = F.pad(latent.float() / 2 + 0.5, (1, 1, 1, 1), mode="replicate")
    rim = F.pad(rim.permute(0, 2, 3, 1), (0, 1), value=1.0)
    rows = [rim[:, y : y + height] for y in range(3)]
    cells = torch.stack([row[:, :, x : x + width] for row in rows for x in range(3)], 3)
    weight = log_weights.float().clamp(-20, 20).exp()
    picked = weight @ cells.reshape(-1, height * width, AROUND, 5)
    planes = picked.float().reshape(-1, height * width * 16, 5).transpose(1, 2)
    rgb, cover, whole = torch.split(planes, [3, 1, 1], 1)
    return (rgb / torch.maximum(cover, 0.05 * whole)).clamp(0, 1)


def bilinear() -> Tensor:
    """Return log-weights of the cells around a cell for its 16 pixels, by quarters: (16, 9)."""
    at = torch.tensor([-0.375, -0.125, 0.125, 0.375])  # pixels from the cell's centre, in cells
    along = torch.stack([-at, 1 - at.abs(), at], 1).clamp(min=1e-2).log()  # (4, 3)
    both = along[:, None, :, None] + along[None, :, None, :]  # (4, 4, 3, 3)
    return both.view(2, 2, 2, 2, AROUND).permute(0, 2, 1, 3, 4).reshape(16, AROUND)
