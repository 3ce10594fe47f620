"""A mean that follows what comes, written in place: total += rate * (x - total)."""

from __future__ import annotations

import torch
from torch import Tensor

WORKLOADS = [{"rows": 3, "columns": 7}]
MUTATES = ("total",)


def reference(total: Tensor, x: Tensor, rate: float) -> None:
    total += rate * (x - total)


def inputs(
    axes: dict[str, int], dtype: torch.dtype, generator: torch.Generator
) -> dict[str, Tensor | float]:
    shape = (2, axes["rows"], axes["columns"])
    total, x = torch.randn(shape, generator=generator, device=generator.device).to(dtype)
    return {"total": total, "x": x, "rate": 0.25}
