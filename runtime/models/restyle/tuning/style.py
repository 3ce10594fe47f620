"""Learn a style from one picture: a row of scales and shifts, while the net stays as it is.

After Dumoulin et al., A Learned Representation For Artistic Style (2017): what differs from style
to style is so little that a new one is learned in minutes. The losses: what SqueezeNet sees of the
content stays, its Gram matrices and the colours become the picture's, and nothing flickers.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional as F

from ...tuning.device import CPU, default
from ...tuning.loop import Recipe
from .. import own
from ..weights import FILE, WEIGHTS
from . import examples, served
from .judge import Judge, gram
from .motion import Motion, filmed
from .net import STYLED, RestyleNet, channels_last

BATCH, LARGE_BATCH = 3, 12  # pictures of an update, on the CPU and on a GPU; a third is seen twice
SIDE = 192  # px of these
SCALE = 448  # px, of the picture's longer side: how large its strokes are
RATE = 1.5e-2
_WARM_UP = 10  # updates
_AVERAGED = 0.97  # of the row that is kept, by each update
_NOISE, _LIGHT = 0.02, 0.04  # of what a camera does to a frame
_CONTENT = (2, 3)  # depths of the judge that know what is seen
PARTS = ("content", "texture", "colour", "flicker")
_WEIGHTS = (1.0, 4.0, 4.0, 6.0)


@dataclass(frozen=True)
class Manner:
    """What is to be learned of a picture: textures at four depths, and colours."""

    grams: list[Tensor]
    middle: Tensor  # (3,) of its colours
    spread: Tensor  # (3, 3)

    @classmethod
    @torch.no_grad()
    def of(cls, judge: Judge, picture: Tensor) -> Manner:
        """Return that of a picture (1, 3, h, w) in 0..1."""
        middle, spread = _colours(picture)
        return cls([gram(one) for one in judge(picture)], middle[0], spread[0])

    def texture(self, seen: list[Tensor]) -> Tensor:
        """Return how far features of pictures are from it, relative to it."""
        apart = [
            (gram(one) - wanted).square().sum((1, 2)) / wanted.square().sum()
            for one, wanted in zip(seen, self.grams, strict=True)
        ]
        return torch.stack(apart).mean()

    def colour(self, made: Tensor) -> Tensor:
        """Return how far colours of pictures are from its own."""
        middle, spread = _colours(made)
        apart = (spread - self.spread).square().sum((1, 2)) / self.spread.square().sum()
        return (middle - self.middle).square().sum(1).mean() + 0.1 * apart.mean()


class StyleTuning:
    """One style in training."""

    def __init__(
        self,
        recipe: Recipe,
        picture: NDArray[np.uint8],
        device: torch.device = CPU,
    ) -> None:
        torch.manual_seed(recipe.seed)
        self.recipe, self.device, self.updates, self.interrupted = recipe, device, 0, False
        self.batch = BATCH if device.type == "cpu" else LARGE_BATCH
        packed = (WEIGHTS / FILE).read_bytes()
        weights, self._names = served.read(packed)
        self._judge = examples.judge().to(device)
        self._crops = examples.Crops(examples.tiles(), device)
        self._manner = Manner.of(self._judge, _given(picture).to(device))
        self.net = channels_last(RestyleNet(1).to(device))
        self._begin(
            {name: torch.from_numpy(value.copy()).to(device) for name, value in weights.items()}
        )
        parameters = dict(self.net.named_parameters())
        self._learned = {n: p for n, p in parameters.items() if n.split(".")[-1] in STYLED}
        for name, parameter in parameters.items():
            parameter.requires_grad_(name in self._learned)
        self._kept = {name: one.detach().clone() for name, one in self._learned.items()}
        self._optimiser = torch.optim.Adam(self._learned.values(), RATE, betas=(0.9, 0.99))
        self._mix = torch.ones(2 * self.batch, 1, device=device)
        self._parts: Tensor = torch.full((len(PARTS),), math.nan)

    @property
    def loss(self) -> float:
        """Running average; to read it waits for the device."""
        return float((self._parts * self._parts.new_tensor(_WEIGHTS)).sum())

    @property
    def parts(self) -> dict[str, float]:
        """Running averages of the loss' parts; to read them waits for the device."""
        return dict(zip(PARTS, self._parts.tolist(), strict=True))

    def update(self, progress: float) -> None:
        """Learn from some pictures; ``progress`` in 0..1 sets the rate."""
        warm = min(1.0, (self.updates + 1) / _WARM_UP)
        for group in self._optimiser.param_groups:
            group["lr"] = RATE * warm * (0.02 + 0.98 * 0.5 * (1 + math.cos(math.pi * progress)))
        with default(self.device):
            pictures = self._crops.draw(self.batch, SIDE)
            parts = self._losses(pictures.contiguous(memory_format=torch.channels_last))
        self._optimiser.zero_grad(set_to_none=True)
        torch.autograd.backward((parts * parts.new_tensor(_WEIGHTS)).sum())
        self._optimiser.step()
        now = parts.detach()
        self._parts = self._parts.lerp(now, 0.05) if self.updates else now
        self.updates += 1
        share = 1 - min(_AVERAGED, self.updates / (self.updates + 10))
        for name, kept in self._kept.items():
            kept.lerp_(self._learned[name].detach(), share)

    def row(self) -> NDArray[np.float32]:
        """Return what is learned (1, numbers), as a graph has it."""
        state = {name: value.cpu().numpy() for name, value in self.net.state_dict().items()}
        state |= {name: value.cpu().numpy() for name, value in self._kept.items()}
        return served.rows(served.folded(state))

    def save(self, path: Path) -> None:
        """Write the file as it stands."""
        about = {
            "name": self.recipe.name,
            "title": self.recipe.title,
            "licence": self.recipe.licence,
            "net": own.shipped(),
            "updates": str(self.updates),
        }
        own.write(path, self.row(), about)

    def _losses(self, pictures: Tensor) -> Tensor:
        """Return the parts (4,); a third of the pictures is seen again, moved, by a camera."""
        twice = max(1, len(pictures) // 3)
        motion = Motion(pictures[:twice])
        again = filmed(motion.moved(pictures[:twice]), _NOISE, _LIGHT)
        given = torch.cat([filmed(pictures, _NOISE, 0.0), again])
        both = self.net(given, self._mix[: len(given)])
        made, later = both[: len(pictures)], both[len(pictures) :]
        seen = self._judge(made)
        with torch.no_grad():
            there = self._judge(pictures)
        content = [
            (seen[depth] - there[depth]).square().mean() / there[depth].square().mean()
            for depth in _CONTENT
        ]
        apart = ((later - motion.moved(made[:twice])).abs() * motion.known).mean()
        texture, colour = self._manner.texture(seen), self._manner.colour(made)
        return torch.stack([torch.stack(content).mean(), texture, colour, apart])

    @torch.no_grad()
    def _begin(self, weights: dict[str, Tensor]) -> None:
        """Begin at that style which ships whose pictures are nearest."""
        pictures, nearest = self._crops.draw(1, SIDE), (math.inf, 0)
        for style in range(len(self._names)):
            self._take(weights, style)
            made = self.net(pictures, torch.ones(len(pictures), 1, device=self.device))
            apart = self._manner.texture(self._judge(made)) + self._manner.colour(made)
            nearest = min(nearest, (float(apart), style))
        self._take(weights, nearest[1])

    def _take(self, weights: dict[str, Tensor], style: int) -> None:
        rows = slice(style, style + 1)
        state = {n: w[rows] if n.split(".")[-1] in STYLED else w for n, w in weights.items()}
        self.net.load_state_dict(state)


def _given(picture: NDArray[np.uint8]) -> Tensor:
    """Return a picture (h, w, 3) as it is looked at, (1, 3, h, w) in 0..1."""
    whole = torch.from_numpy(picture.copy()).permute(2, 0, 1)[None].float() / 255
    scale = SCALE / max(whole.shape[2:])
    if scale >= 1:
        return whole
    return F.interpolate(whole, scale_factor=scale, mode="bilinear", antialias=True).clamp(0, 1)


def _colours(pictures: Tensor) -> tuple[Tensor, Tensor]:
    """Return the middle (b, 3) and the covariance (b, 3, 3) of pictures' colours."""
    flat = pictures.flatten(2)
    middle = flat.mean(2)
    away = flat - middle[..., None]
    return middle, away @ away.transpose(1, 2) / flat.shape[2]
