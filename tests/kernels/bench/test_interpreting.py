"""What stands in for libdevice in the interpreter computes the same."""

import math
from collections.abc import Callable
from typing import Any

import pytest
import torch
import triton
import triton.language as tl

from livedraft.kernels.bench.interpreting import FUNCTIONS

X = torch.linspace(0.1, 3, 16)
TRUE: dict[str, Callable[[torch.Tensor], torch.Tensor]] = {
    "div_rn": lambda x: x / (x + 1),
    "fma": lambda x: x * (x + 1) + 2,
}


def one(y: Any, x: Any, F: tl.constexpr, OPERANDS: tl.constexpr) -> None:
    at = tl.arange(0, 16)
    v = tl.load(x + at)
    if OPERANDS == 1:
        v = F(v)
    elif OPERANDS == 2:
        v = F(v, v + 1)
    else:
        v = F(v, v + 1, 2.0)
    tl.store(y + at, v)


KERNEL: Any = triton.jit(one)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_it_is_the_function_of_that_name(name: str) -> None:
    function = FUNCTIONS[name]
    plain = name.removeprefix("fast_").removesuffix("f") if name.startswith("fast") else name
    plain = {"divide": "div_rn"}.get(plain, plain)
    made = torch.full_like(X, math.nan)
    KERNEL[(1,)](made, X, F=function, OPERANDS=function.__code__.co_argcount)
    true = TRUE[plain](X) if plain in TRUE else getattr(torch, plain)(X)
    torch.testing.assert_close(made, true, rtol=1e-6, atol=1e-6)
