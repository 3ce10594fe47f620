"""Let Triton's interpreter run more of what kernels use: autotuning, and functions of libdevice."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import triton.language as tl
from triton.language.extra import libdevice
from triton.language.extra.cuda import libdevice as of_cuda

from ..phantom import Phantom

# What the interpreter leaves without a result, by what it has.
FUNCTIONS: Mapping[str, Callable[..., Any]] = {
    "tanh": lambda x: 2 * tl.sigmoid(2 * x) - 1,
    "fast_tanhf": lambda x: 2 * tl.sigmoid(2 * x) - 1,
    "exp": lambda x: tl.exp(x),
    "exp2": lambda x: tl.exp2(x),
    "fast_expf": lambda x: tl.exp(x),
    "log": lambda x: tl.log(x),
    "log2": lambda x: tl.log2(x),
    "fast_logf": lambda x: tl.log(x),
    "sqrt": lambda x: tl.sqrt(x),
    "rsqrt": lambda x: tl.rsqrt(x),
    "div_rn": lambda x, y: x / y,
    "fast_dividef": lambda x, y: x / y,
    "sin": lambda x: tl.sin(x),
    "fast_sinf": lambda x: tl.sin(x),
    "cos": lambda x: tl.cos(x),
    "fast_cosf": lambda x: tl.cos(x),
    "erf": lambda x: tl.erf(x),
    "abs": lambda x: tl.abs(x),
    "floor": lambda x: tl.floor(x),
    "ceil": lambda x: tl.ceil(x),
    "fma": lambda x, y, z: x * y + z,
}


def prepare() -> None:
    """Prepare this process: an autotuner tries each configuration once and takes the first."""
    Phantom(90).install()
    for name, function in FUNCTIONS.items():
        for module in (libdevice, of_cuda):
            setattr(module, name, function)
