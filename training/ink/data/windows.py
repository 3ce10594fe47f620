"""Windows of large drawings: where the decoder looks at 512 and 1024 px, and what it sees there."""

from __future__ import annotations

import json
import random
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from livedraft.runtime.models.ink.layout import SIZE
from livedraft.runtime.models.ink.tuning.nets.sketching import Hand
from livedraft.runtime.models.tuning.device import CPU

from .large import LARGE, Sketched

SIDE = 128  # px of a window, at every size
CELL = 16  # px that the decoder's smallest maps take together: windows begin at multiples
AT_ONCE = 32  # large pictures that a GPU converts at once
RIM = 32  # px that a window keeps from the rim of the one that it lies in, or it lacks context
Place = tuple[int, int, int]  # (y, x, side) of a window, px


class LargeDrawings:
    """The training art at 1024x1024 of one cache folder; empty where none was rendered."""

    def __init__(self, cache: Path, device: torch.device = CPU) -> None:
        self.sketched: list[Sketched] = []
        if (cache / "large.json").exists():
            entries = json.loads((cache / "large.json").read_text())
            self.sketched = [Sketched(**one) for one in entries]
            self.pictures = read_array(cache / "large.npy", device)
            self.lines = read_array(cache / "large_lines.npy", device)

    def picture(self, at: Sequence[int], grid: Tensor, scale: int) -> Tensor:
        """Sample pictures at (B, h, w, 2), premultiplied in 0..1, at `scale` times 256 px."""
        return sample(self.pictures, at, grid, LARGE // SIZE // scale)

    def line_art(self, at: Sequence[int], grid: Tensor, scale: int) -> Tensor:
        """Sample the lines of pictures, (B, 1, h, w)."""
        return sample(self.lines[..., None], at, grid, LARGE // SIZE // scale)


def places(scale: int, rng: random.Random) -> list[Place]:
    """Choose a window at 256 px, one within it at 512, and so on up to `scale` times 256."""
    chosen = [(_start(0, SIZE, SIZE, rng), _start(0, SIZE, SIZE, rng), SIDE)]
    size = SIZE
    while size < SIZE * scale:
        size *= 2
        y, x, side = (2 * part for part in chosen[-1])
        chosen.append((_start(y, side, size, rng), _start(x, side, size, rng), SIDE))
    return chosen


def _start(begin: int, length: int, whole: int, rng: random.Random) -> int:
    """Choose where a window begins within another, apart from its rims that are not the whole's."""
    least = 0 if begin == 0 else begin + RIM
    most = whole if begin + length == whole else begin + length - RIM
    return rng.randrange(least, most - SIDE + 1, CELL)


def closer(maps: Tensor, scale: int, place: Place) -> Tensor:
    """Cut a window out of maps (B, C, h, w) that are enlarged `scale` times.

    The place is (y, x, side) in px of the enlarged; all multiples of the scale.
    """
    y, x, side = place
    if scale == 1:
        return maps[..., y : y + side, x : x + side]
    rim = F.pad(maps, (1, 1, 1, 1), mode="replicate")
    y, x, inner = y // scale, x // scale, side // scale
    near = rim[..., y : y + inner + 2, x : x + inner + 2]
    grown = F.interpolate(near, scale_factor=float(scale), mode="bilinear")
    return grown[..., scale:-scale, scale:-scale]


def crisply(cover: Tensor, scale: int) -> Tensor:
    """Give coverage that was enlarged `scale` times edges as narrow as before."""
    return ((cover - 0.5) * scale + 0.5).clamp(0, 1)


def draw_closer(hand: Hand, lines: Tensor, scale: int, place: Place) -> Tensor:
    """Draw lines as a hand does whose sketch they show a window of, `scale` times as large."""
    drawn = lines.clone()
    drawn[hand.thick] = F.max_pool2d(drawn[hand.thick], 2 * scale + 1, 1, scale)
    kept = crisply(closer(hand.kept, scale, place), scale)
    return (drawn * kept * hand.pressure).clamp(0, 1)


def window_grid(grid: Tensor, scale: int, place: Place) -> Tensor:
    """Cut a window (B, side, side, 2) out of a sampling grid (B, 256, 256, 2), enlarged."""
    return closer(grid.permute(0, 3, 1, 2), scale, place).permute(0, 2, 3, 1)


def sample(array: Any, rows: Sequence[int], grid: Tensor, reduce: int = 1) -> Tensor:
    """Sample uint8 pictures (N, S, S, C) at (B, h, w, 2), zeros beyond: (B, C, h, w) in 0..1.

    Reads no more of each than the grid covers, unless they are tensors; averages `reduce` px to
    one before.
    """
    if isinstance(array, Tensor):
        parts = (slice(start, start + AT_ONCE) for start in range(0, len(rows), AT_ONCE))
        chosen = torch.tensor(rows, device=array.device)
        return torch.cat([_sampled(array[chosen[p]], grid[p], reduce) for p in parts])
    side = array.shape[1] // reduce
    places = ((grid.cpu() + 1) * side - 1) / 2
    sampled = []
    for row, place in zip(rows, places, strict=True):
        low = place.amin((0, 1)).floor().long().clamp(0, side - 1)
        high = (place.amax((0, 1)).floor().long() + 2).clamp(1, side)
        (x, y), (right, down) = low.tolist(), torch.maximum(high, low + 1).tolist()
        part = array[row, y * reduce : down * reduce, x * reduce : right * reduce]
        within = (2 * (place - low) + 1) / place.new_tensor([right - x, down - y]) - 1
        sampled.append(_sampled(torch.from_numpy(np.array(part))[None], within[None], reduce))
    return torch.cat(sampled).to(grid.device)


def _sampled(pictures: Tensor, grid: Tensor, reduce: int) -> Tensor:
    floats = pictures.permute(0, 3, 1, 2).float() / 255
    if reduce > 1:
        floats = F.avg_pool2d(floats, reduce)
    return F.grid_sample(floats, grid, mode="bilinear", align_corners=False)


def read_array(path: Path, device: torch.device) -> Any:
    """Open a uint8 array on the disk; for a GPU with room for twice as much, move it there."""
    array = np.load(path, mmap_mode="r")
    if device.type == "cpu" or torch.cuda.mem_get_info(device)[0] < 2 * array.nbytes:
        return array
    return torch.from_numpy(np.load(path)).to(device)


def as_tensor(part: Any, device: torch.device) -> Tensor:
    """Return a part of an array as a tensor; read it, unless it is on the device already."""
    return part if isinstance(part, Tensor) else torch.from_numpy(np.array(part)).to(device)
