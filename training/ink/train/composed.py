"""What the palette net learns from: prompts that name colours, parts and two things, made true."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from livedraft.runtime.models.ink.layout import COLOURS, STYLES
from livedraft.runtime.models.ink.words.colour_words import COLOUR_WORDS

from ..data.batches import GROUP_WEIGHT
from ..data.recolour import move_colours, nearest_word, without_colours

KINDS = {"plain": 0.4, "coloured": 0.22, "part": 0.13, "two": 0.25}
SILENT = 0.06  # share of empty prompts
SPOILT = 0.03, 0.012, 0.012  # deviation in OKLab of a named colour, as people mean it
PARTS = (
    *("eyes", "spots", "stripes", "ears", "wheels", "wings", "legs", "a hat", "hair", "leaves"),
    *("windows", "trim", "details", "dots", "feet", "a handle", "a roof", "a tail"),
)
JOINTS = ("{}, {}", "{} and {}", "a {} and a {}", "a {} with a {}", "{} with {}", "{} on a {}")
_NAMES = list(COLOUR_WORDS)
_COLOURS = torch.tensor(list(COLOUR_WORDS.values()))


@dataclass
class Lesson:
    """Prompts, their palettes (B, 6, 4) and styles, and the keys of the concepts shown."""

    prompts: list[str]
    palettes: Tensor
    style: Tensor
    shown: list[tuple[str, ...]]


class Composer:
    """Draws lessons from the training rows of a data set, endlessly and by seed."""

    def __init__(self, records: Sequence[dict[str, Any]], palettes: Tensor, seed: int) -> None:
        self.records, self.palettes = records, palettes
        self.rng, self.noise = random.Random(seed), torch.Generator().manual_seed(seed)
        self.rows = [i for i, r in enumerate(records) if not r["held_out"]]
        self.weights = [GROUP_WEIGHT.get(records[i]["group"], 1.0) for i in self.rows]
        self.of_style = {s: [i for i in self.rows if records[i]["style"] == s] for s in STYLES}

    def draw(self, count: int) -> Lesson:
        """Draw rows by weight, and for each a prompt with its palette."""
        rows = self.rng.choices(self.rows, self.weights, k=count)
        kinds = self.rng.choices(list(KINDS), list(KINDS.values()), k=count)
        made = [getattr(self, f"_{kind}")(row) for kind, row in zip(kinds, rows, strict=True)]
        prompts = ["" if self.rng.random() < SILENT else prompt for prompt, _, _ in made]
        return Lesson(
            prompts,
            torch.stack([palette for _, palette, _ in made]),
            torch.tensor([STYLES.index(self.records[row]["style"]) for row in rows]),
            [shown for _, _, shown in made],
        )

    def caption(self, row: int) -> str:
        """Word what a row shows, each time a little differently."""
        record, rng = self.records[row], self.rng
        words, text = record["words"], str(record["label"])
        if words and rng.random() < 0.25:
            return str(rng.choice(words))
        return f"{text} {rng.choice(words)}" if words and rng.random() < 0.3 else text

    def _plain(self, row: int) -> tuple[str, Tensor, tuple[str, ...]]:
        palette, text = self.palettes[row], self.caption(row)
        if self.rng.random() < 0.25 and palette[0, 3] > 0.35:
            word = nearest_word(palette[0, :3]) or ""
            text = text if word in text else f"{word} {without_colours(text)}"
        return self._opened(text), palette, (self.records[row]["key"],)

    def _coloured(self, row: int) -> tuple[str, Tensor, tuple[str, ...]]:
        word = self.rng.choice(_NAMES)
        text = f"{word} {without_colours(self.caption(row))}"
        return self._opened(text), self._moved(row, word), (self.records[row]["key"],)

    def _part(self, row: int) -> tuple[str, Tensor, tuple[str, ...]]:
        """ "White cat with black eyes": of the other colours the most different one is a part's."""
        first, second = self.rng.sample(_NAMES, 2)
        palette = self._moved(row, first)
        apart = (palette[:, :3] - palette[0, :3]).norm(dim=1) * palette[:, 3].clamp(min=0.02).sqrt()
        entry = int(apart.argmax())
        palette[entry, :3] = self._meant(second)
        palette[entry, 3] = palette[entry, 3].clamp(min=0.08)
        palette[:, 3] /= palette[:, 3].sum()
        text = f"{first} {without_colours(self.caption(row))} with {second} "
        return (
            self._opened(text + self.rng.choice(PARTS)),
            _sorted(palette),
            (self.records[row]["key"],),
        )

    def _two(self, row: int) -> tuple[str, Tensor, tuple[str, ...]]:
        """Two things in one picture, the first one larger, mostly each with a colour."""
        other = self.rng.choice(self.of_style[self.records[row]["style"]])
        texts = [self.caption(row), self.caption(other)]
        pair = [self.palettes[row].clone(), self.palettes[other].clone()]
        if self.rng.random() < 0.85:
            words = self.rng.sample(_NAMES, 2)
            texts = [f"{w} {without_colours(t)}" for w, t in zip(words, texts, strict=True)]
            pair = [self._moved(r, w) for r, w in zip((row, other), words, strict=True)]
        large = self.rng.uniform(0.52, 0.66)
        for palette, part in zip(pair, (large, 1 - large), strict=True):
            palette[:, 3] *= part
        shown = (self.records[row]["key"], self.records[other]["key"])
        return self.rng.choice(JOINTS).format(*texts), merged(torch.cat(pair)), shown

    def _opened(self, text: str) -> str:
        return self.rng.choice(("", "", "", "a ", "the ", "a drawing of a ")) + text

    def _moved(self, row: int, word: str) -> Tensor:
        """Return a row's palette with its main colour where a word points."""
        palette = self.palettes[row].clone()
        source, target = palette[:1, :3], self._meant(word)[None]
        palette[:, :3] = move_colours(palette[None, :, :3], source, target)[0]
        return palette

    def _meant(self, word: str) -> Tensor:
        drift = torch.randn(3, generator=self.noise) * torch.tensor(SPOILT)
        return _COLOURS[_NAMES.index(word)] + drift


def merged(entries: Tensor) -> Tensor:
    """Join the two most alike of (N, 4) entries until six are left; shares add up."""
    palette = entries.clone()
    while len(palette) > COLOURS:
        lab, share = palette[:, :3], palette[:, 3].clamp(min=1e-6)
        lost = share[:, None] * share / (share[:, None] + share)
        cost = (lab[:, None] - lab).norm(dim=2) * lost.sqrt() + 9 * torch.eye(len(palette))
        i, j = divmod(int(cost.argmin()), len(palette))
        total = share[i] + share[j]
        palette[i, :3] = (lab[i] * share[i] + lab[j] * share[j]) / total
        palette[i, 3] = total
        palette = torch.cat([palette[:j], palette[j + 1 :]])
    return _sorted(palette)


def _sorted(palette: Tensor) -> Tensor:
    return palette[palette[:, 3].argsort(descending=True)]
