"""Activations in float32, for bodies; of exponentials and quotients alone.

Triton's own exp and division care for denormal numbers, which costs three times the instructions
and turns kernels that wait for memory into ones that wait for arithmetic. The hardware's are within
2 units of the last place (PTX ISA: ex2.approx.ftz, div.approx.ftz); the interpreter has none.
"""

from typing import Any

import triton
import triton.language as tl
from triton import knobs
from triton.language.extra import libdevice

INTERPRETED = tl.constexpr(knobs.runtime.interpret)


@triton.jit
def exp(x) -> Any:
    """Return e to the x."""
    return tl.exp(x) if INTERPRETED else libdevice.fast_expf(x)


@triton.jit
def quotient(x, y) -> Any:
    """Return x / y, 0 where y is beyond 2**126."""
    return x / y if INTERPRETED else libdevice.fast_dividef(x, y)


@triton.jit
def silu(x):
    """Return x * sigmoid(x)."""
    return x * quotient(1.0, 1.0 + exp(-x))


@triton.jit
def gelu(x):
    """Return GELU by the error function.

    Of Abramowitz and Stegun, 7.1.26: within 1.5e-7 of it. Written for the tail that is taken from
    the rectified x, nothing cancels.
    """
    size = tl.abs(x)
    t = quotient(1.0, 1.0 + 0.23164189 * size)  # 0.3275911 / sqrt(2)
    tail = ((((1.061405429 * t - 1.453152027) * t + 1.421413741) * t - 0.284496736) * t
            + 0.254829592) * t  # fmt: skip
    return tl.maximum(x, 0.0) - 0.5 * size * tail * exp(-0.5 * x * x)


@triton.jit
def gelu_tanh(x):
    """Return GELU by tanh, which is a sigmoid: (1 + tanh(z)) / 2 = sigmoid(2 z)."""
    return x * quotient(1.0, 1.0 + exp(x * (-1.5957691216 - 0.0713548163 * x * x)))
