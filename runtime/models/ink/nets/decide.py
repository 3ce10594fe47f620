"""From what the colour net finds likely to paint: regions agree, strokes bind, shares hold.

No weights: what a network trained on single cells cannot know is that all of a palette is to be
used. Of every region it says "most likely the main colour"; painted so, a picture has one colour.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

from ..layout import TIGHT
from .colour import srgb_to_oklab
from .layers import enough

AGREEMENT = 0.8  # how far a cell's choice yields to the mean of its region
BINDING = 8.0  # logits that a stroke adds to its colour in its region
SAME = 0.05  # OKLab distance within which a stroke means a palette's colour
TEMPERATURE = 0.25  # of the final choice: low, so that neighbours differ clearly
ROUNDS = 16
STRONGEST = 12.0  # bias that an entry may get


def decide(
    logits: Tensor, cover: Tensor, hints: Tensor, regions: Tensor, palette: Tensor
) -> Tensor:
    """Return logits (B, 6, h, w) whose softmax is the choice among a palette's entries.

    Takes the net's logits, coverage (B, 1, h, w) in 0..1, hints (B, 4, h, w), region maps
    (B, 32, h, w) and palettes (B, 6, 4).
    """
    shares = regions[:, 1:TIGHT].flatten(2)  # without what is open to the border
    flat = logits.flatten(2)
    mean = flat @ shares.transpose(1, 2) / (shares.sum(2)[:, None] + 1e-2)
    flat = flat + AGREEMENT * (mean @ shares - flat * shares.sum(1, keepdim=True))
    told = meant(hints, palette)
    said = told @ shares.transpose(1, 2)  # (B, 6, regions)
    amount = said.sum(1, keepdim=True)
    sure = (amount / enough(shares)[:, None]).clamp(0, 1)
    wish = (said / (amount + 1e-3) * sure) @ shares
    flat = flat + BINDING * torch.maximum(wish, told)
    free = cover.flatten(2) * (1 - torch.maximum(sure @ shares, hints[:, 3:].flatten(2)))
    bias = balance(coarser(flat, logits), coarser(free, logits), palette[..., 3:])
    return (flat / TEMPERATURE + bias).view(logits.shape)


def meant(hints: Tensor, palette: Tensor) -> Tensor:
    """Return how much ink in each cell means which entry, (B, 6, h w)."""
    ink = hints.flatten(2).transpose(1, 2)
    rgb = (ink[..., :3] / (ink[..., 3:] + 1e-3)).clamp(0, 1)
    away = (srgb_to_oklab(rgb)[:, :, None] - palette[:, None, :, :3]).square().sum(-1)
    return ((-0.5 / SAME**2 * away).softmax(2) * ink[..., 3:]).transpose(1, 2)


def coarser(flat: Tensor, like: Tensor) -> Tensor:
    """Halve the resolution of flattened maps: balancing needs no detail."""
    return F.avg_pool2d(flat.view(*flat.shape[:2], *like.shape[2:]), 2).flatten(2)


def balance(logits: Tensor, weight: Tensor, share: Tensor) -> Tensor:
    """Return the biases (B, 6, 1) under which each entry is chosen as often as its share says.

    Sinkhorn's iteration (Cuturi, 2013) with one side free: cells (B, 1, N) weigh what they weigh.
    """
    sharp, bias = logits / TEMPERATURE, torch.zeros_like(share)
    total = weight.sum(2, keepdim=True) + 1e-3
    wanted = (share / share.sum(1, keepdim=True)).clamp(min=0.01).log()
    for _ in range(ROUNDS):
        chosen = ((sharp + bias).softmax(1) * weight).sum(2, keepdim=True) / total
        bias = (bias + wanted - chosen.clamp(min=1e-4).log()).clamp(-STRONGEST, STRONGEST)
    return bias * (total > 1)  # nothing to balance: no bias
