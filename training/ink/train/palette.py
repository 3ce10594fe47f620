"""Train the palette net of `ink`: `python -m training.ink.train.palette --minutes 15`.

First the names of colours, some 32,000 ("otter", "brick red"): what colour do words call to mind?
Then palettes: what colours has a thing, going by the words and by a memory of the training art
that must not tell the thing itself?
"""

from __future__ import annotations

import argparse
import json
import math
import random
from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Self

import numpy as np
import torch
from torch import Tensor

from livedraft.runtime.models.ink import WEIGHTS
from livedraft.runtime.models.ink.tuning.nets.colour import srgb_to_oklab
from livedraft.runtime.models.ink.tuning.nets.inputs import as_words, roughened
from livedraft.runtime.models.ink.tuning.nets.layers import Widths, Words
from livedraft.runtime.models.ink.tuning.nets.losses import palette_loss
from livedraft.runtime.models.ink.tuning.nets.palette_net import MIDDLE, SPREAD, PaletteNet
from livedraft.runtime.models.ink.words.text import TextTable

from ..data.sources import NAMES, fetch, read_json
from .composed import Composer
from .memory import Memory, keys_of
from .trainer import PLAIN, WIDTHS, Recipe, Setup, Trainer, add_options, read_options
from .watch import PaletteWatch

RECIPE = Recipe(PaletteNet, 256, 1e-3, decay=0.05)
NAMING = 0.2  # share of the budget for the names of colours
REHEARSAL = 4  # updates of the palette phase from one with names to the next
NAME_BATCH = 384
ROUGH = 0.6  # most noise on word vectors: how far a thing's neighbourhood reaches


def blurred(text: Words) -> Words:
    """Add noise to word vectors (of unit variance), to some prompts more than to others."""
    amount = ROUGH * torch.rand(len(text.mean), 1)
    pieces = amount[..., None] * torch.randn_like(text.pieces) * text.mask[..., None]
    mean = 0.7 * amount * torch.randn_like(text.mean) * text.mask.any(1, keepdim=True)
    return Words(text.pieces + pieces, text.mask, text.mean + mean)


class Names:
    """Names and the colours, in OKLab, that they call to mind."""

    def __init__(self, colours: Mapping[str, Sequence[float]], text: TextTable, seed: int) -> None:
        named = [(text.ids(name), lab) for name, lab in colours.items()]
        named = [(ids, lab) for ids, lab in named if ids]
        self.ids = [ids for ids, _ in named]
        lab = torch.tensor([lab for _, lab in named])
        self.colours = (lab - torch.tensor(MIDDLE)) / torch.tensor(SPREAD)
        self.text, self.rng = text, random.Random(seed)

    @classmethod
    def read(cls, packages: Path, text: TextTable, seed: int) -> Self:
        """Read the pinned package of names."""
        found = read_json(fetch(NAMES, packages), "dist/colornames.json")
        colours = [entry["hex"] for entry in found]
        rgb = [[int(colour[k : k + 2], 16) / 255 for k in (1, 3, 5)] for colour in colours]
        lab = srgb_to_oklab(torch.tensor(rgb)).tolist()
        return cls({e["name"]: c for e, c in zip(found, lab, strict=True)}, text, seed)

    def loss(self, net: PaletteNet) -> Tensor:
        """Compare a batch: distances over their expected size, which is to be small as well."""
        device = net.memory.device
        rows = self.rng.choices(range(len(self.ids)), k=NAME_BATCH)
        words = as_words(self.text.gather([self.ids[i] for i in rows])).to(device)
        _, guess = net.sense(roughened(words, 0.2))
        colours = self.colours[rows].to(device)
        error = ((guess[:, :3] - colours).square().sum(1) + 1e-3).sqrt()
        loss: Tensor = (error * torch.exp(-guess[:, 3]) + 3 * guess[:, 3]).mean()
        return loss


def train(
    minutes: float,
    cache: Path,
    seed: int = 0,
    widths: Widths = WIDTHS,
    names: Names | None = None,
    setup: Setup = PLAIN,
) -> Trainer:
    """Train until the budget is used, and write `palette.pt`.

    `names` are those of the pinned package unless given.
    """
    text = TextTable.load(WEIGHTS)
    records = json.loads((cache / "records.json").read_text())
    palettes = torch.from_numpy(np.load(cache / "palette.npy"))
    trainer, checkpoint = Trainer(RECIPE, widths, minutes, seed, setup), cache / "palette.pt"
    memory = Memory(records, palettes, text).to(setup.device)
    if checkpoint.exists():
        trainer.resume(checkpoint)
    net = trainer.net
    assert isinstance(net, PaletteNet)
    remember(trainer, net, memory)
    start = seed + trainer.updates
    names = names or Names.read(cache / "packages", text, start)
    composer, ids = Composer(records, palettes, start), lru_cache(100_000)(text.ids)
    trainer.reseed()

    def loss() -> Tensor:
        if trainer.progress < NAMING:
            return names.loss(net)
        with torch.device("cpu"):  # lessons are composed one by one
            lesson = composer.draw(trainer.batch)
            words = as_words(text.gather([ids(prompt) for prompt in lesson.prompts]))
            hidden = memory.hide(lesson.shown, composer.rng).to(setup.device)
        keys = keys_of(net, memory.meanings)
        rough = blurred(words.to(setup.device))
        taught = (lesson.palettes.to(setup.device), rough, lesson.style.to(setup.device))
        learned = palette_loss(net, *taught, keys, hidden)
        return learned if trainer.updates % REHEARSAL else learned + names.loss(net)

    watched = setup.montage_s < math.inf
    watch = PaletteWatch(records, palettes, text, setup.device) if watched else None
    trainer.run(loss, checkpoint, lambda: remember(trainer, net, memory), watch)
    return trainer


def remember(trainer: Trainer, net: PaletteNet, memory: Memory) -> None:
    """Write the memory, and the keys that the net and its running average give it."""
    average = trainer.average()
    assert isinstance(average, PaletteNet)
    with torch.no_grad():
        net.memory.copy_(memory.values)
        net.keys.copy_(keys_of(net, memory.meanings))
        trainer.ema["memory"] = memory.values.clone()
        trainer.ema["keys"] = keys_of(average, memory.meanings)


def main() -> None:
    """Parse the command line and train."""
    parser = argparse.ArgumentParser(description=__doc__)
    add_options(parser, minutes=15.0)
    options = parser.parse_args()
    minutes, setup = read_options(options)
    train(minutes, options.cache, options.seed, setup=setup)


if __name__ == "__main__":
    main()
