"""Motion that is known exactly, for a frame's successor as a camera would see it."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F

_STILL = 0.25  # of the pairs: only noise and light change
_WITHIN = 0.96  # of the frame's half: what comes from outside does not count
_BEND = 0.012  # of the frame's half, that parts of it move otherwise than the rest


class Motion:
    """One random motion a picture, on a batch of square pictures (b, 3, s, s)."""

    def __init__(self, like: Tensor) -> None:
        count, _, side, _ = like.shape
        moves = (torch.rand(count, device=like.device) > _STILL).float()
        turn, zoom = _normal(like, count) * 0.03 * moves, 1 + _normal(like, count) * 0.03 * moves
        shift = _normal(like, count, 2) * 0.035 * moves[:, None]
        rows = torch.stack([zoom * turn.cos(), -zoom * turn.sin(), shift[:, 0]], 1)
        more = torch.stack([zoom * turn.sin(), zoom * turn.cos(), shift[:, 1]], 1)
        grid = F.affine_grid(torch.stack([rows, more], 1), list(like.shape), align_corners=False)
        bend = F.interpolate(_normal(like, count, 2, 4, 4), (side, side), mode="bicubic")
        bend = bend.permute(0, 2, 3, 1) * _BEND * moves[:, None, None, None]
        self.grid = grid + bend
        self.known = (self.grid.abs().amax(-1, keepdim=True) < _WITHIN).float().permute(0, 3, 1, 2)

    def moved(self, pictures: Tensor) -> Tensor:
        """Return pictures as they are after the motion."""
        return F.grid_sample(pictures, self.grid, padding_mode="reflection", align_corners=False)


def filmed(pictures: Tensor, noise: float, light: float) -> Tensor:
    """Return pictures with a camera's noise, and its changes of exposure and of white balance."""
    count = len(pictures)
    gain = (
        1
        + light * _normal(pictures, count, 1, 1, 1)
        + 0.3 * light * _normal(pictures, count, 3, 1, 1)
    )
    spread = noise * _normal(pictures, count, 1, 1, 1).abs()
    level = pictures * gain + 0.3 * light * _normal(pictures, count, 1, 1, 1)
    return (level + spread * torch.randn_like(pictures)).clamp(0, 1)


def _normal(like: Tensor, *shape: int) -> Tensor:
    return torch.randn(*shape, device=like.device)
