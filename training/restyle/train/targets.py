"""Pairs to learn from, painted on the device while training goes on."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from livedraft.runtime.models.restyle.tuning.examples import Crops

from ..teacher.net import StyleNet
from ..teacher.styles import NAMES, painted

_AT_ONCE = 2 * len(NAMES)  # pairs that are painted together: two of each style


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
