"""Train the palette net of `ink`: `python -m training.ink.palette_train --minutes 15`.

First the names of colours, some 32,000 ("otter", "brick red"): what colour do words call to mind?
Then palettes: what colours has a thing, going by the words and by a memory of the training art
that must not tell the thing itself?
"""

from __future__ import annotations

import argparse
import json
import random
import time
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, Self

import numpy as np
import torch
from torch import Tensor

from livedraft.runtime.models.ink.layout import STYLES
from livedraft.runtime.models.ink.nets.colour import srgb_to_oklab
from livedraft.runtime.models.ink.nets.inputs import as_words, roughened
from livedraft.runtime.models.ink.nets.layers import Widths, Words, pack_palette
from livedraft.runtime.models.ink.nets.losses import palette_loss
from livedraft.runtime.models.ink.nets.palette import (
    CONCEPTS,
    HISTOGRAM,
    MIDDLE,
    SPREAD,
    PaletteNet,
)
from livedraft.runtime.models.ink.text import TextTable

from .composed import Composer
from .data import CACHE, MODEL
from .sources import NAMES, fetch, read_json
from .train import WIDTHS, Recipe, Trainer

RECIPE = Recipe(PaletteNet, 256, 1e-3, decay=0.05)
NAMING = 0.2  # share of the budget for the names of colours
REHEARSAL = 4  # updates of the palette phase from one with names to the next
NAME_BATCH = 384
ROUGH = 0.6  # most noise on word vectors: how far a thing's neighbourhood reaches
HIDDEN = 0.8  # share of lessons in which the memory does not know the thing itself


class Memory:
    """The training art by concept: what it means, (1376, 256), and its palettes by style."""

    def __init__(
        self, records: Sequence[dict[str, Any]], palettes: Tensor, text: TextTable
    ) -> None:
        rows = [i for i, r in enumerate(records) if not r["held_out"]]
        by_key = {records[i]["key"]: records[i] for i in rows}
        self.place = {key: c for c, key in enumerate(sorted(by_key))}
        if len(self.place) > CONCEPTS:
            raise ValueError(f"{len(self.place)} concepts; the memory holds {CONCEPTS}")
        told = [by_key[key] for key in self.place]
        means = (
            as_words(text.encode([r["label"] for r in told])).mean,
            as_words(text.encode([" ".join(r["words"][:6]) for r in told])).mean,
        )
        features = torch.cat([pack_palette(palettes[rows]), histograms(palettes[rows])], 1)
        concept = torch.tensor([self.place[records[i]["key"]] for i in rows])
        style = torch.tensor([STYLES.index(records[i]["style"]) for i in rows])
        values = torch.zeros(len(told), len(STYLES), features.shape[1])
        for c in range(len(told)):
            for s in range(len(STYLES)):
                same = (concept == c) & (style == s)
                values[c, s] = features[same if same.any() else concept == c].mean(0)
        self.repeat = torch.arange(CONCEPTS) % len(told)  # a small set fills the memory in turns
        self.meanings = torch.cat(means, 1)[self.repeat]
        self.values = values.flatten(1)[self.repeat]

    def hide(self, shown: Sequence[tuple[str, ...]], rng: random.Random) -> Tensor:
        """Mark, in most lessons, the concepts that are shown: (B, 1376)."""
        hidden = torch.zeros(len(shown), len(self.place), dtype=torch.bool)
        for row, keys in enumerate(shown):
            if rng.random() < HIDDEN and len(self.place) > len(keys):
                hidden[row, [self.place[key] for key in keys]] = True
        return hidden[:, self.repeat]


def histograms(palettes: Tensor) -> Tensor:
    """Return soft histograms (N, 24) of palettes over cells that k-means finds in them."""
    colours, share = palettes[..., :3].reshape(-1, 3), palettes[..., 3].reshape(-1, 1)
    noise = torch.Generator().manual_seed(0)
    drawn = torch.multinomial(share[:, 0] + 1e-6, HISTOGRAM, generator=noise)
    cells = colours[drawn]
    for _ in range(8):
        nearest = torch.cdist(colours, cells).argmin(1)
        for k in range(HISTOGRAM):
            inside = nearest == k
            if share[inside].sum() > 0:
                cells[k] = (colours[inside] * share[inside]).sum(0) / share[inside].sum()
    near = (-torch.cdist(palettes[..., :3], cells) / 0.04).softmax(-1)
    return 3 * (near * palettes[..., 3:]).sum(1).sqrt()


