"""Activations in float32, for bodies; of exp and erf alone, so that the interpreter has them."""

import triton
import triton.language as tl


@triton.jit
def silu(x):
    """Return x * sigmoid(x)."""
    return x * tl.sigmoid(x)


@triton.jit
def gelu(x):
    """Return GELU by the error function."""
    return 0.5 * x * (1.0 + tl.erf(x * 0.7071067811865476))  # 1 / sqrt(2)


@triton.jit
def gelu_tanh(x):
    """Return GELU by tanh, which is a sigmoid: (1 + tanh(z)) / 2 = sigmoid(2 z)."""
    return x * tl.sigmoid(1.5957691216057308 * (x + 0.044715 * x * x * x))  # 2 sqrt(2 / pi)
