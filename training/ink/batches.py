"""Training batches: pictures, their sketches as a hand would draw them, captions and palettes."""

from __future__ import annotations

import json
import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from livedraft.runtime.models.ink.layout import STYLES
from livedraft.runtime.models.ink.nets.inputs import as_words, jitter, map_regions, roughened
from livedraft.runtime.models.ink.nets.layers import Words
from livedraft.runtime.models.ink.nets.sketching import (
    affine_grids,
    draw_hints,
    hand_drawn,
    silhouette,
)
from livedraft.runtime.models.ink.text import TextTable

from .recolour import (
    draw_move,
    draw_pairs,
    move_colours,
    move_picture,
    nearest_word,
    swap_palette,
    swap_picture,
    without_colours,
)

GROUP_WEIGHT = {"people-body": 0.3, "smileys-emotion": 0.5}  # what people seldom draw, seldom seen
VARIANT_WEIGHT = (0.6, 0.28, 0.12)  # full line art, about 30 % and 60 % of shapes without outline
CROP = 128
EMPTY = 0.02  # share of empty canvases
SWAPPED = 0.25  # share of pictures, of those no word recolours, with two colours exchanged


@dataclass
class Batch:
    """One batch; `crop` is the place (y, x) of the target in the full picture, in pixels."""

    lines: Tensor  # (B, 1, 256, 256) ink coverage
    hints: Tensor  # (B, 4, 64, 64) premultiplied
    regions: Tensor  # (B, 32, 64, 64) shares of cells
    latent: Tensor  # (B, 4, 64, 64) premultiplied, -1..1
    target: Tensor  # (B, 4, 128, 128) or all of it, premultiplied, -1..1
    crop: tuple[int, int]
    palette: Tensor  # (B, 6, 4), as the networks see it
    text: Words
    style: Tensor
    prompts: list[str]

    def head(self, count: int) -> Batch:
        """Return the first pictures of the batch."""
        text = Words(*(x[:count] for x in self.text))
        cut = {
            name: getattr(self, name)[:count]
            for name in (
                *("lines", "hints", "regions", "latent", "target", "palette", "style", "prompts"),
            )
        }
        return replace(self, text=text, **cut)


class Drawings:
    """The training arrays of one cache folder, split into training and held-out rows."""

    def __init__(self, cache: Path, held_out: bool = False) -> None:
        records: list[dict[str, Any]] = json.loads((cache / "records.json").read_text())
        self.records = records
        self.rows = [i for i, r in enumerate(records) if r["held_out"] == held_out]
        self.weights = [GROUP_WEIGHT.get(records[i]["group"], 1.0) for i in self.rows]
        self.pictures = np.load(cache / "picture.npy", mmap_mode="r")
        self.smalls = np.load(cache / "small.npy", mmap_mode="r")
        self.lines = np.load(cache / "lines.npy", mmap_mode="r")
        for array in (self.lines, self.pictures):  # read in order once, or every draw is a seek
            for start in range(0, len(array), 256):
                array[start : start + 256].max()
        self.palettes = torch.from_numpy(np.load(cache / "palette.npy"))

    def draw(self, count: int, rng: random.Random) -> list[int]:
        """Draw rows with replacement."""
        return rng.choices(self.rows, self.weights, k=count)

    def style(self, rows: Sequence[int]) -> Tensor:
        """Return style indices (B,)."""
        return torch.tensor([STYLES.index(self.records[i]["style"]) for i in rows])