def blurred(text: Words) -> Words:
    """Add noise to word vectors (of unit variance), to some prompts more than to others."""
    amount = ROUGH * torch.rand(len(text.mean), 1)
    pieces = amount[..., None] * torch.randn_like(text.pieces) * text.mask[..., None]
    mean = 0.7 * amount * torch.randn_like(text.mean) * text.mask.any(1, keepdim=True)
    return Words(text.pieces + pieces, text.mask, text.mean + mean)


class Names:
    """Names and the colours, in OKLab, that they call to mind."""

    def __init__(self, colours: Mapping[str, Sequence[float]], text: TextTable, seed: int) -> None:
        told = [(text.ids(name), lab) for name, lab in colours.items()]
        told = [(ids, lab) for ids, lab in told if ids]
        self.ids = [ids for ids, _ in told]
        lab = torch.tensor([lab for _, lab in told])
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
        rows = self.rng.choices(range(len(self.ids)), k=NAME_BATCH)
        words = as_words(self.text.gather([self.ids[i] for i in rows]))
        _, guess = net.sense(roughened(words, 0.2))
        error = ((guess[:, :3] - self.colours[rows]).square().sum(1) + 1e-3).sqrt()
        loss: Tensor = (error * torch.exp(-guess[:, 3]) + 3 * guess[:, 3]).mean()
        return loss


def train(
    minutes: float,
    cache: Path,
    seed: int = 0,
    widths: Widths = WIDTHS,
    names: Names | None = None,
    clock: Callable[[], float] = time.monotonic,
) -> Trainer:
    """Train until the time budget is used, and write `palette.pt`.

    `names` are those of the pinned package unless given.
    """
    text = TextTable.load(MODEL)
    records = json.loads((cache / "records.json").read_text())
    palettes = torch.from_numpy(np.load(cache / "palette.npy"))
    trainer, checkpoint = Trainer(RECIPE, widths, minutes, seed), cache / "palette.pt"
    memory = Memory(records, palettes, text)
    if checkpoint.exists():
        trainer.resume(checkpoint)
    net = trainer.net
    assert isinstance(net, PaletteNet)
    remember(trainer, net, memory)
    start = seed + trainer.updates
    torch.manual_seed(start)
    names = names or Names.read(cache / "packages", text, start)
    composer, ids = Composer(records, palettes, start), lru_cache(100_000)(text.ids)

    def loss() -> Tensor:
        if trainer.progress < NAMING:
            return names.loss(net)
        lesson = composer.draw(RECIPE.batch)
        words = as_words(text.gather([ids(prompt) for prompt in lesson.prompts]))
        hidden = memory.hide(lesson.shown, composer.rng)
        keys = net.make_keys(memory.meanings)
        taught = (lesson.palettes, blurred(words), lesson.style)
        learned = palette_loss(net, *taught, keys, hidden)
        return learned if trainer.updates % REHEARSAL else learned + names.loss(net)

    trainer.run(loss, checkpoint, clock, lambda: remember(trainer, net, memory))
    return trainer


def remember(trainer: Trainer, net: PaletteNet, memory: Memory) -> None:
    """Write the memory, and the keys that the net and its running average give it."""
    average = PaletteNet(trainer.widths)
    average.load_state_dict(trainer.ema)
    with torch.no_grad():
        net.memory.copy_(memory.values)
        net.keys.copy_(net.make_keys(memory.meanings))
        trainer.ema["memory"] = memory.values.clone()
        trainer.ema["keys"] = average.make_keys(memory.meanings)


def main() -> None:
    """Parse the command line and train."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cache", type=Path, default=CACHE)
    parser.add_argument("--minutes", type=float, default=15.0, help="budget over all runs")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    torch.set_flush_denormal(True)
    train(options.minutes, options.cache, options.seed)


if __name__ == "__main__":
    main()
