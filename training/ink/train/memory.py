"""What the palette net may look up: the palettes of the training art by meaning."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Any, Self

import torch
import torch.nn.functional as F
from torch import Tensor

from livedraft.runtime.models.ink.layout import KEY, LOOKS, STYLES
from livedraft.runtime.models.ink.tuning.nets.inputs import as_words
from livedraft.runtime.models.ink.tuning.nets.layers import pack_palette
from livedraft.runtime.models.ink.tuning.nets.palette_net import CONCEPTS, HISTOGRAM, PaletteNet
from livedraft.runtime.models.ink.words.text import TextTable

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
        concepts = [by_key[key] for key in self.place]
        means = (
            as_words(text.encode([r["label"] for r in concepts])).mean,
            as_words(text.encode([" ".join(r["words"][:6]) for r in concepts])).mean,
        )
        features = torch.cat([pack_palette(palettes[rows]), histograms(palettes[rows])], 1)
        concept = torch.tensor([self.place[records[i]["key"]] for i in rows])
        style = torch.tensor([STYLES.index(records[i]["style"]) for i in rows])
        values = torch.zeros(len(concepts), len(STYLES), features.shape[1])
        for c in range(len(concepts)):
            for s in range(len(STYLES)):
                same = (concept == c) & (style == s)
                values[c, s] = features[same if same.any() else concept == c].mean(0)
        # A small set fills the memory in turns.
        self.repeat = torch.arange(CONCEPTS) % len(concepts)
        self.meanings = torch.cat(means, 1)[self.repeat]
        self.values = values.flatten(1)[self.repeat]

    def to(self, device: torch.device) -> Self:
        """Move what the network reads to a device."""
        self.meanings, self.values = self.meanings.to(device), self.values.to(device)
        return self

    def hide(self, shown: Sequence[tuple[str, ...]], rng: random.Random) -> Tensor:
        """Mark, in most lessons, the concepts that are shown: (B, 1376)."""
        hidden = torch.zeros(len(shown), len(self.place), dtype=torch.bool)
        for row, keys in enumerate(shown):
            if rng.random() < HIDDEN and len(self.place) > len(keys):
                hidden[row, [self.place[key] for key in keys]] = True
        return hidden[:, self.repeat]


def keys_of(net: PaletteNet, meanings: Tensor) -> Tensor:
    """Return a memory's keys of concepts' meanings (C, 256), a unit vector for each look."""
    return F.normalize(net.key(meanings).view(-1, LOOKS, KEY), dim=2).flatten(1)


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
