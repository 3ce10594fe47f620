"""The repair net: a small U-Net that answers in one step."""

from __future__ import annotations

from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from livedraft.runtime.models.tryon.repair.view import CHANNELS

WIDTHS = (24, 48, 96, 120)  # at 128, 64, 32 and 16 px
OUT = 8  # body, arm, skin (3), ground (3)
# What mattes' logits are taken by: a limb has an edge, even where nobody knows where it is. Served
# sharper than trained, at a tenth of a decibel: a soft arm looks worse than one a little off.
SOFT, SHARP = 3.0, 8.0
REACH = 1.5  # most that the net may say, in logarithms


class Answer(NamedTuple):
    """Logits of mattes, (n, 1, …), of the body and its arms; colours relative to the tone."""

    body: Tensor
    arm: Tensor
    skin: Tensor
    ground: Tensor


class Block(nn.Module):
    """Two convolutions beside a shortcut; groups are normalised, as batches are small."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.norm = nn.GroupNorm(8, width)
        self.first = nn.Conv2d(width, width, 3, padding=1)
        self.second = nn.Conv2d(width, width, 3, padding=1)
        nn.init.zeros_(self.second.weight)
        assert self.second.bias is not None
        nn.init.zeros_(self.second.bias)

    def forward(self, x: Tensor) -> Tensor:
        after: Tensor = self.second(F.relu(self.first(F.relu(self.norm(x)))))
        return x + after


class RepairNet(nn.Module):
    """Views (n, 12, 256, 256) in, `OUT` planes of that size out."""

    def __init__(self, widths: tuple[int, ...] = WIDTHS) -> None:
        super().__init__()
        fine, *coarser = widths
        self.stem = nn.Conv2d(4 * CHANNELS, fine, 3, padding=1)
        pairs = list(zip(widths, coarser, strict=False))
        self.down = nn.ModuleList(nn.Conv2d(a, b, 4, 2, 1) for a, b in pairs)
        self.before = nn.ModuleList(Block(width) for width in coarser)
        self.middle = nn.Sequential(Block(widths[-1]), Block(widths[-1]))
        self.up = nn.ModuleList(nn.Conv2d(b, a, 1) for a, b in pairs)
        self.after = nn.ModuleList(Block(width) for width in widths[:-1])
        self.head = nn.Conv2d(fine, 4 * OUT, 3, padding=1)
        nn.init.normal_(self.head.weight, std=1e-3)

    def forward(self, inputs: Tensor) -> Tensor:
        """Return two mattes' logits, skin, and what the ground differs from its fill."""
        x = F.relu(self.stem(F.pixel_unshuffle(inputs, 2)))
        skips = []
        for down, block in zip(self.down, self.before, strict=True):
            skips.append(x)
            x = block(F.relu(down(x)))
        x = self.middle(x)
        for up, block, skip in reversed(list(zip(self.up, self.after, skips, strict=True))):
            x = block(
                skip + F.interpolate(up(x), scale_factor=2.0, mode="bilinear", align_corners=False)
            )
        out: Tensor = F.pixel_shuffle(self.head(F.relu(x)), 2)
        return out


def answer(net: nn.Module, inputs: Tensor) -> Answer:
    """Return what a net says of views, its ground as colours."""
    out = net(inputs)
    hidden, filled = inputs[:, 3:4], inputs[:, :3] / 0.7
    skin, ground = (REACH * torch.tanh(part) for part in (out[:, 2:5], out[:, 5:8]))
    return Answer(out[:, :1], out[:, 1:2], skin, filled + ground * hidden)
