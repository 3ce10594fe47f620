"""Learn one style anew while the net stays: `python -m training.restyle.train.alone mosaic FILE`.

Only the numbers that a style has of its own are learned, so that the others paint as they did, and
the styles that users have learned for the net are good for the new one, too. Begins at the graph
that is served; where it does not have the style, at that one which paints most alike.
"""

from __future__ import annotations

import argparse
import math
from dataclasses import astuple, fields
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from livedraft.runtime.models.onnx import opened
from livedraft.runtime.models.restyle import own
from livedraft.runtime.models.restyle.tuning import served
from livedraft.runtime.models.restyle.tuning.examples import Crops
from livedraft.runtime.models.restyle.tuning.judge import Judge
from livedraft.runtime.models.restyle.tuning.motion import Motion, filmed
from livedraft.runtime.models.restyle.tuning.net import STRIDE, STYLED, RestyleNet, channels_last
from livedraft.runtime.models.restyle.weights import FILE, WEIGHTS

from ..data.packed import JUDGE, LEARNED, TEACHER, arrays, read
from ..teacher.net import StyleNet
from ..teacher.styles import NAMES, painted
from .aims import OF, Aims, apart, manner, palette, turned
from .graph import graph
from .losses import edges, textures

CACHE = Path(".cache/restyle")
_AT_ONCE = 6  # pictures that are painted together
_CROP = 5 / 6  # of their side, that is learned from at once
_BATCH = 2  # pictures, of which one is seen twice
_RATE, _WARM = 1e-2, 10
_AVERAGED = 0.97
_NOISE, _LIGHT = 0.02, 0.04  # of what a camera does to a frame
_TOLD = 20  # updates between lines

Weights = dict[str, Tensor]


