"""Layer norm of rows, with a weight: what the kernels in these folders claim to compute."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

WORKLOADS = {"one row": {"rows": 1, "columns": 33}, "odd": {"rows": 5, "columns": 48}}


def reference(x: Tensor, weight: Tensor, eps: float = 1e-6) -> Tensor:
    wide = x.to(torch.promote_types(x.dtype, torch.float32))
    wide = wide - wide.mean(-1, keepdim=True)
    scale = (wide.square().mean(-1, keepdim=True) + eps).rsqrt()
    return (wide * scale * weight).to(x.dtype)


def inputs(
    axes: dict[str, int], dtype: torch.dtype, generator: torch.Generator
) -> dict[str, Tensor | float]:
    def normal(*shape: int) -> Tensor:
        return torch.randn(shape, generator=generator, device=generator.device).to(dtype)

    rows, columns = axes["rows"], axes["columns"]
    return {"x": normal(rows, columns), "weight": normal(columns), "eps": 1e-5}


def model(
    operation: Callable[..., Tensor], dtype: torch.dtype, generator: torch.Generator, real: bool
) -> Callable[[], Tensor]:
    weights = [torch.randn(16, 16, generator=generator).to(dtype) / 4 for _ in range(2)]
    x: Any = torch.randn(4, 16, generator=generator).to(dtype)
    ones = torch.ones(16, dtype=dtype)
    return lambda: operation(x=x @ weights[0], weight=ones, eps=1e-6) @ weights[1]
