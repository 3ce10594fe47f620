"""qk_norm_rope on a GPU: a row is what is normed as one, a head or all of a token's queries."""

from __future__ import annotations

from typing import Any, NamedTuple

import triton
import triton.language as tl
from torch import Tensor

from ..capability import gpu, settings
from ..replay import Launch
from ..templates.rowwise_norm import LONGEST, constants, plain, rowwise_norm, same, tile
from ..templates.views import View, far, load, nothing, view


class Heads(NamedTuple):
    """What follows the norm; `queries` rows of a token have the one weight, then come the keys."""

    q_weight: View
    k_weight: View
    cos: View | None
    sin: View | None
    queries: int
    samples: int  # what is past them is no row
    pairs: int  # of a row
    jump: int  # elements of the result from one head of a row to the next


@triton.jit
def weigh(v, extra, outer, middle, inner, column, mask, SIZE: tl.constexpr) -> Any:
    """FINISH: the weight of queries or keys."""
    made = nothing()
    query = (inner < extra.queries)[:, None]
    for n in tl.static_range(len(v)):
        q = extra.q_weight.data + (column[n] * extra.q_weight.column)[None, :]
        k = extra.k_weight.data + (column[n] * extra.k_weight.column)[None, :]
        weight = tl.load(tl.where(query, q, k), mask[n], 0.0).to(tl.float32)
        made += (v[n] * weight,)
    return made


@triton.jit
def turn_neighbours(v, extra, outer, middle, inner, column, mask, SIZE: tl.constexpr):
    """FINISH: weigh, then rotate pairs of neighbours."""
    v = weigh(v, extra, outer, middle, inner, column, mask, SIZE)
    made = nothing()
    for n in tl.static_range(len(v)):
        a, b = tl.split(tl.reshape(v[n], (v[n].shape[0], v[n].shape[1] // 2, 2)))
        pair = n * a.shape[1] + tl.arange(0, a.shape[1])
        a, b = turned(a, b, pair, extra, outer, middle, inner, SIZE)
        made += (tl.reshape(tl.join(a, b), v[n].shape),)
    return made


@triton.jit
def turn_halves(v, extra, outer, middle, inner, column, mask, SIZE: tl.constexpr):
    """FINISH: weigh, then rotate pairs of one place in each half, which are the row's tiles."""
    v = weigh(v, extra, outer, middle, inner, column, mask, SIZE)
    return turned(v[0], v[1], column[0], extra, outer, middle, inner, SIZE)


@triton.jit
def turned(a, b, pair, extra, outer, middle, inner, SIZE: tl.constexpr):
    """Return pairs (a, b) turned by their angles."""
    mask = (outer < extra.samples)[:, None] & (pair < extra.pairs)[None, :]
    pair = pair % (SIZE // 2)
    cos = load(extra.cos, outer, middle, inner, pair, mask)
    sin = load(extra.sin, outer, middle, inner, pair, mask)
    return a * cos - b * sin, b * cos + a * sin


@triton.jit
def by_head(column, extra, SIZE: tl.constexpr):
    """PLACE: the heads of a row apart."""
    return column // SIZE * extra.jump + column % SIZE


def plan(
    y: Tensor,
    qkv: Tensor,
    q_weight: Tensor,
    k_weight: Tensor,
    cos: Tensor | None,
    sin: Tensor | None,
    heads: int,
    kv_heads: int,
    interleaved: bool = True,
    eps: float = 1e-6,
) -> list[Launch] | None:
    """Return one launch: a program for a few rows.

    Torch takes rows that would spill, and halves of heads in rows of several: no model has them.
    """
    batch, both, tokens, size = y.shape
    columns = len(q_weight)
    joint = columns // size  # heads of a row
    halves = cos is not None and not interleaved
    if columns > LONGEST or not y.numel() or (joint > 1 and halves):
        return None
    shape = (batch, tokens, both // joint, columns)
    rows, turns = batch * tokens * shape[2], (*shape[:3], size // 2)
    ends = (
        view(qkv, shape, qkv[..., : both * size].unflatten(2, shape[2:])),
        view(y, (*shape[:3], size), y[:, ::joint].transpose(1, 2)),
    )
    extra = Heads(
        q_weight=view(q_weight, shape),
        k_weight=view(k_weight, shape),
        cos=None if cos is None else view(cos, turns, cos.unsqueeze(-2)),
        sin=None if sin is None else view(sin, turns, sin.unsqueeze(-2)),
        queries=heads // joint,
        samples=batch,
        pairs=columns // 2,
        jump=y.stride(1),
    )
    processors, shipped = gpu(y.device).processors, settings("qk_norm_rope", y.device)
    tiles = 2 if halves else None if joint > 1 else 1
    chosen = tile(rows, columns, processors, shipped, tiles=tiles)
    how = constants(
        plain,
        weigh if cos is None else turn_halves if halves else turn_neighbours,
        chosen,
        columns,
        centre=False,
        far=far(shape, (*ends, *extra)) or y.numel() >= 2**31,
        place=by_head if joint > 1 else same,
        options=size,
    )
    args = (*ends, extra, rows, tokens, shape[2], columns, chosen.step, eps)
    return [Launch(rowwise_norm, chosen.grid(rows), args, how, chosen.warps)]
