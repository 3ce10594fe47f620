"""One batch of training: what the networks see, and what they should make of it."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import Any

import torch
from torch import Tensor

from livedraft.runtime.models.ink.tuning.nets.layers import Words

from .windows import Place


@dataclass
class Window:
    """A part of a batch's sketches at `scale` times 256 px, with the lines that they have there."""

    scale: int
    place: Place
    lines: Tensor  # (B, 1, 128, 128)


@dataclass
class Batch:
    """One batch; `crop` is the place (y, x) at 256 px of the target, or of the first window."""

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
    windows: tuple[Window, ...] = ()  # of a closer look; the target is the last one's

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

    def to(self, device: torch.device) -> Batch:
        """Move the batch to a device."""
        moved: dict[str, Any] = {
            field.name: part.to(device)
            for field in fields(self)
            if isinstance(part := getattr(self, field.name), Tensor | Words)
        }
        windows = tuple(replace(one, lines=one.lines.to(device)) for one in self.windows)
        return replace(self, windows=windows, **moved)
