"""The drawing networks of `ink`: sketch + palette -> colours; colours + lines -> art (`.decoder`).

Shapes: lines (B, 1, 4n, 4n) ink coverage in 0..1; hints (B, 4, n, n) premultiplied RGBA of coloured
strokes; regions (B, 32, n, n) shares of cells, see `drawing.regions`; latent (B, 4, n, n)
premultiplied RGBA in -1..1; palette (B, 6, 4) rows of OKLab and share. All drawing networks choose
colours by attention over the palette's six entries: what the palette says is what the picture can
be painted with, up to a learned shading residual.

Words and style reach the drawing networks as one vector each, made apart from the convolutions:
`ColourNet.films` and the decoder's `tint`. Low-rank adapters change only how these are made, so
that sessions with different adapters share a batch.
"""

from __future__ import annotations

from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ...layout import REGIONS, TIGHT
from .colour import oklab_to_srgb
from .decide import decide
from .layers import (
    PALETTE_DIM,
    PALETTE_TOKEN,
    Attention,
    Block,
    Conditioning,
    PaletteTokens,
    RegionPool,
    Widths,
    Words,
    block_kernel,
    coordinates,
    flat,
    on_blocks,
    pack_palette,
    shaped,
    sizes,
    spread_hints,
    time_features,
)

SHADING = 0.35  # the most that the residual may change a premultiplied channel


