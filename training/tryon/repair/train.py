"""Train the repair net: `python -m training.tryon.repair.train --minutes 60`.

The same command continues where the last one ended; on a CPU or a GPU.
"""

from __future__ import annotations

import argparse
import copy
import math
import time
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import torch
from torch import Tensor
from torch.utils.data import DataLoader, IterableDataset, get_worker_info

from livedraft.runtime.models.tuning.device import flushed

from .losses import loss
from .net import RepairNet, answer
from .records import Bodies
from .samples import sample

CACHE = Path(".cache/tryon")
RATE, DECAY, BATCH = 1.2e-3, 0.01, 8
EMA = 0.998
SAVE_S = 60.0


class Samples(IterableDataset[tuple[Tensor, ...]]):
    """Endless samples of bodies, others for each worker."""

    def __init__(self, file: Path, seed: int) -> None:
        super().__init__()
        self.file, self.seed = file, seed

    def __iter__(self) -> Iterator[tuple[Tensor, ...]]:
        worker = get_worker_info()
        cv2.setNumThreads(0)
        rng = np.random.default_rng((self.seed, worker.id if worker else 0))
        bodies = Bodies(self.file)
        while True:
            made = sample(bodies[int(rng.integers(len(bodies)))], rng)
            if made is not None:
                yield tuple(torch.from_numpy(part.astype(np.float16)) for part in made)


class Trainer:
    """The net, its running average, its optimiser and its clock.

    `minutes` is the whole budget over all resumed runs; the learning rate follows it.
    """

    def __init__(self, minutes: float, device: torch.device, batch: int) -> None:
        self.budget, self.device, self.batch = minutes * 60, device, batch
        self.seconds, self.updates = 0.0, 0
        torch.manual_seed(0)
        self.net = RepairNet().to(device)
        self.average = copy.deepcopy(self.net).requires_grad_(False)
        self.optimiser = torch.optim.AdamW(
            self.net.parameters(), RATE, betas=(0.9, 0.98), weight_decay=DECAY
        )
        self.loss = math.nan

    def rate(self) -> float:
        """Return the learning rate: a warm-up, then a cosine over the budget."""
        share = min(1.0, self.seconds / self.budget)
        peak = RATE * min(2.0, math.sqrt(self.batch / BATCH))
        return (
            peak
            * min(1.0, (self.updates + 1) / 200)
            * (0.01 + 0.99 * 0.5 * (1 + math.cos(math.pi * share)))
        )

    def update(self, parts: list[Tensor]) -> None:
        """Learn from one batch."""
        inputs, *truth = (part.to(self.device, torch.float32, non_blocking=True) for part in parts)
        for group in self.optimiser.param_groups:
            group["lr"] = self.rate()
        with torch.autocast(self.device.type, torch.bfloat16):
            said = answer(self.net, inputs.contiguous(memory_format=torch.channels_last))
        value = loss(type(said)(*(part.float() for part in said)), *truth)
        self.optimiser.zero_grad(set_to_none=True)
        torch.autograd.backward(value)
        torch.nn.utils.clip_grad_norm_(self.net.parameters(), 1.0)
        self.optimiser.step()
        self.updates += 1
        decay = min(EMA, 1 - 1 / (self.updates + 1))
        with torch.no_grad():
            for mean, fresh in zip(self.average.parameters(), self.net.parameters(), strict=True):
                mean.lerp_(fresh, 1 - decay)
        if self.updates % 10 == 1:
            now = float(value.detach())
            self.loss = now if math.isnan(self.loss) else 0.9 * self.loss + 0.1 * now

    def save(self, file: Path) -> None:
        """Write a checkpoint, whole or not at all."""
        state = {name: getattr(self, name).state_dict() for name in ("net", "average", "optimiser")}
        state |= {"seconds": self.seconds, "updates": self.updates}
        part = file.with_suffix(".part")
        torch.save(state, part)
        part.replace(file)

    def resume(self, file: Path) -> None:
        """Go on from a checkpoint, if there is one."""
        if not file.exists():
            return
        state = torch.load(file, map_location=self.device, weights_only=True)
        for name in ("net", "average", "optimiser"):
            if name in state:  # one that is to start from other weights has no optimiser
                getattr(self, name).load_state_dict(state[name])
        self.seconds, self.updates = state.get("seconds", 0.0), state.get("updates", 0)


def train(trainer: Trainer, data: Path, file: Path, workers: int) -> None:
    """Train until the budget is used; save now and then."""
    trainer.resume(file)
    loader = DataLoader(
        Samples(data, trainer.updates),
        trainer.batch,
        num_workers=workers,
        prefetch_factor=4 if workers else None,
    )
    begun = saved = time.monotonic()
    before = trainer.seconds
    for parts in loader:
        trainer.update(parts)
        now = time.monotonic()
        trainer.seconds = before + now - begun
        done = trainer.seconds >= trainer.budget
        if done or now - saved > SAVE_S:
            trainer.save(file)
            saved = now
            print(
                f"{trainer.seconds:6.0f} s  {trainer.updates} updates  loss {trainer.loss:.4f}",
                flush=True,
            )
        if done:
            return


@flushed()
def main() -> None:
    """Parse the command line and train."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cache", type=Path, default=CACHE)
    parser.add_argument("--minutes", type=float, default=60.0, help="budget over all runs")
    parser.add_argument("--batch", type=int, default=BATCH)
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--workers", type=int, default=0)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    trainer = Trainer(options.minutes, torch.device(options.device), options.batch)
    train(trainer, options.cache / "repair" / "train", options.cache / "repair.pt", options.workers)


if __name__ == "__main__":
    main()
