"""Train the drawing networks of `ink`: `python -m training.ink.train --minutes 90`.

Each update trains the colour net on whole pictures and, every other time, the line decoder on
crops. The checkpoint holds everything, so the same command continues where the last one ended.
"""

from __future__ import annotations

import argparse
import math
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from tqdm import tqdm

from livedraft.runtime.models.ink.network import ColourNet, LineDecoder, Widths
from livedraft.runtime.models.ink.text import TextTable

from .batches import Batch, Batches, Drawings
from .data import CACHE
from .text import MODEL

FIRST_STEP = 0.6  # share of samples at time 0, where the latent is zeros: the draft
EMA = 0.9985
WARM_UP = 100  # updates


@dataclass
class Options:
    """What one run may use; `minutes` is the whole budget, over all resumed runs."""

    minutes: float = 90.0
    batch: int = 16
    rate: float = 1.2e-3
    crops_every: int = 2
    joint_from: float = 0.8  # share of the budget after which the decoder also teaches the colours
    seed: int = 0
    save_seconds: float = 120.0


class Trainer:
    """Networks, their running averages, the optimiser and the clock of one training run."""

    def __init__(self, options: Options, widths: Widths) -> None:
        torch.manual_seed(options.seed)
        self.options = options
        self.nets = nn.ModuleDict({"colour": ColourNet(widths), "decoder": LineDecoder(widths)})
        self.nets.to(memory_format=torch.channels_last)
        self.ema = {k: v.detach().clone() for k, v in self.nets.state_dict().items()}
        self.optimiser = torch.optim.AdamW(
            self.nets.parameters(), options.rate, betas=(0.9, 0.98), weight_decay=0.02
        )
        self.updates, self.seconds = 0, 0.0
        self.losses: dict[str, float] = {}

    @property
    def progress(self) -> float:
        """Share of the time budget that is used."""
        return min(1.0, self.seconds / (self.options.minutes * 60))

    def rate(self) -> float:
        """Learning rate: linear warm-up, then a cosine over the time budget."""
        warm = min(1.0, (self.updates + 1) / WARM_UP)
        return self.options.rate * warm * (0.02 + 0.98 * 0.5 * (1 + math.cos(math.pi * self.progress)))

    def update(self, batch: Batch) -> None:
        """Take one optimiser step on a batch."""
        started = time.monotonic()
        for group in self.optimiser.param_groups:
            group["lr"] = self.rate()
        joint = self.progress > self.options.joint_from
        with torch.autocast("cpu", torch.bfloat16):
            predicted, loss = self.colour_loss(batch)
            self._note("colour", loss)
            if self.updates % self.options.crops_every == 0 or joint:
                decoded = self.decoder_loss(batch, predicted, joint)
                self._note("decoder", decoded)
                loss = loss + decoded
        self.optimiser.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_(self.nets.parameters(), 1.0)
        self.optimiser.step()
        self.updates += 1
        self._average()
        self.seconds += time.monotonic() - started

    def colour_loss(self, batch: Batch) -> tuple[Tensor, Tensor]:
        """Return the predicted latents and their loss, at time 0 or along the noised way."""
        count = len(batch.latent)
        first = torch.rand(count) < FIRST_STEP
        moment = torch.where(first, torch.zeros(count), 0.1 + 0.85 * torch.rand(count))
        t = moment[:, None, None, None]
        noisy = t * batch.latent + (1 - t) * torch.randn_like(batch.latent)
        noisy = torch.where(first[:, None, None, None], torch.zeros(()), noisy)
        args = (batch.lines, batch.hints, batch.palette, batch.text, batch.style)
        predicted = self.nets["colour"](noisy, moment, *args)
        return predicted, picture_loss(predicted, batch.latent)

    def decoder_loss(self, batch: Batch, predicted: Tensor, joint: bool) -> Tensor:
        """Decode a crop from a disturbed true latent or from the colour net's own."""
        y, x = batch.crop
        own = torch.rand(len(predicted), 1, 1, 1) < (0.5 if not joint else 1.0)
        coarse = torch.where(
            own, predicted if joint else predicted.detach(), disturb(batch.latent)
        )
        side = batch.target.shape[-1]
        near = [
            part[..., y // 4 : (y + side) // 4, x // 4 : (x + side) // 4]
            for part in (coarse, batch.hints)
        ]
        lines = batch.lines[..., y : y + side, x : x + side]
        decoded = self.nets["decoder"](near[0], lines, near[1], batch.palette, batch.style)
        return picture_loss(decoded, batch.target)

    def _average(self) -> None:
        decay = min(EMA, (1 + self.updates) / (10 + self.updates))
        for name, value in self.nets.state_dict().items():
            self.ema[name].lerp_(value, 1 - decay)

    def _note(self, name: str, loss: Tensor) -> None:
        self.losses[name] = 0.98 * self.losses.get(name, loss.item()) + 0.02 * loss.item()

    def save(self, path: Path) -> None:
        """Write the checkpoint, whole or not at all."""
        state = {
            "nets": self.nets.state_dict(),
            "ema": self.ema,
            "optimiser": self.optimiser.state_dict(),
            "updates": self.updates,
            "seconds": self.seconds,
        }
        partial = path.with_suffix(".part")
        torch.save(state, partial)
        partial.replace(path)

    def resume(self, path: Path) -> None:
        """Continue from a checkpoint."""
        state: dict[str, Any] = torch.load(path, weights_only=True)
        self.nets.load_state_dict(state["nets"])
        self.ema = state["ema"]
        self.optimiser.load_state_dict(state["optimiser"])
        self.updates, self.seconds = state["updates"], state["seconds"]


def picture_loss(predicted: Tensor, target: Tensor) -> Tensor:
    """Charbonnier distance, thrice as heavy inside the silhouette, plus that of the gradients."""
    inside = 1 + target[:, 3:] + 1
    error = predicted - target
    near = (error.square() + 1e-4).sqrt() * inside
    edges = sum((error.diff(dim=d).square() + 1e-4).sqrt().mean() for d in (2, 3))
    return near.mean() + 0.5 * edges


def disturb(latent: Tensor) -> Tensor:
    """Blur, blotch and roughen true latents, so that the decoder learns not to trust them."""
    blurred = latent
    for factor in (2, 4):
        coarse = F.interpolate(F.avg_pool2d(latent, factor), scale_factor=float(factor), mode="bilinear")
        blurred = torch.where(torch.rand(len(latent), 1, 1, 1) < 0.4, coarse, blurred)
    size = latent.shape[-2:]
    strength = torch.rand(len(latent), 1, 1, 1)
    blotches = F.interpolate(torch.randn(len(latent), 4, 10, 10), size, mode="bilinear")
    rough = torch.randn_like(latent) * 0.12
    noise = (0.35 * blotches + rough) * strength * latent.new_tensor([1, 1, 1, 0.5])[:, None, None]
    return (blurred + noise).clamp(-1, 1)


def main() -> None:
    """Train until the time budget is used."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cache", type=Path, default=CACHE)
    parser.add_argument("--minutes", type=float, default=Options.minutes)
    parser.add_argument("--batch", type=int, default=Options.batch)
    parser.add_argument("--threads", type=int, default=2)
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    torch.set_flush_denormal(True)
    options = Options(minutes=arguments.minutes, batch=arguments.batch)
    trainer = Trainer(options, Widths())
    checkpoint = arguments.cache / "picture.pt"
    if checkpoint.exists():
        trainer.resume(checkpoint)
    batches = Batches(Drawings(arguments.cache), TextTable.load(MODEL), trainer.updates)
    saved = time.monotonic()
    with tqdm(total=100, desc="train", mininterval=10) as bar:
        while trainer.progress < 1:
            started = time.monotonic()
            batch = batches.pictures(options.batch)
            trainer.seconds += time.monotonic() - started
            trainer.update(batch)
            bar.n = round(trainer.progress * 100, 1)
            bar.set_postfix(updates=trainer.updates, refresh=False, **trainer.losses)
            if time.monotonic() - saved > options.save_seconds:
                trainer.save(checkpoint)
                saved = time.monotonic()
    trainer.save(checkpoint)


if __name__ == "__main__":
    main()
