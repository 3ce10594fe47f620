"""Train the networks of `ink`: `python -m training.ink.train colour --minutes 90`.

Parts: `colour` (sketch and palette to coarse colours) and `decoder` (coarse colours to art along
the lines); `palette_train` does the third. They train side by side, each on its own core; the
decoder reads the colour net's latest checkpoint. A checkpoint holds everything: the same command
continues where the last one ended.
"""

from __future__ import annotations

import argparse
import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from tqdm import tqdm

from livedraft.runtime.models.ink.nets.layers import Widths
from livedraft.runtime.models.ink.nets.network import ColourNet, LineDecoder, channels_last
from livedraft.runtime.models.ink.text import TextTable

from .batches import Batches, Drawings
from .data import CACHE, MODEL
from .losses import colour_loss, decoder_loss

EMA = 0.995
WARM_UP = 100  # updates
SAVE_SECONDS = 90.0
PAUSE = 10.0  # seconds between two updates above which the process was asleep
WIDTHS = Widths()


@dataclass(frozen=True)
class Recipe:
    """How one part is trained."""

    net: type[nn.Module]
    batch: int
    rate: float
    decay: float = 0.02


RECIPES = {
    "colour": Recipe(ColourNet, 16, 1.2e-3),
    "decoder": Recipe(LineDecoder, 16, 1.5e-3),
}


class Trainer:
    """One network with its running average, its optimiser and its clock.

    `minutes` is the whole budget over all resumed runs; the learning rate follows it.
    """

    def __init__(self, recipe: Recipe, widths: Widths, minutes: float, seed: int = 0) -> None:
        torch.manual_seed(seed)
        self.recipe, self.budget = recipe, minutes * 60
        self.net, self.widths = recipe.net(widths), widths
        channels_last(self.net)
        self.ema = {k: v.detach().clone() for k, v in self.net.state_dict().items()}
        self.optimiser = torch.optim.AdamW(
            self.net.parameters(), recipe.rate, betas=(0.9, 0.98), weight_decay=recipe.decay
        )
        self.updates, self.seconds, self.loss = 0, 0.0, math.nan

    @property
    def progress(self) -> float:
        """Share of the time budget that is used."""
        return min(1.0, self.seconds / self.budget)

    def rate(self) -> float:
        """Learning rate: linear warm-up, then a cosine over the time budget."""
        warm = min(1.0, (self.updates + 1) / WARM_UP)
        return (
            self.recipe.rate * warm * (0.01 + 0.99 * 0.5 * (1 + math.cos(math.pi * self.progress)))
        )

    def update(self, loss: Tensor) -> None:
        """Take one optimiser step."""
        for group in self.optimiser.param_groups:
            group["lr"] = self.rate()
        self.optimiser.zero_grad(set_to_none=True)
        torch.autograd.backward(loss)
        nn.utils.clip_grad_norm_(self.net.parameters(), 1.0)
        self.optimiser.step()
        decay = min(EMA, (1 + self.updates) / (10 + self.updates))
        for name, value in self.net.state_dict().items():
            self.ema[name].lerp_(value, 1 - decay)
        self.updates += 1
        self.loss = loss.item() if self.updates == 1 else 0.98 * self.loss + 0.02 * loss.item()

    def run(
        self,
        loss: Callable[[], Tensor],
        checkpoint: Path,
        clock: Callable[[], float],
        before_saving: Callable[[], None] = lambda: None,
    ) -> None:
        """Update until the time budget is used; save at times and at the end."""
        saved = last = clock()
        with tqdm(total=round(self.budget), unit="s", desc=checkpoint.stem, mininterval=10) as bar:
            while self.progress < 1:
                self.update(loss())
                now = clock()
                self.seconds, last = self.seconds + min(now - last, PAUSE), now
                bar.set_postfix(updates=self.updates, loss=f"{self.loss:.4f}", refresh=False)
                bar.update(round(self.seconds) - bar.n)
                if now - saved > SAVE_SECONDS:
                    before_saving()
                    self.save(checkpoint)
                    saved = now
        before_saving()
        self.save(checkpoint)

    def save(self, path: Path) -> None:
        """Write the checkpoint, whole or not at all."""
        state = {
            "net": self.net.state_dict(),
            "ema": self.ema,
            "optimiser": self.optimiser.state_dict(),
            "clock": [self.updates, self.seconds, self.loss],
        }
        partial = path.with_suffix(".part")
        torch.save(state, partial)
        partial.replace(path)

    def resume(self, path: Path) -> None:
        """Continue from a checkpoint."""
        state: dict[str, Any] = torch.load(path, weights_only=True)
        self.net.load_state_dict(state["net"])
        self.ema = state["ema"]
        self.optimiser.load_state_dict(state["optimiser"])
        self.updates, self.seconds, self.loss = state["clock"]


class LatestColour:
    """The colour net's running average, read again when its checkpoint is newer."""

    def __init__(self, path: Path, widths: Widths) -> None:
        self._path, self._stamp = path, 0.0
        self._net = ColourNet(widths).eval()
        channels_last(self._net)

    def __call__(self) -> ColourNet | None:
        if not self._path.exists():
            return None
        stamp = self._path.stat().st_mtime
        if stamp != self._stamp:
            state = torch.load(self._path, weights_only=True)
            self._net.load_state_dict(state["ema"])
            self._stamp = stamp
        return self._net


def objective(trainer: Trainer, batches: Batches, colour: LatestColour) -> Callable[[], Tensor]:
    """Return a function that draws a batch and gives the part's loss on it."""
    net, count = trainer.net, trainer.recipe.batch
    if isinstance(net, ColourNet):
        return lambda: colour_loss(net, batches.pictures(count, crop=None))
    assert isinstance(net, LineDecoder)
    return lambda: decoder_loss(net, batches.pictures(count), colour())


def train(
    part: str,
    minutes: float,
    cache: Path,
    seed: int = 0,
    widths: Widths = WIDTHS,
    clock: Callable[[], float] = time.monotonic,
) -> Trainer:
    """Train one part until its time budget is used."""
    trainer = Trainer(RECIPES[part], widths, minutes, seed)
    checkpoint = cache / f"{part}.pt"
    if checkpoint.exists():
        trainer.resume(checkpoint)
    torch.manual_seed(seed + trainer.updates)
    batches = Batches(Drawings(cache), TextTable.load(MODEL), seed + trainer.updates)
    loss = objective(trainer, batches, LatestColour(cache / "colour.pt", widths))
    trainer.run(torch.autocast("cpu", torch.bfloat16)(loss), checkpoint, clock)
    return trainer


def main() -> None:
    """Parse the command line and train."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("part", choices=RECIPES)
    parser.add_argument("--cache", type=Path, default=CACHE)
    parser.add_argument("--minutes", type=float, default=90.0, help="budget over all runs")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    torch.set_flush_denormal(True)  # zero-initialised layers make denormals by the million
    train(options.part, options.minutes, options.cache, options.seed)


if __name__ == "__main__":
    main()
