"""Projections as models make them: one matrix product for several things, cut into its parts."""

from __future__ import annotations

import torch
from torch import Tensor

from ..spec import Axes


def sizes(batch: int, tokens: int, columns: int, **more: int | bool | str) -> Axes:
    """Return the axes of a workload on tokens."""
    return {"batch": batch, "tokens": tokens, "columns": columns, **more}


def projection(axes: Axes, columns: int, dtype: torch.dtype, generator: torch.Generator) -> Tensor:
    """Return (batch, tokens, columns) of normal numbers.

    It is the end of a wider one where ``beside`` says by how many columns, and of a longer one
    where ``before`` says by how many tokens, as text stands before the tokens of an image.
    """
    before, beside = int(axes.get("before", 0)), int(axes.get("beside", 0))
    shape = (int(axes["batch"]), before + int(axes["tokens"]), beside + columns)
    made = torch.randn(shape, generator=generator, device=generator.device).to(dtype)
    return made[:, before:, beside:]