class Batches:
    """Augmented batches of a split, endlessly and by seed."""

    def __init__(self, drawings: Drawings, text: TextTable, seed: int) -> None:
        self.drawings, self.text = drawings, text
        self.rng = random.Random(seed)
        self.ids = lru_cache(100_000)(text.ids)

    def captions(
        self, rows: list[int], recolour: float
    ) -> tuple[list[str], Tensor, Tensor, Tensor]:
        """Return prompts, (B, 6, 4) palettes, and the moves' (B, 3) sources and targets.

        Rows that are not recoloured have equal source and target.
        """
        palettes = self.drawings.palettes[rows].clone()
        source, target = torch.zeros(len(rows), 3), torch.zeros(len(rows), 3)
        prompts = []
        for index, row in enumerate(rows):
            caption = self.caption(row)
            if self.rng.random() < recolour:
                word, source[index], target[index] = draw_move(palettes[index], self.rng)
                caption = f"{word} {without_colours(caption)}"
            elif self.rng.random() < 0.35 and palettes[index, 0, 3] > 0.35:
                word = nearest_word(palettes[index, 0, :3]) or ""
                caption = caption if word in caption else f"{word} {without_colours(caption)}"
            prompts.append("" if self.rng.random() < 0.1 else caption)
        moved = (source != target).any(1)
        palettes[moved, :, :3] = move_colours(palettes[moved, :, :3], source[moved], target[moved])
        return prompts, palettes, source, target

    def caption(self, row: int) -> str:
        """Word what a row shows, each time a little differently."""
        record = self.drawings.records[row]
        rng, words = self.rng, record["words"]
        text: str = record["label"]
        if words and rng.random() < 0.25:
            text = rng.choice(words)
        elif words and rng.random() < 0.3:
            text = f"{text} {rng.choice(words)}"
        return rng.choice(("", "", "", "a ", "the ", "a drawing of a ")) + text

    def encode(self, prompts: list[str]) -> Words:
        """Look prompts up in the static table."""
        return as_words(self.text.gather([self.ids(p) for p in prompts]))

    def palettes(self, count: int) -> tuple[Tensor, Words, Tensor]:
        """Return what the palette net learns from: true palettes (B, 6, 4), text, style.

        Word vectors are roughened, so that concepts are learned with their neighbourhood: there
        are only some 1,400, and other words must find a palette too.
        """
        rows = self.drawings.draw(count, self.rng)
        prompts, palettes, _, _ = self.captions(rows, recolour=0.45)
        return palettes, roughened(self.encode(prompts)), self.drawings.style(rows)

    def pictures(self, count: int, crop: int | None = CROP) -> Batch:
        """Return what the drawing networks learn from.

        `crop` is the side of the target in pixels; None leaves the target out (it is empty then).
        """
        rows = self.drawings.draw(count, self.rng)
        prompts, palettes, source, target = self.captions(rows, recolour=0.4)
        moved = (source != target).any(1)
        steady, wobbled = affine_grids(count, wobble=True)
        side, free = crop or 0, (256 - (crop or 256)) // 16 + 1
        y, x = self.rng.randrange(free) * 16, self.rng.randrange(free) * 16
        small = _sample(self.drawings.smalls, rows, steady[:, 1::4, 1::4])
        large = small[..., :0, :0]
        if crop:
            large = _sample(self.drawings.pictures, rows, steady[:, y : y + side, x : x + side])
        for pictures in (large, small):
            if moved.any() and pictures.numel():
                pictures[moved] = move_picture(pictures[moved], source[moved], target[moved])
        swapped = ~moved & (torch.rand(count) < SWAPPED)
        if swapped.any():
            pair = draw_pairs(palettes[swapped])
            for pictures in (large, small):
                if pictures.numel():
                    pictures[swapped] = swap_picture(pictures[swapped], palettes[swapped], pair)
            palettes[swapped] = swap_palette(palettes[swapped], pair)
        lines = hand_drawn(self._lines(rows), wobbled)
        lines, hints = draw_hints(lines, small, share=0.4, told=swapped)
        if self.rng.random() < EMPTY * count:  # an empty canvas gives an empty picture
            for part in (lines, hints, small, large):
                part[:1] *= 0
        return Batch(
            lines=lines,
            hints=hints,
            regions=map_regions(lines),
            latent=small * 2 - 1,
            target=large * 2 - 1,
            crop=(y, x),
            palette=jitter(palettes),
            text=self.encode(prompts),
            style=self.drawings.style(rows),
            prompts=prompts,
        )

    def _lines(self, rows: list[int]) -> Tensor:
        drawn = []
        for row in rows:
            variant = self.rng.choices(range(3), VARIANT_WEIGHT)[0]
            lines = torch.from_numpy(
                np.array(self.drawings.lines[self.drawings.records[row]["lines"], variant])
            )
            if variant and self.rng.random() < 0.85:  # most hands begin with the contour
                contour = silhouette(
                    torch.from_numpy(np.array(self.drawings.pictures[row, ..., 3]))
                )
                lines = torch.maximum(lines, contour)
            drawn.append(lines)
        return torch.stack(drawn)[:, None].float() / 255


def _sample(array: Any, rows: list[int], grid: Tensor) -> Tensor:
    pictures = torch.from_numpy(np.stack([array[i] for i in rows]))
    floats = pictures.permute(0, 3, 1, 2).float() / 255
    return F.grid_sample(floats, grid, mode="bilinear", align_corners=False)
