"""What pictures look like to a net that knows things: SqueezeNet 1.1, up to its fifth module.

It was trained on ImageNet in Caffe's way: blue first, 0..255, less the set's mean colour.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional as F

_MEAN = (103.939, 116.779, 123.68)  # blue, green, red


class Judge(nn.Module):
    """Pictures (b, 3, h, w) in 0..1 to features at four depths."""

    mean: Tensor

    def __init__(self, weights: Mapping[str, NDArray[np.float32]]) -> None:
        super().__init__()
        self.register_buffer("mean", torch.tensor(_MEAN).view(1, 3, 1, 1))
        for name, value in weights.items():
            buffer = torch.from_numpy(value)
            if buffer.dim() == 4:  # what goes through is then laid out so, too
                buffer = buffer.contiguous(memory_format=torch.channels_last)
            self.register_buffer(name.replace(".", "_"), buffer)

    def _conv(self, name: str, given: Tensor, stride: int = 1, border: int = 0) -> Tensor:
        weight = self.get_buffer(f"{name}_weight")
        return F.relu(F.conv2d(given, weight, self.get_buffer(f"{name}_bias"), stride, border))

    def _fire(self, name: str, given: Tensor) -> Tensor:
        few = self._conv(f"{name}_squeeze1x1", given)
        return torch.cat(
            [self._conv(f"{name}_expand1x1", few), self._conv(f"{name}_expand3x3", few, 1, 1)], 1
        )

    def forward(self, pictures: Tensor) -> list[Tensor]:
        """Return what is seen after `conv1`, `fire2`, `fire3` and `fire5`."""
        first = self._conv("conv1", pictures.flip(1) * 255 - self.mean, 2, 1)
        second = self._fire("fire2", F.max_pool2d(first, 3, 2))
        third = self._fire("fire3", second)
        fifth = self._fire("fire5", self._fire("fire4", F.max_pool2d(third, 3, 2)))
        return [first, second, third, fifth]


def gram(features: Tensor) -> Tensor:
    """Return how features (b, c, h, w) go together, (b, c, c)."""
    flat = features.flatten(2)
    return flat @ flat.transpose(1, 2) / flat.shape[2]
