"""What the drawing networks of `ink` are trained on: losses, noise, and imperfect inputs."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

from livedraft.runtime.models.ink.colour import srgb_to_oklab
from livedraft.runtime.models.ink.network import (
    ColourNet,
    LineDecoder,
    Painting,
    PaletteNet,
    pack_palette,
)
from livedraft.runtime.models.ink.sampler import renoised
from livedraft.runtime.models.ink.text import EncodedText

from .batches import Batch

SAME_COLOUR = 0.04  # OKLab distance within which two colours may pass for one
FIRST_STEP = 0.6  # share of samples at time 0, where the latent is zeros: the draft


def palette_loss(net: PaletteNet, palettes: Tensor, text: EncodedText, style: Tensor) -> Tensor:
    """Rectified flow (Liu et al., 2022): the velocity from noise to palette at a uniform time."""
    clean = pack_palette(palettes)
    noise, time = torch.randn_like(clean), torch.rand(len(clean))
    noisy = time[:, None] * clean + (1 - time[:, None]) * noise
    velocity: Tensor = net(noisy, time, text, style)
    return (velocity - (clean - noise)).square().mean()


def colour_loss(net: ColourNet, batch: Batch) -> Tensor:
    """Rectified flow with x-prediction, at time 0 or at a uniform time along the noised way."""
    count = len(batch.latent)
    first = torch.rand(count) < FIRST_STEP
    time = torch.where(first, torch.zeros(count), 0.1 + 0.85 * torch.rand(count))
    noisy = renoised(batch.latent, torch.randn_like(batch.latent), time)
    return painting_loss(predict(net, batch, noisy, time), batch.latent, batch.palette)


def predict(net: ColourNet, batch: Batch, noisy: Tensor, time: Tensor) -> Painting:
    """Run the colour net under a batch's conditions."""
    result: Painting = net(
        noisy, time, batch.lines, batch.hints, batch.palette, batch.text, batch.style
    )
    return result


def decoder_loss(net: LineDecoder, batch: Batch, colour: ColourNet | None) -> Tensor:
    """Decode a crop from a disturbed true latent or, half the time, from the colour net's draft."""
    coarse = disturb(batch.latent)
    if colour is not None:
        with torch.no_grad():
            draft = predict(colour, batch, torch.zeros_like(coarse), torch.zeros(len(coarse)))
        coarse = torch.where(torch.rand(len(coarse), 1, 1, 1) < 0.5, draft.rgba, coarse)
    y, x = batch.crop
    side = batch.target.shape[-1]
    near = [
        part[..., y // 4 : (y + side) // 4, x // 4 : (x + side) // 4]
        for part in (coarse, batch.hints)
    ]
    lines = batch.lines[..., y : y + side, x : x + side]
    painted: Painting = net(near[0], lines, near[1], batch.palette, batch.style)
    return painting_loss(painted, batch.target, batch.palette)


def painting_loss(painted: Painting, target: Tensor, palette: Tensor) -> Tensor:
    """Compare a painting with its target: colours, edges and the choice of palette entries.

    Charbonnier distances of pixels and of their gradients, and the cross-entropy of the choice.
    Rare entries (eyes, windows, stems) weigh more, or the main colour would swallow them.
    """
    with torch.no_grad():
        true = true_choice(target, palette)
        rarity = (palette[..., 3] + 0.03).rsqrt()
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


def disturb(latent: Tensor) -> Tensor:
    """Blur, blotch and roughen true latents, so that the decoder learns not to trust them."""
    blurred, size = latent, latent.shape[-2:]
    for factor in (2, 4):
        coarse = F.interpolate(F.avg_pool2d(latent, factor), size, mode="bilinear")
        blurred = torch.where(torch.rand(len(latent), 1, 1, 1) < 0.4, coarse, blurred)
    strength = torch.rand(len(latent), 1, 1, 1)
    blotches = F.interpolate(torch.randn(len(latent), 4, 10, 10), size, mode="bilinear")
    noise = 0.35 * blotches + 0.12 * torch.randn_like(latent)
    on_colour = latent.new_tensor([1.0, 1.0, 1.0, 0.5])[:, None, None]
    return (blurred + noise * strength * on_colour).clamp(-1, 1)
