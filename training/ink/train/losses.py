"""What the drawing networks of `ink` are trained on: drafts, refinements, imperfect inputs."""

from __future__ import annotations

import random

import torch
import torch.nn.functional as F
from torch import Tensor

from livedraft.runtime.models.ink.layout import MAX_STEPS
from livedraft.runtime.models.ink.tuning.nets.colour_net import ColourNet, Painting
from livedraft.runtime.models.ink.tuning.nets.decoder import SHARPNESS, LineDecoder
from livedraft.runtime.models.ink.tuning.nets.losses import painting_loss

from ..data.batch import Batch
from ..data.windows import Place, closer

STEP_WEIGHT = (0.74, 0.18, 0.05, 0.03)  # how often the draft and each refinement are trained


def colour_loss(net: ColourNet, batch: Batch) -> Tensor:
    """Draft from nothing, or refine the net's own earlier prediction.

    Refining own predictions instead of noised truth keeps later steps on what sampling feeds them;
    with noise, an undertrained net turns it into blotches.
    """
    steps = random.choices(range(MAX_STEPS), STEP_WEIGHT)[0]
    with torch.no_grad():
        latent = run(net, batch, steps)
    painted = predict(net, batch, latent, steps)
    return painting_loss(painted, batch.latent, batch.palette)


def run(net: ColourNet, batch: Batch, steps: int) -> Tensor:
    """Return the latent after some steps of sampling; zeros after none."""
    latent = torch.zeros_like(batch.latent)
    for step in range(steps):
        latent = predict(net, batch, latent, step, decided=True).rgba
    return latent


def predict(
    net: ColourNet, batch: Batch, latent: Tensor, step: int, decided: bool = False
) -> Painting:
    """Take one step under a batch's conditions."""
    time = torch.full((len(latent),), step / MAX_STEPS)
    drawn = (batch.lines, batch.hints, batch.regions)
    conditions = (batch.palette, batch.text, batch.style)
    painted: Painting = net(latent, time, *drawn, *conditions, decided)
    return painted


def decoder_loss(net: LineDecoder, batch: Batch, colour: ColourNet | None) -> Tensor:
    """Decode a crop from a disturbed true latent or, for half of the batch, a predicted one.

    A closer look starts from what the decoder itself paints at half the size, as in use.
    """
    coarse = disturb(batch.latent)
    if colour is not None and not batch.windows:
        half = batch.head(len(coarse) // 2)
        with torch.no_grad():
            draft = run(colour, half, random.choices((1, 2), (0.7, 0.3))[0])
        coarse = torch.cat([draft, coarse[len(draft) :]])
    side = batch.target.shape[-1]
    place = (*batch.crop, side)
    lines, cells = closer(batch.lines, 1, place), coarser(place)
    latent, hints = closer(coarse, 1, cells), closer(batch.hints, 1, cells)
    conditions = batch.palette, batch.style
    for window in batch.windows:
        with torch.no_grad():
            seen: Painting = net(latent, lines, hints, *conditions, SHARPNESS)
        y, x = (window.place[i] // 4 - place[i] // 2 for i in (0, 1))
        latent = closer(F.avg_pool2d(seen.rgba, 2), 1, (y, x, side // 4))
        place, lines = window.place, window.lines
        hints = closer(batch.hints, window.scale, coarser(place))
    painted: Painting = net(latent, lines, hints, *conditions)
    return painting_loss(painted, batch.target, batch.palette)


def coarser(place: Place) -> Place:
    """Return a place of pixels in cells of four."""
    y, x, side = (part // 4 for part in place)
    return y, x, side


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