class ColourNet(nn.Module):
    """Predicts the picture at a quarter of the lines' resolution: a draft, or its refinement."""

    query = 16

    def __init__(self, widths: Widths) -> None:
        super().__init__()
        top, mid, low = widths.colour
        dim = widths.condition
        self.condition = Conditioning(dim, PALETTE_DIM + 16)
        self.tokens = PaletteTokens()
        self.keys = nn.Linear(PALETTE_TOKEN, self.query)
        self.lines = nn.Conv2d(16, 24, 3, padding=1)
        self.enter = nn.Conv2d(24 * 4 + 16 + 16 + 2 + 32, top, 1)
        self.top1, self.top2 = Block(top, dim), Block(top, dim)
        self.region1, self.region2 = RegionPool(top), RegionPool(top)
        self.down1 = nn.Conv2d(top, mid, 3, 2, 1)
        self.mid1, self.mid2 = Block(mid, dim), Block(mid, dim)
        self.look1, self.look2 = Attention(mid, 4), Attention(low, 8)
        self.down2 = nn.Conv2d(mid, low, 3, 2, 1)
        self.low1, self.low2 = Block(low, dim), Block(low, dim)
        self.up2 = nn.Conv2d(low, mid, 1)
        self.up1 = nn.Conv2d(mid, top, 1)
        self.join2, self.join1 = nn.Conv2d(mid * 2, mid, 1), nn.Conv2d(top * 2, top, 1)
        self.norm = nn.GroupNorm(8, top)
        self.out = nn.Conv2d(top, (self.query + 4) * 4, 3, padding=1)
        self.detail1 = nn.Conv2d(24 + self.query + 4, 32, 3, padding=1)  # sees the lines again
        self.detail2 = nn.Conv2d(32, self.query + 4, 3, padding=1)
        self.bind = nn.Conv2d(32, 1, 3, padding=1)  # how far a cell yields to its region
        nn.init.zeros_(self.detail2.weight)
        nn.init.zeros_(self.bind.weight)

    def blocks(self) -> tuple[Block, ...]:
        """Return the blocks in the order in which `films` speaks to them."""
        return self.top1, self.mid1, self.low1, self.low2, self.mid2, self.top2

    def films(self, time: Tensor, palette: Tensor, text: Words, style: Tensor) -> Tensor:
        """Return all scales and shifts of the blocks, joined: (B, F)."""
        packed = pack_palette(palette)
        condition = self.condition(text, style, torch.cat([packed, time_features(time)], 1))
        return torch.cat([block.film(condition) for block in self.blocks()], 1)

    def paint(
        self,
        latent: Tensor,
        lines: Tensor,
        hints: Tensor,
        regions: Tensor,
        palette: Tensor,
        films: Tensor,
        decided: bool = False,
    ) -> Painting:
        """Predict the picture anew, from nothing (zeros, at time 0) or from the last prediction.

        Colours are mixed as likely as they are, or `decided`, as pictures are made.
        """
        film = torch.split(films, [block.film.out_features for block in self.blocks()], 1)
        tokens = self.tokens(pack_palette(palette))
        drawn = F.silu(on_blocks(self.lines, lines, 4))
        enclosed = torch.arange(REGIONS, device=regions.device)[:, None] % TIGHT > 0
        inner = flat(regions) * enclosed.to(regions.dtype)  # not open to the border
        tight, loose = torch.split(inner, [TIGHT, REGIONS - TIGHT], 1)
        filled = [shaped(spread_hints(flat(hints), part), hints) for part in (tight, loose)]
        halves = F.avg_pool2d(regions, 2)
        x = self._entered([drawn, hints, latent], filled)
        a = self.region1(self.top1(x, film[0]), halves)
        b = self.look1(self.mid1(self.down1(a), film[1]), tokens)
        c = self.low1(self.down2(b), film[2])
        c = self.low2(self.look2(c, tokens), film[3])
        b = self.join2(torch.cat([b, F.interpolate(self.up2(c), scale_factor=2.0)], 1))
        b = self.mid2(b, film[4])
        a = self.join1(torch.cat([a, F.interpolate(self.up1(b), scale_factor=2.0)], 1))
        a = self.region2(self.top2(a, film[5]), halves)
        out = F.pixel_shuffle(self.out(F.silu(self.norm(a))), 2)
        detail = F.silu(self.detail1(torch.cat([drawn, out], 1)))
        choice, shade = torch.split(flat(out + self.detail2(detail)), [self.query + 1, 3], 1)
        choice = choice + self._agreed(choice, tight, flat(self.bind(detail)))
        query, alpha = torch.split(choice, [self.query, 1], 1)
        logits = (self.keys(tokens) @ query).float()
        if decided:
            logits = decide(logits, alpha.sigmoid(), hints, tight, palette)
        painted = compose(mix(logits, palette), alpha, shade)
        return Painting(shaped(painted, hints), shaped(logits, hints))

    def _entered(self, maps: list[Tensor], filled: list[Tensor]) -> Tensor:
        """Take maps in, four cells as one, with the place that each has."""
        widths = [4 * sum(sizes(part)[0] for part in parts) for parts in (maps, filled)]
        first, place, last = torch.split(self.enter.weight, [widths[0], 2, widths[1]], 1)
        kernel = torch.cat([block_kernel(first, 2), block_kernel(last, 2)], 1)
        x = F.conv2d(torch.cat([*maps, *filled], 1), kernel, stride=2)
        return x + F.conv2d(coordinates(x), place, self.enter.bias)

    def _agreed(self, choice: Tensor, shares: Tensor, bind: Tensor) -> Tensor:
        """Return by how much each cell moves to the mean of its region."""
        mean = shares @ choice.transpose(1, 2) / (shares.sum(2, keepdim=True) + 1e-2)
        spread = mean.transpose(1, 2) @ shares
        return bind.sigmoid() * (spread - choice * shares.sum(1, keepdim=True))

    def forward(
        self,
        latent: Tensor,
        time: Tensor,
        lines: Tensor,
        hints: Tensor,
        regions: Tensor,
        palette: Tensor,
        text: Words,
        style: Tensor,
        decided: bool = False,
    ) -> Painting:
        """Make the films and paint."""
        films = self.films(time, palette, text, style)
        return self.paint(latent, lines, hints, regions, palette, films, decided)


class Painting(NamedTuple):
    """What a network painted, premultiplied in -1..1, and its logits of the palette's entries."""

    rgba: Tensor  # (B, 4, H, W)
    logits: Tensor  # (B, 6, H, W)


def mix(logits: Tensor, palette: Tensor) -> Tensor:
    """Mix the palette's colours by softmax: (B, 6, N) and (B, 6, 4) -> sRGB (B, 3, N)."""
    rgb = oklab_to_srgb(palette[..., :3])
    return (rgb.transpose(1, 2) @ logits.softmax(1)).float()


def compose(rgb: Tensor, alpha: Tensor, shade: Tensor) -> Tensor:
    """Join colours, coverage logits and shading, (B, C, N), into premultiplied RGBA in -1..1."""
    cover = alpha.float().sigmoid()
    shaded = (rgb + SHADING * shade.float().tanh()).clamp(0, 1)
    return torch.cat([shaded * cover, cover], 1) * 2 - 1


def channels_last(net: nn.Module) -> None:
    """Lay the filters of convolutions out as CPUs read them fastest, in place."""
    for parameter in net.parameters():
        if parameter.ndim == 4:
            parameter.data = parameter.data.contiguous(memory_format=torch.channels_last)
