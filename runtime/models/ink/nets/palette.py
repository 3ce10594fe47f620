"""Words -> palette: the flow that draws the colours of a picture before it is painted."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from .layers import PALETTE_DIM, Conditioning, Widths, Words, time_features


class PaletteNet(nn.Module):
    """Velocity of a rectified flow over palettes, given the words and the style."""

    def __init__(self, widths: Widths) -> None:
        super().__init__()
        dim = widths.palette
        self.condition = Conditioning(dim, PALETTE_DIM + 16)
        self.layers = nn.ModuleList(
            nn.Sequential(
                nn.LayerNorm(dim * 2), nn.Linear(dim * 2, dim), nn.SiLU(), nn.Dropout(0.1)
            )
            for _ in range(4)
        )
        self.out = nn.Linear(dim, PALETTE_DIM)

    def forward(self, noisy: Tensor, time: Tensor, text: Words, style: Tensor) -> Tensor:
        """Return d(palette)/dt, (B, 24), in the units of `pack_palette`."""
        condition = self.condition(text, style, torch.cat([noisy, time_features(time)], 1))
        x = condition
        for layer in self.layers:
            x = x + layer(torch.cat([x, condition], 1))
        result: Tensor = self.out(x)
        return result
