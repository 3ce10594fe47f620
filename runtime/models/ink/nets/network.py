"""The networks of `ink`: words -> palette; sketch + palette -> colours; colours + lines -> art.

Shapes: lines (B, 1, 4n, 4n) ink coverage in 0..1; hints (B, 4, n, n) premultiplied RGBA of coloured
strokes; regions (B, 32, n, n) shares of cells, see `..regions`; latent (B, 4, n, n) premultiplied
RGBA in -1..1; palette (B, 6, 4) rows of OKLab and share. All drawing networks choose colours by
attention over the palette's six entries: what the palette says is what the picture can be painted
with, up to a learned shading residual.

Words and style reach the drawing networks as one vector each, made apart from the convolutions:
`ColourNet.films` and `LineDecoder.tint`. Low-rank adapters change only how these are made, so that
sessions with different adapters share a batch.
"""

from __future__ import annotations

from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ..layout import REGIONS, STYLES, TIGHT
from .colour import oklab_to_srgb
from .decide import decide
from .layers import (
    PALETTE_DIM,
    PALETTE_TOKEN,
    Attention,
    Block,
    Conditioning,
    PaletteTokens,
    PlainBlock,
    RegionPool,
    Widths,
    Words,
    coordinates,
    pack_palette,
    spread_hints,
    time_features,
)
from .upsampling import AROUND, pick

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
        drawn = F.silu(self.lines(F.pixel_unshuffle(lines, 4)))
        enclosed = torch.arange(REGIONS, device=regions.device) % TIGHT > 0
        inner = regions * enclosed.to(regions.dtype)[:, None, None]  # not open to the border
        filled = torch.cat(
            [spread_hints(hints, inner[:, :TIGHT]), spread_hints(hints, inner[:, TIGHT:])], 1
        )
        inputs = [F.pixel_unshuffle(x, 2) for x in (drawn, hints, latent)]
        inputs += [coordinates(inputs[0]), F.pixel_unshuffle(filled, 2)]
        halves = F.avg_pool2d(regions, 2)
        x = self.enter(torch.cat(inputs, 1))
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
        said, shade = torch.split(out + self.detail2(detail), [self.query + 1, 3], 1)
        said = said + self._agreed(said, inner[:, :TIGHT], self.bind(detail))
        query, alpha = torch.split(said, [self.query, 1], 1)
        logits = choose(query, self.keys(tokens))
        if decided:
            logits = decide(logits, alpha.sigmoid(), hints, regions, palette)
        return Painting(compose(mix(logits, palette), alpha, shade), logits)

    def _agreed(self, said: Tensor, regions: Tensor, bind: Tensor) -> Tensor:
        """Return by how much each cell moves to what its region says on average."""
        shares = regions.flatten(2)
        mean = shares @ said.flatten(2).transpose(1, 2) / (shares.sum(2, keepdim=True) + 1e-2)
        spread = (mean.transpose(1, 2) @ shares).reshape(said.shape)
        inside = regions.sum(1, keepdim=True)
        return bind.sigmoid() * (spread - said * inside)

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


