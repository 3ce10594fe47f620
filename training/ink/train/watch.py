"""What a network in training makes of held-out drawings: a picture to look at meanwhile."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image
from torch import Tensor, nn

from livedraft.runtime.models.base import Pixels
from livedraft.runtime.models.ink.layout import PALETTE_NOISE, SIZE, STYLES
from livedraft.runtime.models.ink.tuning.nets.colour import oklab_to_srgb
from livedraft.runtime.models.ink.tuning.nets.inputs import as_words
from livedraft.runtime.models.ink.words.text import TextTable
from livedraft.runtime.models.tuning.device import CPU, default

from ..data.batch import Batch
from ..data.batches import Batches, Drawings
from ..evaluate.montage import grid

SHOWN, SEED = 16, 1

Paint = Callable[[nn.Module, Batch], Tensor]  # (B, 4, 256, 256), premultiplied in -1..1


class Watch:
    """Lays out sketch, reference and what `paint` makes of some held-out drawings.

    They are drawn once, by a seed of their own: one montage can be compared with the next.
    """

    def __init__(
        self, cache: Path, text: TextTable, paint: Paint, device: torch.device = CPU
    ) -> None:
        torch.manual_seed(SEED)
        batch = Batches(Drawings(cache, held_out=True), text, SEED).pictures(SHOWN, crop=256)
        self._batch, self._paint, self._device = batch.to(device), paint, device
        self._given = [
            (inked(lines[0]), pixels_of(target))
            for lines, target in zip(batch.lines, batch.target, strict=True)
        ]

    @torch.no_grad()
    def __call__(self, net: nn.Module, path: Path) -> None:
        """Write the montage of a network."""
        with default(self._device):
            painted = self._paint(net, self._batch).cpu()
        made = [pixels_of(one) for one in painted]
        sheet = grid([(*given, one) for given, one in zip(self._given, made, strict=True)])
        Image.fromarray(sheet).save(path, quality=88)


class PaletteWatch:
    """Lays out the palettes of some held-out drawings beside those that their labels call for."""

    def __init__(
        self,
        records: Sequence[dict[str, Any]],
        palettes: Tensor,
        text: TextTable,
        device: torch.device = CPU,
    ) -> None:
        held = [i for i, record in enumerate(records) if record["held_out"]]
        rows = random.Random(SEED).sample(held, min(SHOWN, len(held)))
        self._true = palettes[rows]
        chosen = [records[row] for row in rows]
        self._words = as_words(text.encode([record["label"] for record in chosen])).to(device)
        styles = [STYLES.index(record["style"]) for record in chosen]
        self._style = torch.tensor(styles, device=device)

    @torch.no_grad()
    def __call__(self, net: nn.Module, path: Path) -> None:
        """Write the likeliest palettes of a network."""
        noise = self._words.mean.new_zeros(len(self._true), PALETTE_NOISE)
        guessed: Tensor = net(self._words, self._style, noise)
        pairs = zip(self._true, guessed.cpu(), strict=True)
        sheet = grid([(bars(true), bars(made)) for true, made in pairs], 6)
        Image.fromarray(sheet).save(path, quality=88)


def bars(palette: Tensor) -> Pixels:
    """Return a palette (6, 4) as bars as wide as its shares, (256, 256, 4)."""
    ends = (palette[:, 3].cumsum(0) * SIZE).round().long()
    entry = torch.searchsorted(ends, torch.arange(SIZE), right=True).clamp(max=len(palette) - 1)
    row = (oklab_to_srgb(palette[:, :3])[entry] * 255).round().byte()
    opaque = torch.cat([row, torch.full((SIZE, 1), 255, dtype=torch.uint8)], 1)
    return np.asarray(opaque.expand(SIZE, SIZE, 4).numpy())


def pixels_of(rgba: Tensor) -> Pixels:
    """Return a premultiplied picture (4, H, W) in -1..1 as straight uint8 (H, W, 4)."""
    shares = (rgba.float() / 2 + 0.5).clamp(0, 1)
    straight = torch.cat([shares[:3] / shares[3:].clamp(min=0.02), shares[3:]]).clamp(0, 1)
    return np.asarray((straight * 255).round().byte().permute(1, 2, 0).numpy())


def inked(lines: Tensor) -> Pixels:
    """Return coverage (H, W) in 0..1 as black lines on transparent paper."""
    pixels = np.zeros((*lines.shape, 4), np.uint8)
    pixels[..., 3] = (lines * 255).round().byte().numpy()
    return pixels
