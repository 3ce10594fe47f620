"""A linear layer in eight bits: weights by row of outputs, what comes in by row as it comes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from livedraft.kernels import quantize_rowwise

EIGHT_BITS: Mapping[str, torch.dtype] = {"int8": torch.int8, "fp8": torch.float8_e4m3fn}
_TORCH: Any = torch  # which types its products in eight bits as nobody's
_LEAST_ROWS = 32  # of a product in int8 on a GPU, which refuses 16 and fewer


class RowLinear(nn.Module):
    """What a linear layer does, nearly, in half the memory or a quarter.

    ``product``: multiply in eight bits, by rows of both sides (W8A8). Else weights are widened
    again for each call, and what comes in stays as it is.
    """

    weight: Tensor  # (out, in), in eight bits
    scale: Tensor  # (1, out), float32
    bias: Tensor | None

    def __init__(self, base: nn.Linear, bits: torch.dtype, product: bool) -> None:
        super().__init__()
        self.in_features, self.out_features = base.in_features, base.out_features
        self.dtype, self.product = base.weight.dtype, product
        with torch.no_grad():
            weight, scale = quantize_rowwise(base.weight, bits)
        self.register_buffer("weight", weight)
        self.register_buffer("scale", scale.T.contiguous())
        self.register_buffer("bias", None if base.bias is None else base.bias.detach())

    def forward(self, x: Tensor) -> Tensor:
        """Return (…, out) of (…, in)."""
        if not self.product:
            return F.linear(x, self.widened(), self.bias)
        rows, by_row = quantize_rowwise(x.reshape(-1, self.in_features), self.weight.dtype)
        multiply = _int8 if self.weight.dtype == torch.int8 else _fp8
        made = multiply(rows, by_row, self.weight, self.scale, x.dtype)
        made = made if self.bias is None else made + self.bias
        return made.view(*x.shape[:-1], self.out_features)

    def widened(self) -> Tensor:
        """Return the weights, (out, in), as the layer computes."""
        return (self.weight.float() * self.scale.T).to(self.dtype)


def _int8(
    rows: Tensor, by_row: Tensor, weight: Tensor, scale: Tensor, dtype: torch.dtype
) -> Tensor:
    count = len(rows)
    if rows.is_cuda and count < _LEAST_ROWS:
        rows = F.pad(rows, (0, 0, 0, _LEAST_ROWS - count))
    summed: Tensor = _TORCH._int_mm(rows, weight.T)[:count]
    return (summed * by_row * scale).to(dtype)


def _fp8(rows: Tensor, by_row: Tensor, weight: Tensor, scale: Tensor, dtype: torch.dtype) -> Tensor:
    out = torch.bfloat16 if rows.is_cuda else dtype  # cuBLAS scales rows in that alone
    made: Tensor = _TORCH._scaled_mm(rows, weight.T, by_row, scale, out_dtype=out)
    return made.to(dtype)
