"""Pairs to learn from, painted on the device while training goes on."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from ..data.packed import Picture
from ..teacher.net import StyleNet
from ..teacher.styles import NAMES, painted

_AT_ONCE = 2 * len(NAMES)  # pairs that are painted together: two of each style


class Crops:
    """Crops on the device, shown anew each time: other places, sizes, colours and light."""

    def __init__(self, crops: Iterable[Picture], device: torch.device) -> None:
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


@dataclass
class Batch:
    """Pictures and what they look like, (b, 3, s, s) in 0..1, and their styles (b, styles)."""

    pictures: Tensor
    painted: Tensor
    mix: Tensor


class Targets:
    """A ring of pairs in bytes; each is learned from some times, then painted over."""

    def __init__(self, crops: Crops, teacher: StyleNet, side: int, room: int) -> None:
        self.crops, self.teacher, self.side = crops, teacher, side
        self.room = max(1, room // _AT_ONCE) * _AT_ONCE
        shape, device = (self.room, 3, side, side), crops.pixels.device
        self.pictures = torch.zeros(shape, dtype=torch.uint8, device=device)
        self.painted = torch.zeros_like(self.pictures)
        self.mixes = torch.eye(len(NAMES), device=device).repeat(self.room // len(NAMES), 1)
        self.place = 0
        for _ in range(self.room // _AT_ONCE):
            self.renew()

    def renew(self) -> None:
        """Paint the oldest pairs anew: some of each style."""
        pictures = self.crops.draw(_AT_ONCE, self.side)
        styles = [row % len(NAMES) for row in range(_AT_ONCE)]
        made = painted(self.teacher, pictures, styles)
        rows = slice(self.place, self.place + _AT_ONCE)
        self.pictures[rows] = (pictures * 255).round().to(torch.uint8)
        self.painted[rows] = (made * 255).round().to(torch.uint8)
        self.place = (self.place + _AT_ONCE) % self.room

    def draw(self, count: int) -> Batch:
        """Return pairs at random; nothing here waits for the device."""
        rows = torch.randint(self.room, (count,), device=self.pictures.device)
        pictures, made = (one[rows].float() / 255 for one in (self.pictures, self.painted))
        return Batch(pictures, made, self.mixes[rows])
