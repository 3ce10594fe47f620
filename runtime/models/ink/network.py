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
from .text import DIM as TEXT_DIM
from .text import EncodedText

STYLES = ("flat", "shaded", "3d", "noto")
COLOURS = 6
PALETTE_DIM = COLOURS * 4
PALETTE_TOKEN = 48
SHADING = 0.35  # the most that the residual may change a premultiplied channel


@dataclass(frozen=True)
class Widths:
    """Channel counts: of the colour net at 32, 16 and 8 cells a side, and of the decoder."""

    colour: tuple[int, int, int] = (48, 112, 256)
    decoder: tuple[int, int, int, int] = (16, 48, 80, 128)
    condition: int = 256
    palette: int = 384


class Conditioning(nn.Module):
    """Prompt, style and palette as one vector: the mean of the words, and learned looks at them."""

    def __init__(self, dim: int, extra: int, looks: int = 4) -> None:
        super().__init__()
        self.looks = nn.Parameter(torch.randn(looks, TEXT_DIM) * TEXT_DIM**-0.5)
        self.position = nn.Parameter(torch.zeros(32, TEXT_DIM))
        self.style = nn.Embedding(len(STYLES), dim)
        self.words = nn.Linear(TEXT_DIM * (looks + 1), dim)
        self.extra = nn.Linear(extra, dim)
        self.mix = nn.Sequential(nn.SiLU(), nn.Linear(dim, dim), nn.SiLU())

    def forward(self, text: EncodedText, style: Tensor, extra: Tensor) -> Tensor:
        keys = text.pieces + self.position[: text.pieces.shape[1]]
        score = (keys @ self.looks.T).masked_fill(~text.mask[..., None], -1e4)
        seen = torch.einsum("btk,btd->bkd", score.softmax(1), text.pieces).flatten(1)
        words = self.words(torch.cat([text.mean, seen], 1))
        result: Tensor = self.mix(words + self.style(style) + self.extra(extra))
        return result


class PaletteNet(nn.Module):
    """Velocity of a rectified flow over palettes, given the words and the style."""

    def __init__(self, widths: Widths) -> None:
        super().__init__()
        dim = widths.palette
        self.condition = Conditioning(dim, PALETTE_DIM + 16)
        self.layers = nn.ModuleList(
            nn.Sequential(
                nn.LayerNorm(dim * 2), nn.Linear(dim * 2, dim), nn.SiLU(), nn.Dropout(0.2)
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


class Block(nn.Module):
    """Two 3x3 convolutions with a scale and shift from the condition between them."""

    def __init__(self, width: int, condition: int) -> None:
        super().__init__()
        self.norm1, self.norm2 = nn.GroupNorm(8, width), nn.GroupNorm(8, width)
        self.conv1 = nn.Conv2d(width, width, 3, padding=1)
        self.conv2 = nn.Conv2d(width, width, 3, padding=1)
        self.film = nn.Linear(condition, width * 2)
        nn.init.zeros_(self.conv2.weight)

    def forward(self, x: Tensor, condition: Tensor) -> Tensor:
        scale, shift = self.film(condition)[..., None, None].chunk(2, 1)
        h = self.conv1(F.silu(self.norm1(x)))
        h = F.silu(self.norm2(h) * (1 + scale) + shift)
        result: Tensor = x + self.conv2(h)
        return result


class Attention(nn.Module):
    """Self-attention over cells, which also look at the palette's entries."""

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.norm = nn.GroupNorm(8, width)
        self.project = nn.Linear(width, width * 3)
        self.entries = nn.Linear(PALETTE_TOKEN, width * 2)
        self.out = nn.Linear(width, width)
        nn.init.zeros_(self.out.weight)

    def forward(self, x: Tensor, tokens: Tensor) -> Tensor:
        cells = self.norm(x).flatten(2).transpose(1, 2)
        q, k, v = self.project(cells).chunk(3, -1)
        more_k, more_v = self.entries(tokens).chunk(2, -1)
        k, v = torch.cat([k, more_k], 1), torch.cat([v, more_v], 1)
        seen = F.scaled_dot_product_attention(self._split(q), self._split(k), self._split(v))
        seen = self.out(seen.transpose(1, 2).flatten(2))
        result: Tensor = x + seen.transpose(1, 2).reshape(x.shape)
        return result

    def _split(self, cells: Tensor) -> Tensor:
        return cells.view(*cells.shape[:2], self.heads, -1).transpose(1, 2)


class PaletteTokens(nn.Module):
    """One token for each entry of the palette."""

    def __init__(self) -> None:
        super().__init__()
        self.net = nn.Sequential(
            nn.Linear(4 + COLOURS, 64), nn.SiLU(), nn.Linear(64, PALETTE_TOKEN)
        )

    def forward(self, packed: Tensor) -> Tensor:
        rank = torch.eye(COLOURS, dtype=packed.dtype, device=packed.device)
        entries = packed.view(-1, COLOURS, 4)
        result: Tensor = self.net(torch.cat([entries, rank.expand(len(packed), -1, -1)], -1))
        return result


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


def compose(rgb: Tensor, alpha: Tensor, shade: Tensor) -> Tensor:
    """Join colours, coverage logits and shading into premultiplied RGBA in -1..1."""
    cover = alpha.float().sigmoid()
    shaded = (rgb + SHADING * shade.float().tanh()).clamp(0, 1)
    return torch.cat([shaded * cover, cover], 1) * 2 - 1


def pack_palette(palette: Tensor) -> Tensor:
    """Flatten (B, 6, 4) palettes to (B, 24) of about unit variance."""
    offset = palette.new_tensor([0.68, 0.02, 0.04, 0.0])
    scale = palette.new_tensor([4.5, 12.0, 12.0, 3.0])
    return ((palette - offset) * scale).flatten(1)


def unpack_palette(packed: Tensor) -> Tensor:
    """Undo `pack_palette`; shares become non-negative with sum 1, lightness stays in 0..1."""
    entries = packed.view(-1, COLOURS, 4)
    lab = entries[..., :3] / packed.new_tensor([4.5, 12.0, 12.0])
    lab = lab + packed.new_tensor([0.68, 0.02, 0.04])
    share = (entries[..., 3:] / 3.0).clamp(min=1e-3)
    light = lab[..., :1].clamp(0.0, 1.0)
    return torch.cat([light, lab[..., 1:], share / share.sum(1, keepdim=True)], -1)


def channels_last(net: nn.Module) -> None:
    """Lay the filters of convolutions out as CPUs read them fastest, in place."""
    for parameter in net.parameters():
        if parameter.ndim == 4:
            parameter.data = parameter.data.contiguous(memory_format=torch.channels_last)


def time_features(time: Tensor) -> Tensor:
    """Return 16 sinusoids of times in 0..1, (B,) -> (B, 16)."""
    angle = time[:, None] * (2.0 ** torch.arange(8, device=time.device)) * 1.5
    return torch.cat([angle.sin(), angle.cos()], 1)


def coordinates(x: Tensor) -> Tensor:
    """Return the cells' places in -1..1, (B, 2, H, W)."""
    height, width = x.shape[-2:]
    down = torch.linspace(-1, 1, height, device=x.device, dtype=x.dtype)
    right = torch.linspace(-1, 1, width, device=x.device, dtype=x.dtype)
    grid = torch.stack(torch.meshgrid(down, right, indexing="ij"))
    return grid.expand(len(x), -1, -1, -1)
