"""How far a result is from the truth: one measure for dispatch, tests and bench."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from .spec import Outputs

LARGE = 1 << 24  # elements; beyond this float64 copies would cost more memory than the call


def tensors(outputs: Outputs) -> tuple[Tensor, ...]:
    """Return an operation's outputs as a tuple."""
    if outputs is None:
        return ()
    return (outputs,) if isinstance(outputs, Tensor) else tuple(outputs)


def finite(outputs: Outputs) -> bool:
    """Say whether no output holds an infinity or a NaN."""
    return all(bool(torch.isfinite(_wide(t)).all()) for t in tensors(outputs))


def error(made: Outputs, true: Outputs) -> float:
    """Return the relative error of the worst output, infinite where anything else is off.

    The larger of |made - true| / |true| in the 2-norm, which sees errors that are everywhere, and
    in the maximum norm, which sees a single wrong element. A wrong number of outputs, a wrong
    shape, or a value that is finite in one and not in the other is infinitely wrong.
    """
    pairs = list(zip(tensors(made), tensors(true), strict=False))
    if len(tensors(made)) != len(tensors(true)):
        return math.inf
    return max((_error(m, t) for m, t in pairs), default=0.0)


def _error(made: Tensor, true: Tensor) -> float:
    if made.shape != true.shape:
        return math.inf
    if not true.numel():
        return 0.0
    m, t = _wide(made), _wide(true)
    known = torch.isfinite(t)
    if not torch.equal(torch.isfinite(m), known):
        return math.inf
    m, t = torch.where(known, m, 0), torch.where(known, t, 0)
    return max(_ratio(m - t, t, 2), _ratio(m - t, t, math.inf))


def _ratio(difference: Tensor, true: Tensor, order: float) -> float:
    off = float(torch.linalg.vector_norm(difference, order))
    size = float(torch.linalg.vector_norm(true, order))
    return off / size if size else (math.inf if off else 0.0)


def _wide(tensor: Tensor) -> Tensor:
    return tensor.detach().to(torch.float64 if tensor.numel() <= LARGE else torch.float32)
