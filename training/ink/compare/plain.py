"""Networks that `ink` is compared with and does not use: a plain U-Net, a critic of patches."""

from __future__ import annotations

from itertools import pairwise

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from livedraft.runtime.models.ink.tuning.nets.colour_net import ColourNet
from livedraft.runtime.models.ink.tuning.nets.decoder import LineDecoder
from livedraft.runtime.models.ink.tuning.nets.layers import (
    Block,
    Conditioning,
    Widths,
    Words,
    coordinates,
)

LEVELS = (16, 32, 64)  # channels at 128, 64 and 32 pixels a side


class PlainUNet(nn.Module):
    """Sketch, words and style to premultiplied RGBA (Ronneberger et al., 2015), from 128 to 16 px.

    Its narrowest level has the width at which it is as large as the colour net and the decoder of
    `widths` together.
    """

    def __init__(self, widths: Widths) -> None:
        super().__init__()
        self._build(widths.condition, 8)
        rivals = count(ColourNet(widths)) + count(LineDecoder(widths))
        low = 8
        while count(self) < rivals:
            low += 8
            self._build(widths.condition, low)

    def _build(self, dim: int, low: int) -> None:
        sides = (*LEVELS, low)
        self.condition = Conditioning(dim, 1)
        self.enter = nn.Conv2d(4 + 4 + 2, sides[0], 3, padding=1)
        self.before = nn.ModuleList(Block(side, dim) for side in sides)
        self.after = nn.ModuleList(Block(side, dim) for side in LEVELS)
        self.down = nn.ModuleList(nn.Conv2d(a, b, 3, 2, 1) for a, b in pairwise(sides))
        self.up = nn.ModuleList(nn.Conv2d(b, a, 1) for a, b in pairwise(sides))
        self.join = nn.ModuleList(nn.Conv2d(side * 2, side, 1) for side in LEVELS)
        self.norm = nn.GroupNorm(8, sides[0])
        self.out = nn.Conv2d(sides[0], 16, 3, padding=1)

    def forward(self, lines: Tensor, hints: Tensor, text: Words, style: Tensor) -> Tensor:
        """Return pictures as large as the lines, (B, 4, 256, 256) in -1..1."""
        condition = self.condition(text, style, lines.new_zeros(len(lines), 1))
        seen = [F.pixel_unshuffle(lines, 2), F.interpolate(hints, scale_factor=2.0)]
        place = coordinates(seen[0]).expand(len(lines), -1, -1, -1)
        x = self.enter(torch.cat([*seen, place], 1))
        kept = []
        for level, block in enumerate(self.before):
            x = _conditioned(block, x, condition)
            if level < len(LEVELS):
                kept.append(x)
                x = self.down[level](x)
        for level in reversed(range(len(LEVELS))):
            x = F.interpolate(self.up[level](x), scale_factor=2.0)
            x = self.join[level](torch.cat([kept[level], x], 1))
            x = _conditioned(self.after[level], x, condition)
        made = F.pixel_shuffle(self.out(F.silu(self.norm(x))), 2).float().sigmoid()
        alpha = made[:, 3:]
        return torch.cat([made[:, :3] * alpha, alpha], 1) * 2 - 1


class PatchCritic(nn.Module):
    """Tells painted latents from true ones, patch by patch: each opinion is of 26 cells a side."""

    def __init__(self, width: int = 32) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            nn.Conv2d(4 + 1 + 4, width, 4, 2, 1), nn.LeakyReLU(0.2),
            nn.Conv2d(width, width * 2, 4, 2, 1), nn.LeakyReLU(0.2),
            nn.Conv2d(width * 2, width * 2, 3, padding=1), nn.LeakyReLU(0.2),
            nn.Conv2d(width * 2, 1, 3, padding=1),
        )  # fmt: skip

    def forward(self, latent: Tensor, lines: Tensor, hints: Tensor) -> Tensor:
        """Return (B, 1, 16, 16) opinions, high for what seems true."""
        scores: Tensor = self.layers(torch.cat([latent, F.avg_pool2d(lines, 4), hints], 1))
        return scores.float()


def count(net: nn.Module) -> int:
    """Count a network's weights."""
    return sum(parameter.numel() for parameter in net.parameters())


def _conditioned(block: nn.Module, x: Tensor, condition: Tensor) -> Tensor:
    assert isinstance(block, Block)
    result: Tensor = block(x, block.film(condition))
    return result
