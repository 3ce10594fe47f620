"""The decoder of `ink`: coarse colours and lines to a picture along the lines.

What it does for each pixel runs on planes, the pixels of one cell in a row: a CPU is fast where
many numbers that are treated alike lie side by side.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ...layout import COLOURS, STYLES
from .colour import oklab_to_srgb
from .colour_net import SHADING, Painting
from .layers import (
    PALETTE_TOKEN,
    PaletteTokens,
    PlainBlock,
    Widths,
    on_blocks,
    pack_palette,
)
from .upsampling import AROUND, FIRMNESS, bilinear, pick

SHARPNESS = 1.5  # of choice and coverage, against training: fewer in-between colours, thin rims
MOST = 20.0  # of a logit: what is more likely is certain


class LineDecoder(nn.Module):
    """Paints RGBA at the lines' resolution; fully convolutional and local.

    Nothing but convolutions and rectifiers up to half resolution, and one product with the palette
    for the four pixels of each place there.
    """

    query = 8
    tint_dim = 8

    def __init__(self, widths: Widths) -> None:
        super().__init__()
        fine, high, mid, low = widths.decoder
        self.tint = nn.Embedding(len(STYLES), self.tint_dim)
        self.tokens = PaletteTokens()
        self.keys = nn.Linear(PALETTE_TOKEN, self.query)
        self.lines = nn.Conv2d(4, fine, 3, padding=1)
        self.down1 = nn.Conv2d(fine, high, 3, 2, 1)
        self.enter = nn.Conv2d(high + 8 + self.tint_dim, high, 1)
        self.high1, self.high2 = PlainBlock(high), PlainBlock(high)
        self.down2 = nn.Conv2d(high, mid, 3, 2, 1)
        self.mid1 = PlainBlock(mid)
        self.down3 = nn.Conv2d(mid, low, 3, 2, 1)
        self.low1 = PlainBlock(low)
        self.up3, self.up2 = nn.Conv2d(low, mid, 1), nn.Conv2d(mid, high, 1)
        self.up1 = nn.Conv2d(high, fine, 1)
        self.blend = nn.Conv2d(fine * 2, fine * 2, 3, padding=1)
        self.queries = nn.Linear(fine * 2, self.query * 4)
        self.rest = nn.Linear(fine * 2, 5 * 4)  # alpha, trust, shade
        self.beside = nn.Linear(fine * 2, AROUND * 4)  # which of the cells around it a pixel picks
        nn.init.zeros_(self.beside.weight)
        nn.init.zeros_(self.beside.bias)

    def paint(
        self,
        latent: Tensor,
        lines: Tensor,
        hints: Tensor,
        palette: Tensor,
        tint: Tensor,
        sharpness: float = 1.0,
    ) -> tuple[Tensor, Tensor]:
        """Return straight RGBA in 0..1 and sharpened logits, (B, 4 | 6, h, w, 2, 2, 2, 2).

        Of an axis of 4 h pixels each cell has two halves, and each half two pixels: the axes are
        cells down and right, halves down and right, pixels down and right.
        """
        f = F.relu(on_blocks(self.lines, lines, 2))
        tinted = tint[..., None, None].expand(-1, -1, *latent.shape[2:])
        a = self.enter(torch.cat([F.relu(self.down1(f)), latent, hints, tinted], 1))
        a = self.high1(F.relu(a))
        b = self.mid1(F.relu(self.down2(a)))
        c = self.low1(F.relu(self.down3(b)))
        b = b + F.interpolate(self.up3(c), scale_factor=2.0)
        a = self.high2(a + F.interpolate(self.up2(b), scale_factor=2.0))
        u = F.interpolate(self.up1(a), scale_factor=2.0)
        halves = F.relu(self.blend(torch.cat([f, u], 1)))
        rgba, logits = self._pixels(_by_cells(halves), latent, palette, sharpness)
        place = (-1, 4, *latent.shape[2:], 2, 2, 2, 2)
        return rgba.reshape(place), logits.reshape(-1, COLOURS, *place[2:])

    def _pixels(
        self, halves: Tensor, latent: Tensor, palette: Tensor, sharpness: float
    ) -> tuple[Tensor, Tensor]:
        """Return RGBA and logits by planes, (B, 4 | 6, N), of half cells (B, N / 4, dim)."""
        cells = latent.shape[2] * latent.shape[3]
        keys = self.keys(self.tokens(pack_palette(palette))) * sharpness
        logits = self._compared(halves, keys).reshape(-1, cells * 16, COLOURS)
        chosen = logits.clamp(-MOST * sharpness, MOST * sharpness).exp()
        rgb = F.pad(oklab_to_srgb(palette[..., :3]), (0, 1), value=1.0)
        mixed, whole = torch.split(rgb.transpose(1, 2) @ chosen.transpose(1, 2), [3, 1], 1)
        one = halves.reshape(-1, halves.shape[2])
        rest = self.rest(one).float().reshape(-1, cells * 16, 5).transpose(1, 2)
        cover, trust, shade = torch.split(rest, [1, 1, 3], 1)
        aside = self.beside.bias.reshape(4, AROUND).repeat(4, 1)  # the same in all halves
        log_weights = F.linear(one, self.beside.weight * FIRMNESS).reshape(-1, cells, 16, AROUND)
        picked = pick(log_weights + (aside * FIRMNESS + bilinear().to(aside)), latent)
        painted = mixed / whole
        painted = painted + trust.sigmoid() * (picked - painted)
        painted = (painted + SHADING * shade.tanh()).clamp(0, 1)
        rgba = torch.cat([painted, (cover * sharpness).sigmoid()], 1)
        return rgba, logits.transpose(1, 2)

    def _compared(self, halves: Tensor, keys: Tensor) -> Tensor:
        """Compare with the palette by one product: the keys go into the layer's weights."""
        weight = self.queries.weight.reshape(1, 4, self.query, -1)
        weight = torch.einsum("bek,xpkd->bdpe", keys, weight).flatten(2)  # (B, dim, 4 * 6)
        bias = (self.queries.bias.reshape(1, 4, self.query) @ keys.transpose(1, 2)).flatten(1)
        return (halves @ weight + bias[:, None]).float()

    def forward(
        self,
        latent: Tensor,
        lines: Tensor,
        hints: Tensor,
        palette: Tensor,
        style: Tensor,
        sharpness: float = 1.0,
    ) -> Painting:
        """Return a picture as large as the lines."""
        rgba, logits = self.paint(latent, lines, hints, palette, self.tint(style), sharpness)
        rgb, alpha = torch.split(unfold_pixels(rgba), [3, 1], 1)
        return Painting(torch.cat([rgb * alpha, alpha], 1) * 2 - 1, unfold_pixels(logits))


def _by_cells(halves: Tensor) -> Tensor:
    """Order maps at half resolution by cells: (B, C, 2h, 2w) -> (B, h w 4, C)."""
    channels, height, width = halves.shape[1:]
    rows = halves.permute(0, 2, 3, 1).reshape(-1, height // 2, 2, width // 2, 2, channels)
    return rows.permute(0, 1, 3, 2, 4, 5).reshape(-1, height * width, channels)


def unfold_pixels(x: Tensor) -> Tensor:
    """Lay the pixels of cells side by side: (B, C, h, w, 2, 2, 2, 2) -> (B, C, 4h, 4w)."""
    channels, height, width = x.shape[1:4]
    return x.permute(0, 1, 2, 4, 6, 3, 5, 7).reshape(-1, channels, height * 4, width * 4)
