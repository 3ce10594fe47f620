"""The networks of `ink`: words -> palette; sketch + palette -> colours; colours + lines -> art.

Shapes: lines (B, 1, 4n, 4n) ink coverage in 0..1; hints (B, 4, n, n) premultiplied RGBA of coloured
strokes; latent (B, 4, n, n) premultiplied RGBA in -1..1; palette (B, 6, 4) rows of OKLab and share.
All drawing networks choose colours by attention over the palette's six entries: what the palette
says is what the picture can be painted with, up to a learned shading residual.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from .colour import oklab_to_srgb
from .layers import (
    PALETTE_DIM,
    PALETTE_TOKEN,
    STYLES,
    Attention,
    Block,
    Conditioning,
    PaletteTokens,
    coordinates,
    pack_palette,
    time_features,
)
from .text import EncodedText

SHADING = 0.35  # the most that the residual may change a premultiplied channel


@dataclass(frozen=True)
class Widths:
    """Channel counts: of the colour net at 32, 16 and 8 cells a side, and of the decoder."""

    colour: tuple[int, int, int] = (48, 112, 256)
    decoder: tuple[int, int, int, int] = (16, 48, 80, 128)
    condition: int = 256
    palette: int = 384


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

    def forward(self, noisy: Tensor, time: Tensor, text: EncodedText, style: Tensor) -> Tensor:
        """Return d(palette)/dt, (B, 24), in the units of `pack_palette`."""
        condition = self.condition(text, style, torch.cat([noisy, time_features(time)], 1))
        x = condition
        for layer in self.layers:
            x = x + layer(torch.cat([x, condition], 1))
        result: Tensor = self.out(x)
        return result


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
        self.enter = nn.Conv2d(24 * 4 + 16 + 16 + 2, top, 1)
        self.top1, self.top2 = Block(top, dim), Block(top, dim)
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
        nn.init.zeros_(self.detail2.weight)

    def forward(
        self,
        latent: Tensor,
        time: Tensor,
        lines: Tensor,
        hints: Tensor,
        palette: Tensor,
        text: EncodedText,
        style: Tensor,
        sharpness: float = 1.0,
    ) -> Painting:
        """Predict the picture anew, from nothing (zeros, at time 0) or from the last prediction."""
        packed = pack_palette(palette)
        condition = self.condition(text, style, torch.cat([packed, time_features(time)], 1))
        tokens = self.tokens(packed)
        drawn = F.silu(self.lines(F.pixel_unshuffle(lines, 4)))
        inputs = [F.pixel_unshuffle(x, 2) for x in (drawn, hints, latent)]
        x = self.enter(torch.cat([*inputs, coordinates(inputs[0])], 1))
        a = self.top1(x, condition)
        b = self.look1(self.mid1(self.down1(a), condition), tokens)
        c = self.low1(self.down2(b), condition)
        c = self.low2(self.look2(c, tokens), condition)
        b = self.join2(torch.cat([b, F.interpolate(self.up2(c), scale_factor=2.0)], 1))
        b = self.mid2(b, condition)
        a = self.join1(torch.cat([a, F.interpolate(self.up1(b), scale_factor=2.0)], 1))
        a = F.silu(self.norm(self.top2(a, condition)))
        out = F.pixel_shuffle(self.out(a), 2)
        out = out + self.detail2(F.silu(self.detail1(torch.cat([drawn, out], 1))))
        query, alpha, shade = torch.split(out, [self.query, 1, 3], 1)
        logits = choose(query, self.keys(tokens))
        return Painting(compose(mix(logits, palette, sharpness), alpha, shade), logits)


class LineDecoder(nn.Module):
    """Paints premultiplied RGBA at the lines' resolution; fully convolutional and local."""

    query = 12

    def __init__(self, widths: Widths) -> None:
        super().__init__()
        fine, high, mid, low = widths.decoder
        self.style = nn.Embedding(len(STYLES), 32)
        self.tokens = PaletteTokens()
        self.keys = nn.Linear(PALETTE_TOKEN, self.query)
        self.lines = nn.Conv2d(4, fine, 3, padding=1)
        self.down1 = nn.Conv2d(fine, high - 8, 3, 2, 1)
        self.high1, self.high2 = Block(high, 32), Block(high, 32)
        self.down2 = nn.Conv2d(high, mid, 3, 2, 1)
        self.mid1 = Block(mid, 32)
        self.down3 = nn.Conv2d(mid, low, 3, 2, 1)
        self.low1 = Block(low, 32)
        self.up3, self.up2 = nn.Conv2d(low, mid, 1), nn.Conv2d(mid, high, 1)
        self.up1 = nn.Conv2d(high, fine, 1)
        self.blend = nn.Conv2d(fine * 2, fine * 2, 3, padding=1)
        self.out = nn.Conv2d(fine * 2, (self.query + 5) * 4, 1)

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
        condition = self.style(style)
        f = F.silu(self.lines(F.pixel_unshuffle(lines, 2)))
        a = self.high1(torch.cat([self.down1(f), latent, hints], 1), condition)
        b = self.mid1(self.down2(a), condition)
        c = self.low1(self.down3(b), condition)
        b = b + F.interpolate(self.up3(c), scale_factor=2.0)
        a = self.high2(a + F.interpolate(self.up2(b), scale_factor=2.0), condition)
        u = F.interpolate(self.up1(a), scale_factor=2.0, mode="bilinear")
        out = F.pixel_shuffle(self.out(F.silu(self.blend(torch.cat([f, u], 1)))), 2)
        query, alpha, trust, shade = torch.split(out, [self.query, 1, 1, 3], 1)
        logits = choose(query, self.keys(self.tokens(pack_palette(palette))))
        rgb = mix(logits, palette, sharpness)
        coarse = F.interpolate(latent, scale_factor=4.0, mode="bilinear").float() / 2 + 0.5
        coarse_rgb = coarse[:, :3] / coarse[:, 3:].clamp(min=0.05)
        rgb = torch.lerp(rgb, coarse_rgb.clamp(0, 1), trust.float().sigmoid())
        return Painting(compose(rgb, alpha, shade), logits)


class Painting(NamedTuple):
    """What a network painted, premultiplied in -1..1, and its logits of the palette's entries."""

    rgba: Tensor  # (B, 4, H, W)
    logits: Tensor  # (B, 6, H, W)


def choose(query: Tensor, keys: Tensor) -> Tensor:
    """Compare pixels with palette entries: queries (B, K, H, W), keys (B, 6, K) -> (B, 6, H, W)."""
    return torch.einsum("bkhw,bck->bchw", query, keys).float()


def mix(logits: Tensor, palette: Tensor, sharpness: float) -> Tensor:
    """Mix the palette's colours by softmax: (B, 6, H, W) and (B, 6, 4) -> sRGB (B, 3, H, W)."""
    rgb = oklab_to_srgb(palette[..., :3])
    return torch.einsum("bchw,bcr->brhw", (logits * sharpness).softmax(1), rgb).float()


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
