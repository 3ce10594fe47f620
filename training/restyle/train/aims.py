"""What one style is held to while the net stays: its pictures' manner, and what is seen."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional as F

from livedraft.runtime.models.restyle.tuning.judge import Judge, gram

from ..teacher.filters import blurred, luma

_LINES = 16  # directions in which colours are compared
_STRONGEST = 0.1  # of the pixels, by their gradient


@dataclass(frozen=True)
class Aims:
    """How much each of them counts."""

    colour: float = 4.0
    edges: float = 3.0
    features: float = 1.0
    texture: float = 2.0  # of each picture
    manner: float = 2.0  # texture of all that was painted, on the whole
    palette: float = 2.0
    orientation: float = 1.0  # of what is seen
    flicker: float = 4.0


# By style, where it is not the usual: what its teacher turns most has to run more as it is seen.
OF = {
    "pastel": Aims(orientation=2.0),
    "night": Aims(flicker=36.0),
    "mosaic": Aims(orientation=1.5, texture=2.5, flicker=30.0),
    "poster": Aims(texture=1.5, palette=4.0, orientation=3.0, flicker=6.0),
    "engraving": Aims(flicker=24.0),
    "comic": Aims(palette=6.0, orientation=1.5, flicker=6.0),
    "pencil": Aims(texture=4.0, manner=4.0, orientation=0.5, flicker=34.0),
}


@torch.no_grad()
def manner(judge: Judge, painted: Tensor) -> list[Tensor]:
    """Return the mean textures (c, c) of pictures (b, 3, h, w) in 0..1, at the judge's depths."""
    found = [[gram(depth.float())[0] for depth in judge(one[None])] for one in painted]
    return [torch.stack(depth).mean(0) for depth in zip(*found, strict=True)]


def apart(seen: list[Tensor], wanted: list[Tensor]) -> Tensor:
    """Return how far features (b, c, h, w) of pictures are from a manner, relative to it."""
    far = [
        ((gram(one.float()) - mean).flatten(1).norm(dim=1) / mean.norm()).mean()
        for one, mean in zip(seen, wanted, strict=True)
    ]
    return torch.stack(far).mean()


def palette(made: Tensor, wanted: Tensor) -> Tensor:
    """Return how far the colours of pictures are apart (sliced Wasserstein, on random lines)."""
    lines = F.normalize(torch.randn(_LINES, 3, device=made.device), dim=1)
    one, other = (F.avg_pool2d(each, 2).transpose(0, 1).flatten(1) for each in (made, wanted))
    return ((lines @ one).sort(1)[0] - (lines @ other).sort(1)[0]).abs().mean()


def turned(pictures: Tensor, made: Tensor) -> Tensor:
    """Return how far edges run otherwise than they did, on the strongest: 0 none, 1 by chance."""
    (x, y), (u, v) = _gradient(pictures), _gradient(made)
    strength = torch.hypot(x, y)
    least = strength.flatten(1).quantile(1 - _STRONGEST, 1)
    strong = (strength >= least[:, None, None, None]).float()
    cosine = (x * u + y * v) ** 2 - (x * v - y * u) ** 2  # of twice the angle
    cosine = cosine / ((x * x + y * y) * (u * u + v * v) + 1e-9)
    return 1 - (cosine * strong).sum() / strong.sum()


def _gradient(pictures: Tensor) -> tuple[Tensor, Tensor]:
    smooth = blurred(luma(pictures), 1.0)
    across = pictures.new_tensor([[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]]).reshape(1, 1, 3, 3) / 8
    return F.conv2d(smooth, across), F.conv2d(smooth, across.transpose(2, 3))