class LineDecoder(nn.Module):
    """Paints premultiplied RGBA at the lines' resolution; fully convolutional and local.

    Nothing but convolutions and rectifiers up to half resolution, and one product with the palette
    for the four pixels of each cell there: that is what a CPU runs without moving memory.
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
        """Return premultiplied RGBA in 0..1 and logits, (B, h, w, 2, 2, 4 | 6), of 2h x 2w."""
        f = F.relu(self.lines(F.pixel_unshuffle(lines, 2)))
        tinted = tint[..., None, None].expand(-1, -1, *latent.shape[2:])
        a = self.enter(torch.cat([F.relu(self.down1(f)), latent, hints, tinted], 1))
        a = self.high1(F.relu(a))
        b = self.mid1(F.relu(self.down2(a)))
        c = self.low1(F.relu(self.down3(b)))
        b = b + F.interpolate(self.up3(c), scale_factor=2.0)
        a = self.high2(a + F.interpolate(self.up2(b), scale_factor=2.0))
        u = F.interpolate(self.up1(a), scale_factor=2.0)
        x = F.relu(self.blend(torch.cat([f, u], 1))).permute(0, 2, 3, 1)
        logits, rest = self._heads(x, self.keys(self.tokens(pack_palette(palette))))
        rgb = oklab_to_srgb(palette[..., :3])
        chosen = (logits.clamp(-20, 20) * sharpness).exp()
        mixed = chosen.flatten(1, 4) @ F.pad(rgb, (0, 1), value=1.0)  # (B, N, 4)
        painted = (mixed[..., :3] / mixed[..., 3:]).reshape(*logits.shape[:-1], 3)
        cover, trust, shade = torch.split(rest, [1, 1, 3], -1)
        painted = painted + trust.sigmoid() * (pick(self.beside(x), latent) - painted)
        painted = (painted + SHADING * shade.tanh()).clamp(0, 1)
        alpha = (cover * sharpness).sigmoid()
        return torch.cat([painted * alpha, alpha], -1), logits

    def _heads(self, x: Tensor, keys: Tensor) -> tuple[Tensor, Tensor]:
        """Compare pixels with the palette by one product: the keys go into the layer's weights."""
        batch, height, width, dim = x.shape
        weight = self.queries.weight.view(1, 4, self.query, dim)
        weight = torch.einsum("bek,xpkd->bdpe", keys, weight).flatten(2)  # (B, dim, 4 * 6)
        bias = (self.queries.bias.view(1, 4, self.query) @ keys.transpose(1, 2)).flatten(1)
        flat = x.reshape(batch, height * width, dim)
        logits = (flat @ weight + bias[:, None]).float()
        rest = self.rest(flat).float()
        place = (batch, height, width, 2, 2)
        return logits.reshape(*place, -1), rest.reshape(*place, -1)

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
        return Painting(unfold_pixels(rgba) * 2 - 1, unfold_pixels(logits))


class Painting(NamedTuple):
    """What a network painted, premultiplied in -1..1, and its logits of the palette's entries."""

    rgba: Tensor  # (B, 4, H, W)
    logits: Tensor  # (B, 6, H, W)


def unfold_pixels(x: Tensor) -> Tensor:
    """Lay the four pixels of each cell side by side: (B, h, w, 2, 2, C) -> (B, C, 2h, 2w)."""
    batch, height, width, _, _, channels = x.shape
    return x.permute(0, 5, 1, 3, 2, 4).reshape(batch, channels, height * 2, width * 2)


def choose(query: Tensor, keys: Tensor) -> Tensor:
    """Compare pixels with palette entries: queries (B, K, H, W), keys (B, 6, K) -> (B, 6, H, W)."""
    return torch.einsum("bkhw,bck->bchw", query, keys).float()


def mix(logits: Tensor, palette: Tensor) -> Tensor:
    """Mix the palette's colours by softmax: (B, 6, H, W) and (B, 6, 4) -> sRGB (B, 3, H, W)."""
    rgb = oklab_to_srgb(palette[..., :3])
    return torch.einsum("bchw,bcr->brhw", logits.softmax(1), rgb).float()


def compose(rgb: Tensor, alpha: Tensor, shade: Tensor) -> Tensor:
    """Join colours, coverage logits and shading into premultiplied RGBA in -1..1."""
    cover = alpha.float().sigmoid()
    shaded = (rgb + SHADING * shade.float().tanh()).clamp(0, 1)
    return torch.cat([shaded * cover, cover], 1) * 2 - 1


def channels_last(net: nn.Module) -> None:
    """Lay the filters of convolutions out as CPUs read them fastest, in place."""
    for parameter in net.parameters():
        if parameter.ndim == 4:
            parameter.data = parameter.data.contiguous(memory_format=torch.channels_last)
