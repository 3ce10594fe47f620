"""qk_norm_rope on a GPU: a row is one head of one token, heads fastest, so that reads follow on."""

from __future__ import annotations

from typing import NamedTuple

import triton
import triton.language as tl
from torch import Tensor

from ..capability import gpu, settings
from ..replay import Launch
from ..templates.rowwise_norm import LONGEST, constants, plain, rowwise_norm, tile
from ..templates.views import View, load, view


class Heads(NamedTuple):
    """What follows the norm: the first `queries` heads have the one weight, others the other."""

    q_weight: View
    k_weight: View
    cos: View | None
    sin: View | None
    queries: int
    samples: int  # what is past them is no row
    pairs: int


@triton.jit
def weigh(v, extra, outer, middle, inner, column, mask: tl.tensor):
    """FINISH: the weight of queries or keys."""
    first = mask & (inner < extra.queries)[:, None]
    then = mask & (inner >= extra.queries)[:, None]
    weight = load(extra.q_weight, outer, middle, inner, column, first)
    return v * (weight + load(extra.k_weight, outer, middle, inner - extra.queries, column, then))


@triton.jit
def turn_neighbours(v, extra, outer, middle, inner, column, mask: tl.tensor):
    """FINISH: weigh, then rotate pairs of neighbours."""
    v = weigh(v, extra, outer, middle, inner, column, mask)
    a, b = tl.split(tl.reshape(v, (v.shape[0], v.shape[1] // 2, 2)))
    a, b = turn(a, b, extra, outer, middle, inner)
    return tl.reshape(tl.join(a, b), v.shape)


@triton.jit
def turn_halves(v, extra, outer, middle, inner, column, mask: tl.tensor):
    """FINISH: weigh, then rotate pairs of one place in each half."""
    v = weigh(v, extra, outer, middle, inner, column, mask)
    halves = tl.reshape(v, (v.shape[0], 2, v.shape[1] // 2))
    a, b = tl.split(tl.permute(halves, (0, 2, 1)))
    a, b = turn(a, b, extra, outer, middle, inner)
    return tl.reshape(tl.permute(tl.join(a, b), (0, 2, 1)), v.shape)


@triton.jit
def turn(a, b, extra, outer, middle, inner: tl.tensor):
    """Return pairs (a, b) turned by their angles."""
    pair = tl.arange(0, a.shape[1])
    mask = (outer < extra.samples)[:, None] & (pair < extra.pairs)[None, :]
    cos = load(extra.cos, outer, middle, inner, pair, mask)
    sin = load(extra.sin, outer, middle, inner, pair, mask)
    return a * cos - b * sin, b * cos + a * sin


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
    """Return one launch: a program for several heads, or for all queries or keys of a token.

    Torch takes heads that would spill.
    """
    batch, both, tokens, size = y.shape
    joint = None if len(q_weight) == size else heads
    processors, shipped = gpu(y.device).processors, settings("qk_norm_rope", y.device)
    chosen = tile(batch * tokens * both, size, processors, shipped, joint)
    if chosen.rows * chosen.block > LONGEST or not y.numel():
        return None
    shape, rows = (batch, tokens, both, size), batch * tokens * both
    outer, middle, column = qkv.stride()
    turns = (*shape[:3], size // 2)
    extra = Heads(
        q_weight=_by_head(q_weight, size),
        k_weight=_by_head(k_weight, size),
        cos=None if cos is None else view(cos, turns, cos.unsqueeze(-2)),
        sin=None if sin is None else view(sin, turns, sin.unsqueeze(-2)),
        queries=heads,
        samples=batch,
        pairs=size // 2,
    )
    x = View(qkv, outer, middle, size * column, column)
    finish = weigh if cos is None else turn_neighbours if interleaved else turn_halves
    how = constants(plain, finish, chosen, centre=False, parts=1 + (finish is turn_halves))
    args = (x, view(y, shape, y.transpose(1, 2)), extra, rows, tokens, both, size, eps)
    return [Launch(rowwise_norm, chosen.grid(rows), args, how, chosen.warps)]


def _by_head(weight: Tensor, size: int) -> View:
    """Return a weight as rows of heads, all the same one if it has but one."""
    column = weight.stride(0)
    return View(weight, 0, 0, 0 if len(weight) == size else size * column, column)
