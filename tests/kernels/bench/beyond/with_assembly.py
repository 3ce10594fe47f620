"""A Triton kernel with inline assembly, which no interpreter runs."""

import functools

import torch
import triton
import triton.language as tl
from torch import Tensor


@triton.jit
def _rows(x, weight, out, stride, columns, eps, BLOCK: tl.constexpr):
    row = tl.program_id(0)
    at = tl.arange(0, BLOCK)
    inside = at < columns
    value = tl.load(x + row * stride + at, mask=inside, other=0.0).to(tl.float32)
    value -= tl.sum(value, 0) / columns
    value = tl.where(inside, value, 0.0)
    spread = tl.sum(value * value, 0) / columns + eps
    value *= tl.inline_asm_elementwise(
        "rsqrt.approx.f32 $0, $1;", "=f,f", [spread], dtype=tl.float32, is_pure=True, pack=1
    )
    value *= tl.load(weight + at, mask=inside).to(tl.float32)
    tl.store(out + row * columns + at, value, mask=inside)


@functools.lru_cache
def _warps(block: int) -> int:
    return min(8, max(1, triton.next_power_of_2(block) // 256))


def layer_norm(x: Tensor, weight: Tensor, eps: float) -> Tensor:
    rows, columns = x.shape
    out = torch.empty((rows, columns), dtype=x.dtype, device=x.device)
    block = triton.next_power_of_2(columns)
    _rows[(rows,)](x, weight, out, x.stride(0), columns, eps, BLOCK=block, num_warps=_warps(block))
    return out
