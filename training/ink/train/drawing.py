"""Training of the networks that draw: sketch and palette to coarse colours, and those to art.

They train side by side, each on its own core; the decoder reads the colour net's latest checkpoint.
A checkpoint holds everything: the same command continues where the last one ended, on the same or
another device.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from livedraft.runtime.models.ink import WEIGHTS
from livedraft.runtime.models.ink.tuning.nets.colour_net import ColourNet, Painting, channels_last
from livedraft.runtime.models.ink.tuning.nets.decoder import LineDecoder
from livedraft.runtime.models.ink.tuning.nets.layers import Widths
from livedraft.runtime.models.ink.words.text import TextTable
from livedraft.runtime.models.tuning.device import CPU, mixed

from ..data.batch import Batch
from ..data.batches import Batches, Drawings
from .losses import colour_loss, decoder_loss, run
from .trainer import PLAIN, WIDTHS, Recipe, Setup, Trainer
from .watch import Watch

RECIPES = {
    "colour": Recipe(ColourNet, 16, 1.2e-3),
    "decoder": Recipe(LineDecoder, 16, 1.5e-3),
}


class LatestColour:
    """The colour net's running average, read again when its checkpoint is newer."""

    def __init__(self, path: Path, widths: Widths, device: torch.device = CPU) -> None:
        self._path, self._stamp = path, 0.0
        self._net = ColourNet(widths).eval()
        channels_last(self._net)
        self._net.to(device)

    def __call__(self) -> ColourNet | None:
        if not self._path.exists():
            return None
        stamp = self._path.stat().st_mtime
        if stamp != self._stamp:
            state = torch.load(self._path, weights_only=True, map_location="cpu")
            self._net.load_state_dict(state["ema"])
            self._stamp = stamp
        return self._net


def objective(trainer: Trainer, batches: Batches, colour: LatestColour) -> Callable[[], Tensor]:
    """Return a function that draws a batch and gives the part's loss on it."""
    net, count = trainer.net, trainer.batch
    if isinstance(net, ColourNet):
        return lambda: colour_loss(net, batches.pictures(count, crop=None))
    assert isinstance(net, LineDecoder)
    return lambda: decoder_loss(net, batches.of_any_size(count), colour())


def painter(colour: LatestColour) -> Callable[[nn.Module, Batch], Tensor]:
    """Return how a network paints (B, 4, 256, 256) in -1..1: drafts, enlarged or decoded."""

    def paint(net: nn.Module, batch: Batch) -> Tensor:
        if isinstance(net, ColourNet):
            return F.interpolate(run(net, batch, 1), scale_factor=4.0)
        assert isinstance(net, LineDecoder)
        drafter = colour()
        latent = batch.latent if drafter is None else run(drafter, batch, 1)
        conditions = (batch.hints, batch.palette, batch.style)
        painted: Painting = net(latent, batch.lines, *conditions)
        return painted.rgba

    return paint


def train(
    part: str,
    minutes: float,
    cache: Path,
    seed: int = 0,
    widths: Widths = WIDTHS,
    setup: Setup = PLAIN,
) -> Trainer:
    """Train one part until its budget is used."""
    trainer = Trainer(RECIPES[part], widths, minutes, seed, setup)
    checkpoint, text = cache / f"{part}.pt", TextTable.load(WEIGHTS)
    colour = LatestColour(cache / "colour.pt", widths, setup.device)
    watched = setup.montage_s < math.inf
    watch = Watch(cache, text, painter(colour), setup.device) if watched else None
    if checkpoint.exists():
        trainer.resume(checkpoint)
    batches = Batches(Drawings(cache, device=setup.device), text, seed + trainer.updates)
    trainer.reseed()
    loss = mixed(setup.device)(objective(trainer, batches, colour))
    trainer.run(loss, checkpoint, paint=watch)
    return trainer
