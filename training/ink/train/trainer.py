"""The loop that trains a network of `ink`: on the CPU or a GPU, resumed where it ended."""

from __future__ import annotations

import argparse
import copy
import math
import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from tqdm import tqdm

from livedraft.runtime.models.ink.tuning.nets.colour_net import channels_last
from livedraft.runtime.models.ink.tuning.nets.layers import Widths
from livedraft.runtime.models.tuning.device import CPU, DEVICES, choose, default

from ..data.dataset import CACHE

EMA = 0.995
WARM_UP = 100  # updates
SAVE_SECONDS = 90.0
SHOW_SECONDS = 10.0
PAUSE = 10.0  # seconds between two updates above which the process was asleep
LARGER = 8  # times a recipe's batch, on a GPU
FASTER = 2.0  # most that a larger batch multiplies the learning rate by
WIDTHS = Widths()


@dataclass(frozen=True)
class Recipe:
    """How one part is trained; `batch` is the CPU's, for which the rate is meant."""

    net: type[nn.Module]
    batch: int
    rate: float
    decay: float = 0.02


@dataclass(frozen=True)
class Setup:
    """Where a part trains, on how many samples at once, and how often it shows what it paints."""

    device: torch.device = CPU
    batch: int | None = None  # by default the recipe's, on a GPU `LARGER` times as many
    compiled: bool = False
    montage_s: float = math.inf
    clock: Callable[[], float] = time.monotonic  # of the budget


PLAIN = Setup()


class Trainer:
    """One network with its running average, its optimiser and its clock.

    `minutes` is the whole budget over all resumed runs; the learning rate follows it. A batch
    larger than the recipe's raises the rate by the square root of how much larger, as Adam's noise
    asks for (Malladi et al., 2022), and by `FASTER` at most.
    """

    def __init__(
        self, recipe: Recipe, widths: Widths, minutes: float, seed: int = 0, setup: Setup = PLAIN
    ) -> None:
        self.recipe, self.setup, self.device = recipe, setup, setup.device
        self.widths, self.budget, self.seed = widths, minutes * 60, seed
        self.updates, self.seconds = 0, 0.0
        larger = LARGER if self.device.type != "cpu" else 1
        self.batch = setup.batch or recipe.batch * larger
        self.peak = recipe.rate * min(math.sqrt(self.batch / recipe.batch), FASTER)
        self.reseed()
        self.net = recipe.net(widths)
        channels_last(self.net)
        self.net.to(self.device)
        if setup.compiled:
            self.net.compile()
        self.ema = {k: v.detach().clone() for k, v in self.net.state_dict().items()}
        self.optimiser = torch.optim.AdamW(
            self.net.parameters(), recipe.rate, betas=(0.9, 0.98), weight_decay=recipe.decay
        )
        self._loss: Tensor = torch.tensor(math.nan, device=self.device)

    def reseed(self) -> None:
        """Start all draws of chance anew, by the seed and the updates so far."""
        torch.manual_seed(self.seed + self.updates)
        random.seed(self.seed + self.updates)

    @property
    def progress(self) -> float:
        """Share of the budget that is used."""
        return min(1.0, self.seconds / self.budget)

    @property
    def loss(self) -> float:
        """Running average of the loss; to read it waits for the device."""
        return float(self._loss)

    def rate(self) -> float:
        """Learning rate: linear warm-up, then a cosine over the budget."""
        warm = min(1.0, (self.updates + 1) / WARM_UP)
        return self.peak * warm * (0.01 + 0.99 * 0.5 * (1 + math.cos(math.pi * self.progress)))

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
        now = loss.detach().float()
        self._loss = self._loss.lerp(now, 0.02) if self.updates else now
        self.updates += 1

    def run(
        self,
        loss: Callable[[], Tensor],
        checkpoint: Path,
        before_saving: Callable[[], None] = lambda: None,
        paint: Callable[[nn.Module, Path], None] | None = None,
    ) -> None:
        """Update until the budget is used; save at times and at the end.

        `paint` writes a montage of what the running average does, at times and at the end, beside
        the checkpoint.
        """
        last, begun = self.setup.clock(), time.monotonic()
        saved = shown = painted = begun
        with tqdm(total=round(self.budget), unit="s", desc=checkpoint.stem, mininterval=10) as bar:
            while self.progress < 1:
                with default(self.device):
                    found = loss()
                self.update(found)
                now, wall = self.setup.clock(), time.monotonic()
                self.seconds, last = self.seconds + min(now - last, PAUSE), now
                bar.update(round(self.seconds) - bar.n)
                if wall - shown > SHOW_SECONDS:
                    bar.set_postfix(updates=self.updates, loss=f"{self.loss:.4f}", refresh=False)
                    shown = wall
                if wall - saved > SAVE_SECONDS:
                    before_saving()
                    self.save(checkpoint)
                    saved = wall
                if paint and wall - painted >= self.setup.montage_s:
                    before_saving()
                    paint(self.average(), checkpoint.with_suffix(".jpg"))
                    painted = wall
        before_saving()
        self.save(checkpoint)
        if paint:
            paint(self.average(), checkpoint.with_suffix(".jpg"))

    def average(self) -> nn.Module:
        """Return the network with the running average of its weights, for use."""
        net = copy.deepcopy(self.net)  # a new one would draw from the chances of training
        net.load_state_dict(self.ema)
        return net.eval().requires_grad_(False)

    def save(self, path: Path) -> None:
        """Write the checkpoint, whole or not at all, for any device."""
        state = {
            "net": self.net.state_dict(),
            "ema": self.ema,
            "optimiser": self.optimiser.state_dict(),
            "clock": [self.updates, self.seconds, self.loss],
        }
        partial = path.with_suffix(".part")
        torch.save(on_cpu(state), partial)
        partial.replace(path)

    def resume(self, path: Path) -> None:
        """Continue from a checkpoint, whichever device wrote it."""
        state: dict[str, Any] = torch.load(path, weights_only=True, map_location="cpu")
        self.net.load_state_dict(state["net"])
        self.ema = {name: value.to(self.device) for name, value in state["ema"].items()}
        self.optimiser.load_state_dict(state["optimiser"])
        self.updates, self.seconds, loss = state["clock"]
        self._loss = torch.tensor(loss, device=self.device)
        self.reseed()


