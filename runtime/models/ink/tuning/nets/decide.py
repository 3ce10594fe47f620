"""From what the colour net finds likely to paint: regions agree, strokes bind, shares hold.

No weights: what a network trained on single cells cannot know is that all of a palette is to be
used. Of every region it says "most likely the main colour"; painted so, a picture has one colour.
"""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F
from torch import Tensor

from .colour import srgb_to_oklab
from .layers import enough, flat, shaped

AGREEMENT = 0.8  # how far a cell's choice yields to the mean of its region
BINDING = 8.0  # logits that a stroke adds to its colour in its region
SAME = 0.05  # OKLab distance within which a stroke means a palette's colour
TEMPERATURE = 0.25  # of the final choice: low, so that neighbours differ clearly
ROUNDS = 16
STRONGEST = math.exp(12.0)  # factor that an entry may get


def decide(logits: Tensor, cover: Tensor, hints: Tensor, shares: Tensor, palette: Tensor) -> Tensor:
    """Return logits (B, 6, N) whose softmax is the choice among a palette's entries.

    Takes the net's logits, coverage (B, 1, N) in 0..1, hints (B, 4, h, w) of N cells, what the
    lines enclose, (B, K, N), and palettes (B, 6, 4). In float32, whatever the networks run in.
    """
    with torch.autocast("cpu", enabled=False), torch.autocast("cuda", enabled=False):
        drawn = (logits, cover, flat(hints), shares, palette)
        choice, free = _bound(*(part.float() for part in drawn))
        coarse = coarser(choice, hints), coarser(free, hints)  # balancing needs no detail
        return choice + balance(*coarse, palette[..., 3:].float()).log()


def _bound(
    logits: Tensor, cover: Tensor, hints: Tensor, shares: Tensor, palette: Tensor
) -> tuple[Tensor, Tensor]:
    """Let regions agree and strokes bind; return sharp logits, and how far cells are free."""
    area = shares.sum(2)[:, None]
    mean = logits @ shares.transpose(1, 2) / (area + 1e-2)
    inside = shares.sum(1, keepdim=True)
    agreed = logits + AGREEMENT * (mean @ shares - logits * inside)
    marked = meant(hints, palette)
    strokes = marked @ shares.transpose(1, 2)  # (B, 6, regions)
    amount = strokes.sum(1, keepdim=True)
    sure = (amount / enough(area)).clamp(0, 1)
    wish = (strokes / (amount + 1e-3) * sure) @ shares
    bound = agreed + BINDING * torch.maximum(wish, marked)
    free = cover * (1 - torch.maximum(sure @ shares, hints[:, 3:]))
    return bound / TEMPERATURE, free


def meant(hints: Tensor, palette: Tensor) -> Tensor:
    """Return how much ink in each cell means which entry, (B, 6, N)."""
    rgb, ink = torch.split(hints, [3, 1], 1)
    lab = srgb_to_oklab((rgb / (ink + 1e-3)).clamp(0, 1), 1)
    entries = palette[..., :3]  # the nearest entry p of a colour x: the largest p x - p² / 2
    near = entries @ lab - 0.5 * entries.square().sum(2, keepdim=True)
    likely = (near / SAME**2).softmax(1)
    return likely * ink


def coarser(cells: Tensor, like: Tensor) -> Tensor:
    """Halve the resolution of flattened maps."""
    return flat(F.avg_pool2d(shaped(cells, like), 2))


def balance(logits: Tensor, weight: Tensor, share: Tensor) -> Tensor:
    """Return the factors (B, 6, 1) with which each entry is chosen as often as its share says.

    Sinkhorn's iteration (Cuturi, 2013) with one side free: cells (B, 1, N) weigh what they weigh.
    """
    total = weight.sum(2, keepdim=True) + 1e-3
    wanted = (share / share.sum(1, keepdim=True)).clamp(min=0.01)
    likely = (logits - logits.amax(1, keepdim=True)).exp()
    cells, weight = likely.transpose(1, 2), (weight / total).transpose(1, 2)
    factor = torch.ones_like(share)
    for _ in range(ROUNDS):
        chosen = factor * (likely @ (weight / (cells @ factor)))
        factor = (factor * wanted / chosen.clamp(min=1e-4)).clamp(1 / STRONGEST, STRONGEST)
    return torch.where(total > 1, factor, torch.ones_like(factor))  # else nothing to balance
