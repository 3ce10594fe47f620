"""Writes in place what it may, and imports what need not be there."""

from torch import Tensor

try:
    import triton
except ImportError:
    triton = None


def running_mean(total: Tensor, x: Tensor, rate: float) -> None:
    total.lerp_(x, rate)
