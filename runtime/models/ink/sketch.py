"""Read a user's picture as a sketch: where the ink lies, and which strokes say a colour."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor

from .colour import srgb_to_oklab

SIZE = 256  # px, what the networks read
HINTS = 64  # cells a side of the colour hints
PAINTED = 0.5  # share of inked pixels above which a picture is a painting, not line art
PASTEL = 2.5  # on white paper, how much paler than full ink a coloured stroke may be


@dataclass(frozen=True)
class Sketch:
    """A drawing taken apart: what the networks read, and the ink that may stay on the picture."""

    lines: Tensor  # (1, 1, 256, 256), coverage by strokes of any colour
    hints: Tensor  # (1, 4, 64, 64), coloured strokes, premultiplied RGBA
    ink: Tensor  # (1, 1, 256, 256), coverage by strokes that are lines and no hints

    @property
    def empty(self) -> bool:
        """Whether nothing is drawn."""
        return bool(self.lines.max() < 0.05)


def read_sketch(pixels: NDArray[np.uint8]) -> Sketch:
    """Letterbox a picture (H, W, 3 | 4) of any size to a square and separate ink from paper.

    Transparent pixels are paper; in a picture without any, white is. Ink of any colour is a line;
    chromatic ink, and light ink on transparent paper, is a hint too. A picture that covers most of
    its area gives its edges as lines and itself as the hint.
    """
    opaque = pixels.shape[2] == 3 or bool((pixels[..., 3] > 250).all())
    premultiplied = torch.from_numpy(_letterbox(pixels)).permute(2, 0, 1).float() / 255
    cover, rgb = _off_white(premultiplied) if opaque else _straight(premultiplied)
    lab = srgb_to_oklab(rgb.permute(1, 2, 0))
    chromatic = ((lab[..., 1:].norm(dim=-1) - 0.04) / 0.05).clamp(0, 1)
    light = ((lab[..., 0] - 0.5) / 0.15).clamp(0, 1)
    told = chromatic if opaque else torch.maximum(chromatic, light)
    lines, hinted, ink = cover, cover * told, cover * (1 - told)
    if float((cover > 0.3).float().mean()) > PAINTED:
        lines, hinted, ink = _edges(lab[..., 0] * cover), cover, torch.zeros_like(cover)
    hints = torch.cat([rgb * hinted, hinted[None]])[None]
    return Sketch(lines[None, None], F.avg_pool2d(hints, SIZE // HINTS), ink[None, None])


def blank() -> Sketch:
    """Return the sketch of an empty canvas."""
    nothing = torch.zeros(1, 1, SIZE, SIZE)
    return Sketch(nothing, torch.zeros(1, 4, HINTS, HINTS), nothing)


def _letterbox(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Fit into 256x256, premultiplied RGBA; the bars are transparent."""
    image = Image.fromarray(pixels).convert("RGBA").convert("RGBa")
    scale = SIZE / max(image.size)
    size = (max(1, round(image.width * scale)), max(1, round(image.height * scale)))
    if image.size != size:
        image = image.resize(size, Image.Resampling.BOX if scale < 1 else Image.Resampling.BILINEAR)
    square = Image.new("RGBa", (SIZE, SIZE))
    square.paste(image, ((SIZE - size[0]) // 2, (SIZE - size[1]) // 2))
    return np.array(square)


def _straight(premultiplied: Tensor) -> tuple[Tensor, Tensor]:
    cover = premultiplied[3]
    return cover, (premultiplied[:3] / cover.clamp(min=1 / 255)).clamp(0, 1)


def _off_white(premultiplied: Tensor) -> tuple[Tensor, Tensor]:
    """Explain opaque pixels as ink over white paper (and letterbox bars as paper)."""
    rgb = premultiplied[:3] + 1 - premultiplied[3]
    least, most = rgb.amin(0), rgb.amax(0)
    coloured = ((most - least - 0.06) / 0.1).clamp(0, 1)
    cover = ((1 - least) * (1 + (PASTEL - 1) * coloured)).clamp(0, 1)
    cover = torch.where(cover < 0.08, torch.zeros(()), cover)  # paper's grain, JPEG's noise
    ink = (rgb - (1 - cover)) / cover.clamp(min=1 / 255)
    return cover, ink.clamp(0, 1)


def _edges(light: Tensor) -> Tensor:
    """Return where lightness changes, 0..1: the nearest thing to lines that a painting has."""
    padded = F.pad(light[None, None], (1, 1, 1, 1), mode="replicate")[0, 0]
    right = (padded[1:-1, 2:] - padded[1:-1, :-2]).abs()
    down = (padded[2:, 1:-1] - padded[:-2, 1:-1]).abs()
    return ((right + down) * 3 - 0.15).clamp(0, 1)