def on_cpu(state: Any) -> Any:
    """Return nested dicts and lists with their tensors on the CPU, as files are to hold them."""
    if isinstance(state, Tensor):
        return state.cpu()
    if isinstance(state, dict):
        return {name: on_cpu(part) for name, part in state.items()}
    return [on_cpu(part) for part in state] if isinstance(state, list) else state


def add_options(parser: argparse.ArgumentParser, minutes: float) -> None:
    """Add what all training commands understand."""
    parser.add_argument("--cache", type=Path, default=CACHE)
    parser.add_argument("--minutes", type=float, default=minutes, help="budget over all runs")
    parser.add_argument("--updates", type=int, help="budget in updates instead: repeatable")
    parser.add_argument("--device", choices=DEVICES, default="auto")
    parser.add_argument("--batch", type=int, help=f"of an update; {LARGER} times as large on a GPU")
    parser.add_argument("--no-compile", action="store_true", help="on a GPU, do without Triton")
    parser.add_argument("--montage-minutes", type=float, default=math.inf, metavar="N")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--seed", type=int, default=0)


def read_options(options: argparse.Namespace) -> tuple[float, Setup]:
    """Prepare torch; return the budget in minutes and the setup."""
    torch.set_num_threads(options.threads)
    torch.set_flush_denormal(True)  # zero-initialised layers make denormals by the million
    device = choose(options.device)
    compiled = device.type != "cpu" and not options.no_compile
    montage_s = options.montage_minutes * 60
    if options.updates is None:
        return options.minutes, Setup(device, options.batch, compiled, montage_s)
    by_updates: Callable[[], float] = count().__next__  # a second each
    return options.updates / 60, Setup(device, options.batch, compiled, montage_s, by_updates)
