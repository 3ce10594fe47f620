"""Training batches: pictures, their sketches as a hand would draw them, captions and palettes."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from livedraft.runtime.models.ink.layout import STYLES
from livedraft.runtime.models.ink.tuning.nets.inputs import as_words, jitter, map_regions, roughened
from livedraft.runtime.models.ink.tuning.nets.layers import Words
from livedraft.runtime.models.ink.tuning.nets.sketching import Hand, affine_grids, draw_hints
from livedraft.runtime.models.ink.words.text import TextTable
from livedraft.runtime.models.tuning.device import CPU

from .batch import Batch, Window
from .large import Sketched, draw_sketched, silhouette
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
from .windows import (
    SIDE,
    LargeDrawings,
    Place,
    as_tensor,
    closer,
    crisply,
    draw_closer,
    places,
    read_array,
    sample,
    window_grid,
)

GROUP_WEIGHT = {"people-body": 0.3, "smileys-emotion": 0.5}  # what people seldom draw, seldom seen
CROP = SIDE
SCALE_WEIGHT = {1: 0.5, 2: 0.3, 4: 0.2}  # times 256 px: how often the decoder learns each
BLURRED = 0.3  # share of large sketches that were enlarged from 256 px
SOLID = 1 / 3  # share of large shaded drawings that stand for 3D ones, which are small only
EMPTY = 0.02  # share of empty canvases
SWAPPED = 0.25  # share of pictures, of those no word recolours, with two colours exchanged


class Drawings:
    """The training arrays of one cache folder, split into training and held-out rows.

    They are read from the disk; a GPU holds them whole, if they fit.
    """

    def __init__(self, cache: Path, held_out: bool = False, device: torch.device = CPU) -> None:
        records: list[dict[str, Any]] = json.loads((cache / "records.json").read_text())
        self.records = records
        self.rows = [i for i, r in enumerate(records) if r["held_out"] == held_out]
        self.weights = [GROUP_WEIGHT.get(records[i]["group"], 1.0) for i in self.rows]
        self.device = device
        self.pictures = read_array(cache / "picture.npy", device)
        self.smalls = read_array(cache / "small.npy", device)
        self.lines = read_array(cache / "lines.npy", device)
        for array in (self.lines, self.pictures):  # read in order once, or every draw is a seek
            if isinstance(array, np.ndarray):
                for start in range(0, len(array), 256):
                    array[start : start + 256].max()
        self.palettes = torch.from_numpy(np.load(cache / "palette.npy"))
        self.large = LargeDrawings(cache, device)

    def draw(self, count: int, rng: random.Random) -> list[int]:
        """Draw rows with replacement."""
        return rng.choices(self.rows, self.weights, k=count)

    def style(self, rows: Sequence[int]) -> Tensor:
        """Return style indices (B,)."""
        styles = [STYLES.index(self.records[i]["style"]) for i in rows]
        return torch.tensor(styles, device=self.device)


class Batches:
    """Augmented batches of a split, endlessly and by seed, on the drawings' device.

    New tensors must come to be on that device by default, see `tuning.device.default`.
    """

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
        with torch.device("cpu"):  # one by one
            prompts, *moves = self._captions(rows, recolour)
        palettes, source, target = (part.to(self.drawings.device) for part in moves)
        return prompts, palettes, source, target

    def _captions(
        self, rows: list[int], recolour: float
    ) -> tuple[list[str], Tensor, Tensor, Tensor]:
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
        words = as_words(self.text.gather([self.ids(p) for p in prompts]))
        return words.to(self.drawings.device)

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
        sketched = [draw_sketched(row, self.rng) for row in self.drawings.draw(count, self.rng)]
        side, free = crop or 0, (256 - (crop or 256)) // 16 + 1
        place = self.rng.randrange(free) * 16, self.rng.randrange(free) * 16, side
        rows = [one.row for one in sketched]

        def look(grid: Tensor) -> Tensor:
            return sample(self.drawings.pictures, rows, window_grid(grid, 1, place))

        return self._batch(sketched, look if crop else None, [place])

    def of_any_size(self, count: int) -> Batch:
        """Return pictures at 256 px or, where large drawings are at hand, often a closer look."""
        scale = self.rng.choices(list(SCALE_WEIGHT), list(SCALE_WEIGHT.values()))[0]
        if scale == 1 or not self.drawings.large.sketched:
            return self.pictures(count)
        return self.closer(count, scale)

    def closer(self, count: int, scale: int) -> Batch:
        """Return what the decoder learns from at 512 or 1024 px, 2 or 4 times the usual."""
        large = self.drawings.large
        at = self.rng.choices(range(len(large.sketched)), k=count)
        chosen = places(scale, self.rng)

        def look(grid: Tensor) -> Tensor:
            return large.picture(at, window_grid(grid, scale, chosen[-1]), scale)

        return self._batch([large.sketched[i] for i in at], look, chosen, at)

    def _batch(
        self,
        sketched: list[Sketched],
        look: Callable[[Tensor], Tensor] | None,
        chosen: list[Place],
        at: Sequence[int] = (),
    ) -> Batch:
        """Augment some drawings; `look` gives the target under a grid."""
        rows, count = [one.row for one in sketched], len(sketched)
        prompts, palettes, source, target = self.captions(rows, recolour=0.4)
        steady, wobbled = affine_grids(count, wobble=True)
        small = sample(self.drawings.smalls, rows, steady[:, 1::4, 1::4])
        large = small[..., :0, :0] if look is None else look(steady)
        swapped = _recolour([small, large], palettes, source, target)
        bent = F.grid_sample(self._lines(sketched), wobbled, mode="bilinear", align_corners=False)
        hand = Hand.of(bent)
        drawn = hand.draw(bent)
        lines, hints = draw_hints(drawn, small, share=0.4, forced=swapped)
        windows = self._windows(at, wobbled, hand, (drawn, lines), chosen[1:])
        if self.rng.random() < EMPTY * count:  # an empty canvas gives an empty picture
            for part in (lines, hints, small, large, *(window.lines for window in windows)):
                part[:1] *= 0
        return Batch(
            lines=lines,
            hints=hints,
            regions=map_regions(lines),
            latent=small * 2 - 1,
            target=large * 2 - 1,
            crop=chosen[0][:2],
            palette=jitter(palettes),
            text=self.encode(prompts),
            style=self._style(rows) if windows else self.drawings.style(rows),
            prompts=prompts,
            windows=windows,
        )

    def _windows(
        self,
        at: Sequence[int],
        grid: Tensor,
        hand: Hand,
        lines: tuple[Tensor, Tensor],
        chosen: list[Place],
    ) -> tuple[Window, ...]:
        """Look closer at sketches: at `lines` before and after coloured strokes joined them."""
        drawn, joined = lines
        blurred = torch.rand(len(drawn), 1, 1, 1) < BLURRED
        windows = []
        for index, place in enumerate(chosen):
            scale = 2 ** (index + 1)
            art = self.drawings.large.line_art(at, window_grid(grid, scale, place), scale)
            strokes = crisply(closer((joined - drawn).clamp(min=0), scale, place), scale)
            sharp = torch.maximum(draw_closer(hand, art, scale, place), strokes)
            soft = closer(joined, scale, place)
            windows.append(Window(scale, place, torch.where(blurred, soft, sharp)))
        return tuple(windows)

    def _style(self, rows: list[int]) -> Tensor:
        style = self.drawings.style(rows)
        solid = (style == STYLES.index("shaded")) & (torch.rand(len(rows)) < SOLID)
        return style.masked_fill(solid, STYLES.index("3d"))

    def _lines(self, sketched: list[Sketched]) -> Tensor:
        """Return the line art of some drawings, (B, 1, 256, 256) in 0..1."""
        drawn = []
        for one in sketched:
            row = self.drawings.records[one.row]["lines"]
            lines = as_tensor(self.drawings.lines[row, one.variant], self.drawings.device)
            if one.contour:
                alpha = as_tensor(self.drawings.pictures[one.row, ..., 3], self.drawings.device)
                lines = torch.maximum(lines, silhouette(alpha))
            drawn.append(lines)
        return torch.stack(drawn)[:, None].float() / 255


def _recolour(pictures: list[Tensor], palettes: Tensor, source: Tensor, target: Tensor) -> Tensor:
    """Move or exchange colours, in place; tell of which rows two were exchanged, (B,)."""
    moved = (source != target).any(1)
    swapped = ~moved & (torch.rand(len(palettes)) < SWAPPED)
    pair = draw_pairs(palettes[swapped]) if swapped.any() else torch.empty(0, 2)
    for some in pictures:
        if moved.any() and some.numel():
            some[moved] = move_picture(some[moved], source[moved], target[moved])
        if swapped.any() and some.numel():
            some[swapped] = swap_picture(some[swapped], palettes[swapped], pair)
    if swapped.any():
        palettes[swapped] = swap_palette(palettes[swapped], pair)
    return swapped
