"""Layers whose rows have LoRAs of their own: base output plus two thin products, in one call.

All LoRAs that are on the device lie beside each other in the columns of two matrices, and each row
of a batch has a weight for every column: zero where it does without. So a call has the same shape,
addresses and operations whoever draws with what (Chen et al., Punica, 2023, gathers instead), and
a row may mix several.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from livedraft.errors import ModelFailed

from ..eight_bits.linear import RowLinear

# An nn.Linear, a RowLinear or an nn.Conv2d: torch types what they share too widely.
Base = Any


class Rows:
    """What the rows of a call have, shared by all layers of a network; fixed addresses."""

    def __init__(self, most: int, columns: int, like: Tensor) -> None:
        self.count = 0  # rows of the call; none: no row has a LoRA
        self.weights = like.new_zeros(most, columns)
        self._off = torch.ones(most, columns, dtype=torch.bool, device=like.device)
        self._set: tuple[tuple[float, ...], ...] = ()

    def set(self, weights: Sequence[Sequence[float]]) -> None:
        """Set the weights of each row by column; what is set already is not copied again."""
        self.count = len(weights)
        wanted = tuple(map(tuple, weights))
        if wanted == self._set:
            return
        rows = self.weights[: self.count]
        rows.copy_(torch.tensor(wanted))
        torch.eq(rows, 0, out=self._off[: self.count])
        self._set = wanted

    def weigh(self, hidden: Tensor, channels: int) -> Tensor:
        """Multiply (N, …) by the weights of its rows, which lie along the dimension ``channels``.

        Where the weight is zero the result is, whatever overflowed in another's columns. A row may
        take several places, one after another, such as the frames of a video; a single one takes
        all.
        """
        places = len(hidden)
        if places % self.count:
            raise ModelFailed(
                f"a layer with LoRAs got {places} rows of a batch of {self.count}",
                fix="its family must give every layer the rows of all jobs, in their order",
            )
        weights, off = self.weights[: self.count], self._off[: self.count]
        if self.count not in (1, places):
            times = places // self.count
            weights, off = (one.repeat_interleave(times, 0) for one in (weights, off))
        shape = [len(weights)] + [1] * (hidden.ndim - 1)
        shape[channels] = -1
        weighed = hidden * weights.view(shape).to(hidden.dtype)
        return weighed.masked_fill(off.view(shape), 0)


class Adapted(nn.Module):
    """A layer with columns for LoRAs, in the place of the layer itself, which stays as it is."""

    down: Tensor  # (columns, in, …)
    up: Tensor  # (columns, out)

    def __init__(self, base: Base, rows: Rows, columns: int) -> None:
        super().__init__()
        self.base, self.rows = base, rows
        out, *taken = base.weight.shape
        like = blank(base)
        self.register_buffer("down", like.new_zeros(columns, *taken), persistent=False)
        self.register_buffer("up", like.new_zeros(columns, out), persistent=False)

    def __getattr__(self, name: str) -> Any:
        """Return what the layer itself has: networks look at ``weight`` and ``in_features``."""
        try:
            return super().__getattr__(name)
        except AttributeError:
            if name == "base":
                raise
            return getattr(self.base, name)

    def put(self, first: int, last: int, pair: tuple[Tensor, Tensor] | None) -> None:
        """Fill columns with a LoRA's matrices, and with zeros where its rank is lower."""
        held = len(pair[0]) if pair else 0
        for kept, given in zip((self.down, self.up), pair or (), strict=False):
            kept[first : first + held].copy_(given, non_blocking=True)
        for kept in (self.down, self.up):
            kept[first + held : last].zero_()

    @property
    def nbytes(self) -> int:
        """Bytes that it takes beside the layer itself."""
        return self.down.nbytes + self.up.nbytes


class AdaptedLinear(Adapted):
    """A linear layer with columns for LoRAs."""

    def forward(self, x: Tensor) -> Tensor:
        """Return (N, …, out) of (N, …, in)."""
        made: Tensor = self.base(x)
        if not self.rows.count:
            return made
        hidden = self.rows.weigh(F.linear(x, self.down), -1)
        flat = torch.addmm(made.flatten(0, -2), hidden.flatten(0, -2), self.up)
        return flat.view(made.shape)


class AdaptedConv(Adapted):
    """A convolution with columns for LoRAs: the same one to fewer channels, then one of 1 x 1."""

    def forward(self, x: Tensor) -> Tensor:
        """Return (N, out, h, w) of (N, in, H, W)."""
        made: Tensor = self.base(x)
        if not self.rows.count:
            return made
        # The layer's own call, for its stride, padding and how it pads.
        hidden = self.rows.weigh(self.base._conv_forward(x, self.down, None), 1)
        return made + F.conv2d(hidden, self.up.T[:, :, None, None])


def blank(layer: Base) -> Tensor:
    """Return an empty tensor of the type that a layer computes in, where it does."""
    dtype = getattr(layer, "dtype", layer.weight.dtype)
    return torch.empty(0, dtype=dtype, device=layer.weight.device)


def adapted(layer: Base, rows: Rows, columns: int) -> Adapted:
    """Return a layer with columns for LoRAs."""
    if isinstance(layer, (nn.Linear, RowLinear)):
        return AdaptedLinear(layer, rows, columns)
    assert isinstance(layer, nn.Conv2d), "no other layer is in `fit.Layers`"
    return AdaptedConv(layer, rows, columns)