class Alone:
    """One style in training."""

    def __init__(self, style: str, pack: Path, start: bytes, pairs: int, side: int) -> None:
        self.style, self.aims = style, OF.get(style, Aims())
        self.judge = Judge(arrays(pack, JUDGE))
        self.pictures, self.painted = _pairs(style, pack, pairs, side)
        self.manner = manner(self.judge, self.painted)
        found, self.names = served.read(start)
        self.stamp = own.stamp(start, opened(start, "restyle's net", threads=1))
        self.weights = {name: torch.from_numpy(np.array(value)) for name, value in found.items()}
        self.net = channels_last(RestyleNet(1))
        self._begin()
        learned = {n: p for n, p in self.net.named_parameters() if n.split(".")[-1] in STYLED}
        for name, parameter in self.net.named_parameters():
            parameter.requires_grad_(name in learned)
        self.learned = learned
        self.kept = {name: one.detach().clone() for name, one in learned.items()}
        self.optimiser = torch.optim.Adam(learned.values(), _RATE, betas=(0.9, 0.99))

    def learn(self, updates: int) -> None:
        """Learn for so many updates; what is kept is their running average."""
        for number in range(updates):
            warm = min(1.0, (number + 1) / _WARM)
            share = 0.02 + 0.98 * 0.5 * (1 + math.cos(math.pi * number / updates))
            for group in self.optimiser.param_groups:
                group["lr"] = _RATE * warm * share
            parts = self._parts()
            self.optimiser.zero_grad(set_to_none=True)
            torch.autograd.backward((parts * parts.new_tensor(astuple(self.aims))).sum())
            self.optimiser.step()
            for name, kept in self.kept.items():
                kept.lerp_(self.learned[name].detach(), 1 - min(_AVERAGED, number / (number + 10)))
            if number % _TOLD == 0:
                told = zip((one.name for one in fields(Aims)), parts.tolist(), strict=True)
                print(number, *(f"{name} {value:.4f}" for name, value in told), flush=True)

    def graph(self) -> bytes:
        """Return the graph with what was learned, in its place among the styles or behind them."""
        names = self.names if self.style in self.names else (*self.names, self.style)
        row = names.index(self.style)
        weights = {
            name: torch.cat([value[:row], self.kept[name], value[row + 1 :]])
            if name in self.kept
            else value
            for name, value in self.weights.items()
        }
        arrays_of = {name: value.numpy() for name, value in weights.items()}
        packed: bytes = graph(served.folded(arrays_of), names, self.stamp).SerializeToString()
        return packed

    def _parts(self) -> Tensor:
        """Return the parts of the loss of some pictures, as ``Aims`` has them."""
        rows = torch.randint(len(self.pictures), (_BATCH,))
        side = self.pictures.shape[-1]
        crop = round(_CROP * side) // STRIDE * STRIDE
        y, x = (int(torch.randint(side - crop + 1, ())) for _ in "yx")
        cut = (..., slice(y, y + crop), slice(x, x + crop))
        pictures, wanted = (one[rows][cut] for one in (self.pictures, self.painted))
        if torch.rand(()) < 0.5:
            pictures, wanted = pictures.flip(3), wanted.flip(3)
        motion = Motion(pictures[:1])
        given = [filmed(pictures, _NOISE, 0.0)]
        given.append(filmed(motion.moved(pictures[:1]), _NOISE, _LIGHT))
        seen = torch.cat(given).contiguous(memory_format=torch.channels_last)
        with torch.autocast("cpu", torch.bfloat16, cache_enabled=False):
            both = self.net(seen, torch.ones(len(seen), 1)).float()
            made, later = both[:_BATCH], both[_BATCH:]
            looks = self.judge(made)
            with torch.no_grad():
                theirs = self.judge(wanted)
        features, texture = textures(looks, theirs)
        return torch.stack(
            [
                (made - wanted).abs().mean(),
                edges(made, wanted),
                features,
                texture,
                apart(looks, self.manner),
                palette(made, wanted),
                turned(pictures, made),
                ((later - motion.moved(made[:1])).abs() * motion.known).mean(),
            ]
        )

    @torch.no_grad()
    def _begin(self) -> None:
        """Begin at the style itself, or at that one which paints most alike."""
        names = [self.style] if self.style in self.names else self.names
        few, wanted = self.pictures[:3], self.painted[:3]
        nearest = (math.inf, names[0])
        for name in names:
            self._take(name)
            made = self.net(few, torch.ones(len(few), 1))
            far = apart(self.judge(made), self.manner) + 4 * (made - wanted).abs().mean()
            nearest = min(nearest, (float(far), name))
        self._take(nearest[1])

    def _take(self, name: str) -> None:
        row = self.names.index(name)
        state = {
            name: value[row : row + 1] if name.split(".")[-1] in STYLED else value
            for name, value in self.weights.items()
        }
        self.net.load_state_dict(state)


def _pairs(style: str, pack: Path, count: int, side: int) -> tuple[Tensor, Tensor]:
    """Return pictures and how they are painted, (n, 3, s, s) in 0..1."""
    crops = Crops(read(pack, LEARNED).values(), torch.device("cpu"))
    teacher, number = StyleNet(arrays(pack, TEACHER)), NAMES.index(style)
    pictures = [crops.draw(_AT_ONCE, side) for _ in range(max(1, count // _AT_ONCE))]
    made = [painted(teacher, some, [number] * _AT_ONCE) for some in pictures]
    return torch.cat(pictures), torch.cat(made)


def main() -> None:
    """Parse the command line and learn."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("style", choices=NAMES)
    parser.add_argument("file", type=Path, help="where the graph goes")
    parser.add_argument("--pack", type=Path, default=CACHE / "pack")
    parser.add_argument("--start", type=Path, default=WEIGHTS / FILE)
    parser.add_argument("--pairs", type=int, default=96)
    parser.add_argument("--side", type=int, default=192, help="pixels of a picture")
    parser.add_argument("--updates", type=int, default=600)
    options = parser.parse_args()
    torch.manual_seed(0)
    start = options.start.read_bytes()
    one = Alone(options.style, options.pack, start, options.pairs, options.side)
    one.learn(options.updates)
    options.file.write_bytes(one.graph())


if __name__ == "__main__":
    main()
