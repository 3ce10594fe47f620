"""Attention on a GPU: whether the pick of the capability table is right, and is the fastest."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor
from torch.nn.attention import sdpa_kernel

from livedraft.kernels import attention, attention_backend
from livedraft.kernels.bench.stopwatch import host_time, median_time
from livedraft.kernels.ops.attention import BACKENDS
from livedraft.kernels.verify import error

ALLOWED = 1e-2  # two roundings to bfloat16: of the probabilities and of the result
NEAR = 1.05  # times the fastest: as fast, within the noise


@dataclass(frozen=True)
class Shape:
    """An attention of a real model; keys are as many as tokens unless told."""

    name: str
    heads: int
    tokens: int
    head_dim: int
    keys: int = 0
    real: bool = True


SHAPES = (
    Shape("SD-Turbo, 512 px, level 0", 5, 4096, 64),
    Shape("SD-Turbo, 512 px, level 0, text", 5, 4096, 64, 77),
    Shape("SDXL, 1024 px, level 1", 10, 4096, 64),
    Shape("SDXL, 1024 px, level 2", 20, 1024, 64),
    Shape("klein-4B, 512 px", 24, 1536, 128),
    Shape("klein-4B, 1024 px", 24, 4608, 128),
    Shape("Z-Image, 1024 px", 30, 4608, 128),
    Shape("Wan-1.3B, 480p, chunk of 3 on a window of 21", 12, 4680, 128, 32760),
)


@dataclass(frozen=True)
class Case:
    """One call of attention."""

    workload: Shape
    batch: int
    dtype: torch.dtype = torch.bfloat16


def cases(batches: Sequence[int]) -> Iterator[Case]:
    """Yield every shape at every batch."""
    for shape in SHAPES:
        for batch in batches:
            yield Case(shape, batch)


def measured(case: Case, device: torch.device) -> dict[str, Any]:
    """Return what was picked, its error against float32, and every backend's time, µs."""
    shape, generator = case.workload, torch.Generator(device).manual_seed(1)

    def normal(tokens: int) -> Tensor:
        size = (case.batch, shape.heads, tokens, shape.head_dim)
        return torch.randn(size, generator=generator, device=device).to(case.dtype)

    q, k, v = normal(shape.tokens), *(normal(shape.keys or shape.tokens) for _ in range(2))
    true = F.scaled_dot_product_attention(q.float(), k.float(), v.float())
    found, picked = error(attention(q, k, v), true), attention_backend(q)
    us = dict(_each(q, k, v, device))
    fastest = min(us, key=us.__getitem__)
    return {
        "picked": picked.backend,
        "why": picked.why,
        "fastest": fastest,
        "as_fast": picked.backend in us and us[picked.backend] <= NEAR * us[fastest],
        "error": found,
        "allowed": ALLOWED,
        "right": found <= ALLOWED,
        "ours_us": median_time(partial(attention, q, k, v), device, cold=False),
        "host_us": host_time(partial(attention, q, k, v), device),
        "backend_us": us,
    }


def _each(q: Tensor, k: Tensor, v: Tensor, device: torch.device) -> Iterator[tuple[str, float]]:
    """Yield the time of each backend that takes the call; the one without fusion is left out."""
    for backend in BACKENDS[:-1]:
        with sdpa_kernel(backend.kind):
            try:
                call = partial(F.scaled_dot_product_attention, q, k, v)
                yield backend.name, median_time(call, device, cold=False)
            except torch.OutOfMemoryError:
                raise
            except RuntimeError:  # torch's word for: not this one
                continue
