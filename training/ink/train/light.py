"""Search the weights of the rules that light: `python -m training.ink.train.light noto`.

On drawings of the training split alone, in their true mean colours: the weights under which the
patches of what is lit come closest to the art's, beginning at those of `light.RULES`. Prints the
best.
"""

from __future__ import annotations

import argparse
import json
import math
import random
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor
from tqdm import trange

from livedraft.runtime.models.ink.colour import Floats
from livedraft.runtime.models.ink.finish.light import (
    RULES,
    Change,
    Lights,
    Look,
    Rule,
    Tones,
    aimed,
    changed,
    lay,
)
from livedraft.runtime.models.ink.finish.relief import SIDE

from ..data.dataset import CACHE
from .light_data import CHANNELS, FILE, INDEX

PATCH, PATCHES, SLICES = 7, 1200, 96  # px of 128², patches at once, directions
SCALES = (1, 2)  # px of 128² to one of a patch
DRAWINGS, TRIALS, DRAWS = 80, 150, 2  # drawings, weights tried, and drawings of patches for each
MOST = {"place": 0.8, "contrast": 1.5, "deeper": 1.6, "edge": 0.8}  # others up to 1


class Search:
    """Some drawings of one style, ready to be lit by any rule.

    With all of their lines, as styles are measured, where the art has gradients within those;
    *noto* has none there, and is taken by surfaces.
    """

    def __init__(self, cache: Path, style: str, count: int) -> None:
        entries: list[dict[str, Any]] = json.loads((cache / INDEX).read_text())
        array = np.load(cache / FILE, mmap_mode="r")
        of = [i for i, t in enumerate(entries) if t["style"] == style]
        rows = [i for i in of if entries[i]["whole"]] or of
        chosen = random.Random(3).sample(rows, min(count, len(rows)))
        self.found = [_read(np.asarray(array[row], np.float32)) for row in chosen]
        towards = aimed(Look(), RULES[style]).towards
        self.lights = [
            Lights.on(one["normals"], one["cover"][..., 0] > 0.5, towards) for one in self.found
        ]
        torch.manual_seed(4)
        inside = _planes([one["inside"] for one in self.found])
        theirs = _planes([one["art"] - one["base"] for one in self.found]) * inside
        self.cuts = [self._cut(inside, theirs, scale) for scale in SCALES for _ in range(DRAWS)]
        self.inside = inside

    def distance(self, rule: Rule | Tones) -> float:
        """Return how far patches are from the art's under a rule."""
        made = [
            applied(one["base"], changed(lights, Look(), rule, SIDE)) - one["base"]
            for one, lights in zip(self.found, self.lights, strict=True)
        ]
        ours = _planes(made) * self.inside
        apart = [(levels(ours, *cut[:3]) - cut[3]).abs().mean() for cut in self.cuts]
        return float(torch.stack(apart).mean())

    def _cut(
        self, inside: Tensor, theirs: Tensor, scale: int
    ) -> tuple[int, Tensor, Tensor, Tensor]:
        """Return where patches are cut and along what they are compared, and the art's."""
        places = draw_places(inside, scale)
        slices = F.normalize(torch.randn(3 * PATCH * PATCH, SLICES), dim=0)
        return scale, places, slices, levels(theirs, scale, places, slices)


def draw_places(inside: Tensor, scale: int) -> Tensor:
    """Draw the places of patches, whose corners are at (image, row, column), (P, 3)."""
    holes = F.max_pool2d((_smaller(inside, scale) < 0.99).float(), PATCH, 1)
    places = torch.nonzero(holes[:, 0] == 0)
    if not len(places):
        return places
    return places[torch.randint(len(places), (PATCHES,))]


def levels(maps: Tensor, scale: int, places: Tensor, slices: Tensor) -> Tensor:
    """Return what patches of maps are along some directions, sorted, (directions, P)."""
    maps = _smaller(maps, scale)
    width = maps.shape[3]
    steps = torch.arange(PATCH)
    offsets = (steps[:, None] * width + steps).flatten()
    corners = places[:, 0] * maps.shape[2] * width + places[:, 1] * width + places[:, 2]
    flat = maps.permute(1, 0, 2, 3).flatten(1)
    patches = flat[:, corners[:, None] + offsets].permute(1, 0, 2).flatten(1)
    return (slices.T @ patches.T).sort(1).values


def _smaller(maps: Tensor, scale: int) -> Tensor:
    return maps if scale == 1 else F.avg_pool2d(maps, scale)


def applied(colour: Floats, change: Change) -> Floats:
    """Lay light on a colour (S, S, 3) of its own size."""
    lit = np.ascontiguousarray(colour.transpose(2, 0, 1))
    lay(lit, change)
    return lit.transpose(1, 2, 0)


def search(
    searched: Search, rule: Rule | Tones, trials: int, rng: random.Random
) -> tuple[Rule | Tones, float]:
    """Try weights near the best so far, ever nearer."""
    best, least = rule, searched.distance(rule)
    for trial in trange(trials, desc="light", disable=trials < 50):
        step = 0.5 * (1 - trial / trials) + 0.04
        tried = _moved(best, rng, step)
        found = searched.distance(tried)
        if found < least:
            best, least = tried, found
    return best, least


def _moved(rule: Rule | Tones, rng: random.Random, step: float) -> Rule | Tones:
    """Change some weights of a rule that are not zero."""
    weights: dict[str, float] = {n: v for n, v in asdict(rule).items() if v and n != "turn"}
    for name in rng.sample(sorted(weights), rng.randint(1, 3)):
        moved = weights[name] * math.exp(rng.gauss(0, step))
        weights[name] = round(min(moved, MOST.get(name, 1.0)), 3)
    return type(rule)(**asdict(rule) | weights)


def _read(maps: Floats) -> dict[str, Floats]:
    normals = CHANNELS["normals"]
    maps[..., normals] = (maps[..., normals] - 128) * np.float32(255 / 127)
    maps /= 255
    return {name: maps[..., channels] for name, channels in CHANNELS.items()}


def _planes(pictures: list[Floats]) -> Tensor:
    return torch.from_numpy(np.stack(pictures)).permute(0, 3, 1, 2).contiguous().float()


def main() -> None:
    """Search one style's weights."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("style", choices=sorted(RULES))
    parser.add_argument("--cache", type=Path, default=CACHE)
    parser.add_argument("--trials", type=int, default=TRIALS)
    options = parser.parse_args()
    torch.set_num_threads(1)
    searched = Search(options.cache, options.style, DRAWINGS)
    unlit = searched.distance(Rule(0.0, 0.0, 0.0))
    before = searched.distance(RULES[options.style])
    rule, found = search(searched, RULES[options.style], options.trials, random.Random(5))
    print(rule)
    print(f"patches apart: unlit {unlit:.4f}, before {before:.4f}, now {found:.4f}")


if __name__ == "__main__":
    main()
