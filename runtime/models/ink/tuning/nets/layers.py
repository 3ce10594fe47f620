"""What the networks of `ink` are made of: conditioning, blocks, attention, palette entries."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ...layout import COLOURS, ENOUGH, ENOUGH_CELLS, REGIONS, STYLES, TEXT_DIM

PALETTE_DIM = COLOURS * 4
PALETTE_TOKEN = 48


@dataclass(frozen=True)
class Widths:
    """Channel counts: of the colour net at 32, 16 and 8 cells a side, and of the decoder."""

    colour: tuple[int, int, int] = (48, 112, 256)
    decoder: tuple[int, int, int, int] = (16, 32, 64, 96)
    condition: int = 256
    palette: int = 384


class Words(NamedTuple):
    """A batch of prompts, as `words.text.EncodedText` but of tensors."""

    pieces: Tensor  # (B, T, 128), zero where mask is false
    mask: Tensor  # (B, T)
    mean: Tensor  # (B, 128)

    def to(self, device: torch.device) -> Words:
        """Move the batch to a device."""
        return Words(*(part.to(device, non_blocking=True) for part in self))


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

    def forward(self, text: Words, style: Tensor, extra: Tensor) -> Tensor:
        keys = text.pieces + self.position[: text.pieces.shape[1]]
        score = (keys @ self.looks.T).masked_fill(~text.mask[..., None], -1e4)
        seen = torch.einsum("btk,btd->bkd", score.softmax(1), text.pieces).flatten(1)
        words = self.words(torch.cat([text.mean, seen], 1))
        result: Tensor = self.mix(words + self.style(style) + self.extra(extra))
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

    def forward(self, x: Tensor, film: Tensor) -> Tensor:
        """Apply with the scale and shift that `self.film` made of the condition, (B, 2 width)."""
        scale, shift = film[..., None, None].chunk(2, 1)
        h = self.conv1(F.silu(self.norm1(x)))
        h = F.silu(self.norm2(h) * (1 + scale) + shift)
        result: Tensor = x + self.conv2(h)
        return result


class PlainBlock(nn.Module):
    """Two 3x3 convolutions and a way around them, without norms: a CPU runs them in one layout."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(width, width, 3, padding=1)
        self.conv2 = nn.Conv2d(width, width, 3, padding=1)
        nn.init.zeros_(self.conv2.weight)

    def forward(self, x: Tensor) -> Tensor:
        result: Tensor = F.relu(x + self.conv2(F.relu(self.conv1(x))))
        return result


class Attention(nn.Module):
    """Self-attention over cells, which also look at the palette's entries."""

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.heads, self.width = heads, width
        self.norm = nn.GroupNorm(8, width)
        self.project = nn.Linear(width, width * 3)
        self.entries = nn.Linear(PALETTE_TOKEN, width * 2)
        self.out = nn.Linear(width, width)
        nn.init.zeros_(self.out.weight)

    def forward(self, x: Tensor, tokens: Tensor) -> Tensor:
        cells = flat(self.norm(x)).transpose(1, 2)
        q, k, v = self.project(cells).chunk(3, -1)
        more_k, more_v = self.entries(tokens).chunk(2, -1)
        k, v = torch.cat([k, more_k], 1), torch.cat([v, more_v], 1)
        seen = F.scaled_dot_product_attention(self._split(q), self._split(k), self._split(v))
        seen = self.out(seen.transpose(1, 2).reshape(-1, *sizes(cells)))
        return x + shaped(seen.transpose(1, 2), x)

    def _split(self, cells: Tensor) -> Tensor:
        one = self.width // self.heads
        return cells.reshape(-1, sizes(cells)[0], self.heads, one).transpose(1, 2)


