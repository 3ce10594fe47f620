"""What tells a palette or a painting from the one wanted."""

from __future__ import annotations

import torch
from torch import Tensor

from .colour import srgb_to_oklab
from .layers import Words, pack_palette
from .network import Painting
from .palette import PaletteNet

SAME_COLOUR = 0.04  # OKLab distance within which two colours may pass for one


def palette_loss(net: PaletteNet, palettes: Tensor, text: Words, style: Tensor) -> Tensor:
    """Rectified flow (Liu et al., 2022): the velocity from noise to palette at a uniform time."""
    clean = pack_palette(palettes)
    noise, time = torch.randn_like(clean), torch.rand(len(clean))
    noisy = time[:, None] * clean + (1 - time[:, None]) * noise
    velocity: Tensor = net(noisy, time, text, style)
    return (velocity - (clean - noise)).square().mean()


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
    error = painted.rgba - target
    near = (error.square() + 1e-4).sqrt() * (1 + cover * weight)
    right, down = error.diff(dim=3), error.diff(dim=2)
    edges = (right.square() + 1e-4).sqrt().mean() + (down.square() + 1e-4).sqrt().mean()
    surprise = -(true * painted.logits.log_softmax(1)).sum(1, keepdim=True) * cover * weight
    return near.mean() + 0.5 * edges + 0.15 * surprise.mean()


def true_choice(target: Tensor, palette: Tensor) -> Tensor:
    """Return how well each palette entry explains each pixel, (B, 6, H, W), summing to 1."""
    straight = (target[:, :3] + 1) / (target[:, 3:] + 1).clamp(min=1e-2)
    lab = srgb_to_oklab(straight.clamp(0, 1).permute(0, 2, 3, 1)).flatten(1, 2)
    distance = torch.cdist(lab, palette[..., :3])
    choice = (-0.5 * (distance / SAME_COLOUR).square()).softmax(2)
    return choice.transpose(1, 2).reshape(len(target), -1, *target.shape[-2:])
