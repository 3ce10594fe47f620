"""What tells a palette or a painting from the one wanted."""

from __future__ import annotations

import torch
from torch import Tensor

from ...layout import KEY, LOOKS
from .colour import srgb_to_oklab
from .colour_net import Painting
from .layers import Words
from .palette_net import PaletteNet
from .palettes import transport

RIVALRY = 1 / 0.03  # of the alternatives: a better fit by 3 CIEDE2000 is worth a factor of e
COVER = 0.3  # weight of finding every true colour, however small its share
SAME_COLOUR = 0.04  # OKLab distance within which two colours may pass for one


def palette_loss(
    net: PaletteNet,
    palettes: Tensor,
    text: Words,
    style: Tensor,
    keys: Tensor | None = None,
    hidden: Tensor | None = None,
) -> Tensor:
    """Transport of colours: for the first palette always, among the others for the best of them.

    `keys` of the memory are the net's own unless given; `hidden` marks what it must not tell.
    """
    doubt = torch.randn(len(palettes), LOOKS * KEY)
    made, logits = net.propose(text, style, doubt, net.keys if keys is None else keys, hidden)
    count, choices = made.shape[:2]
    moved, missed = transport(made.flatten(0, 1), palettes.repeat_interleave(choices, 0))
    cost = (moved + COVER * missed).view(count, choices)
    best = -(logits - cost[:, 1:] * RIVALRY).logsumexp(1) / RIVALRY
    return (cost[:, 0] + best + 0.05 * cost[:, 1:].mean(1)).mean()


def painting_loss(painted: Painting, target: Tensor, palette: Tensor) -> Tensor:
    """Compare a painting with its target: colours, edges and the choice of palette entries.

    Charbonnier distances of pixels and of their gradients, and the cross-entropy of the choice.
    Rare entries (eyes, windows, stems) weigh more, or the main colour would swallow them.
    """
    with torch.no_grad():
        true = true_choice(target, palette)
        rarity = (palette[..., 3] + 0.03) ** -0.3
        weight = torch.einsum("bchw,bc->bhw", true, rarity)[:, None].clamp(max=4)
        cover = target[:, 3:] / 2 + 0.5
    surprise = -(true * painted.logits.log_softmax(1)).sum(1, keepdim=True) * cover * weight
    return pixel_loss(painted.rgba, target, cover * weight) + 0.15 * surprise.mean()


def pixel_loss(rgba: Tensor, target: Tensor, weight: Tensor) -> Tensor:
    """Compare premultiplied pictures: Charbonnier distances, weighted, and those of gradients.

    `weight` (B, 1, H, W) is what counts beyond the 1 of every pixel.
    """
    error = rgba - target
    near = (error.square() + 1e-4).sqrt() * (1 + weight)
    right, down = error.diff(dim=3), error.diff(dim=2)
    edges = (right.square() + 1e-4).sqrt().mean() + (down.square() + 1e-4).sqrt().mean()
    return near.mean() + 0.5 * edges


def true_choice(target: Tensor, palette: Tensor) -> Tensor:
    """Return how well each palette entry explains each pixel, (B, 6, H, W), summing to 1."""
    straight = (target[:, :3] + 1) / (target[:, 3:] + 1).clamp(min=1e-2)
    lab = srgb_to_oklab(straight.clamp(0, 1).permute(0, 2, 3, 1)).flatten(1, 2)
    distance = torch.cdist(lab, palette[..., :3])
    choice = (-0.5 * (distance / SAME_COLOUR).square()).softmax(2)
    return choice.transpose(1, 2).reshape(len(target), -1, *target.shape[-2:])