class RegionPool(nn.Module):
    """Shares features among the cells of one region of the line art.

    Regions are (B, K, H, W) shares of cells, see `drawing.regions`. Features are averaged over each
    region, changed by a small network that knows the region's size, and added back to its cells.
    """

    def __init__(self, width: int) -> None:
        super().__init__()
        self.enter = nn.Linear(width + 1 + REGIONS, width * 2)
        self.out = nn.Linear(width * 2, width)
        nn.init.zeros_(self.out.weight)
        nn.init.zeros_(self.out.bias)

    def forward(self, x: Tensor, regions: Tensor) -> Tensor:
        shares = flat(regions)
        mass = shares.sum(2, keepdim=True)
        pooled = shares @ flat(x).transpose(1, 2) / (mass + 1e-2)
        size = (mass / sizes(shares)[1]).to(x.dtype).sqrt()
        pooling, sized, ranked = torch.split(self.enter.weight, [sizes(x)[0], 1, REGIONS], 1)
        rank = ranked.t() + self.enter.bias  # a region is known by its number, as one of 32 inputs
        update = self.out(F.silu(F.linear(pooled, pooling) + size * sized.t() + rank))
        return x + shaped(update.transpose(1, 2) @ shares, x)


def flat(maps: Tensor) -> Tensor:
    """Flatten maps (B, C, H, W) to (B, C, H W)."""
    channels, height, width = sizes(maps)
    return maps.reshape(-1, channels, height * width)


def shaped(cells: Tensor, like: Tensor) -> Tensor:
    """Lay flattened maps (B, C, H W) out as those they are `like`."""
    return cells.reshape(-1, sizes(cells)[0], *sizes(like)[1:])


def sizes(x: Tensor) -> list[int]:
    """Return all but the first axis' size, traced as numbers: a graph need not find them out."""
    return [int(size) for size in x.shape[1:]]


def block_kernel(weight: Tensor, side: int) -> Tensor:
    """Return the kernel (O, C, side k, side k) that does on pixels what one (O, C side², k, k) does
    on their blocks: convolved with `stride=side`, it spares `pixel_unshuffle(x, side)`.
    """
    channels, kernel, _ = sizes(weight)
    parts = weight.reshape(-1, channels // side**2, side, side, kernel, kernel)
    across = kernel * side
    return parts.permute(0, 1, 4, 2, 5, 3).reshape(-1, channels // side**2, across, across)


def on_blocks(conv: nn.Conv2d, x: Tensor, side: int) -> Tensor:
    """Return `conv(pixel_unshuffle(x, side))`."""
    kernel, margin = block_kernel(conv.weight, side), conv.kernel_size[0] // 2 * side
    return F.conv2d(x, kernel, conv.bias, stride=side, padding=margin)


def enough(area: Tensor) -> Tensor:
    """Return how many inked cells make a stroke count in full in regions of an area in cells."""
    return (ENOUGH * area).clamp(*ENOUGH_CELLS)


def spread_hints(hints: Tensor, shares: Tensor) -> Tensor:
    """Fill each region with the mean colour of the strokes in it: (B, 4, N) premultiplied.

    Takes hints (B, 4, N) and regions (B, K, N). The coverage says how sure that is, see `enough`.
    """
    rgb, ink = torch.split(shares @ hints.transpose(1, 2), [3, 1], 2)
    sure = (ink / enough(shares.sum(2, keepdim=True))).clamp(0, 1)
    colour = torch.cat([rgb / (ink + 1e-3) * sure, sure], 2)
    return colour.transpose(1, 2) @ shares


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
        result: Tensor = self.net(torch.cat([entries, rank.expand(packed.shape[0], -1, -1)], -1))
        return result


def pack_palette(palette: Tensor) -> Tensor:
    """Flatten (B, 6, 4) palettes to (B, 24) of about unit variance."""
    offset = palette.new_tensor([0.68, 0.02, 0.04, 0.0])
    scale = palette.new_tensor([4.5, 12.0, 12.0, 3.0])
    return ((palette - offset) * scale).flatten(1)


def time_features(time: Tensor) -> Tensor:
    """Return 16 sinusoids of times in 0..1, (B,) -> (B, 16)."""
    angle = time[:, None] * (2.0 ** torch.arange(8, device=time.device)) * 1.5
    return torch.cat([angle.sin(), angle.cos()], 1)


def coordinates(like: Tensor) -> Tensor:
    """Return the places of maps' cells in -1..1, (1, 2, H, W)."""
    _, height, width = sizes(like)
    down = torch.linspace(-1, 1, height, device=like.device, dtype=like.dtype)
    right = torch.linspace(-1, 1, width, device=like.device, dtype=like.dtype)
    return torch.stack(torch.meshgrid(down, right, indexing="ij"))[None]
