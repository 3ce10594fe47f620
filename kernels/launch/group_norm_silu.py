"""group_norm_silu on a GPU: statistics in pieces, merged by group, then one pass on the image."""

from __future__ import annotations

from typing import Any, NamedTuple

import torch
import triton
import triton.language as tl
from torch import Tensor

from ..capability import gpu, settings
from ..replay import Launch
from ..templates.activations import silu
from ..templates.two_pass_reduce import Tile, apply, constants, finish, partial, tile
from ..templates.views import NOWHERE, View, far


class Line(NamedTuple):
    """One value for each channel, of each sample or of all."""

    data: Tensor
    outer: int
    column: int


class ByChannel(NamedTuple):
    """What goes in before the norm, and what scales and shifts after it, where given."""

    added: Line | None
    weight: Line | None
    bias: Line | None


@triton.jit
def affine(extra, outer, column, mask):
    """AFFINE: return what is added before the norm, the weight and the bias."""
    shift = tl.zeros(column.shape, tl.float32)
    weight = shift + 1
    bias = shift
    if extra.added is not None:
        shift = values(extra.added, outer, column, mask)
    if extra.weight is not None:
        weight = values(extra.weight, outer, column, mask)
    if extra.bias is not None:
        bias = values(extra.bias, outer, column, mask)
    return shift, weight, bias


@triton.jit
def values(line, outer, column, mask: tl.tensor):
    """Return the values of some channels in float32."""
    at = line.data + outer * line.outer + column * line.column
    return tl.load(at, mask, 0.0).to(tl.float32)


@triton.jit
def unchanged(v: tl.tensor):
    """BODY: v."""
    return v


def plan(
    y: Tensor,
    x: Tensor,
    groups: int,
    weight: Tensor | None = None,
    bias: Tensor | None = None,
    added: Tensor | None = None,
    activate: bool = True,
    eps: float = 1e-5,
) -> list[Launch] | None:
    """Return three launches: pieces, groups, image."""
    batch, channels = x.shape[:2]
    views, width = _views(x, y)
    if not views or not x.numel():
        return None
    size, group = x[0, 0].numel(), channels // groups
    shipped = settings("group_norm_silu", x.device)
    cut = tile(
        batch, size, channels, group, dense_channels=x.stride(1) == 1,
        processors=gpu(x.device).processors, settings=shipped,
    )  # fmt: skip
    sums = torch.empty((batch, cut.pieces, 2, channels), dtype=torch.float32, device=x.device)
    lines = torch.empty((batch, 2, channels), dtype=torch.float32, device=x.device)
    extra = ByChannel(*(_line(t, batch, channels) for t in (added, weight, bias)))
    wide = far((batch, size // width, width, channels), views)
    how, warps = constants(cut, flat=width == size, far=wide), shipped["warps"]
    across = triton.cdiv(channels, cut.columns)
    return [
        Launch(
            partial, (cut.pieces, across, batch),
            (views[0], sums, size, width, channels, cut.piece), how, warps, reduces=True,
        ),
        Launch(
            finish, (groups, batch),
            (sums, lines, extra, size, channels, group, cut.piece, cut.pieces, eps),
            _merging(cut, group), warps, wide=False,
        ),
        Launch(
            apply, (triton.cdiv(size, cut.rows), across, batch),
            (*views, lines, size, width, channels),
            {"BODY": silu if activate else unchanged, **how}, warps,
        ),
    ]  # fmt: skip


def _line(t: Tensor | None, batch: int, channels: int) -> Line | None:
    return None if t is None else Line(t, *t.expand(batch, channels).stride())


def _merging(cut: Tile, group: int) -> dict[str, Any]:
    return {
        "AFFINE": affine,
        "PIECES": triton.next_power_of_2(cut.pieces),
        "COLUMNS": triton.next_power_of_2(group),
    }


def _views(*images: Tensor) -> tuple[list[View], int]:
    """Return images as (batch, rows, places, channels), and the places of a row.

    Axes of positions that follow on in all images are taken together; no view if more than two
    are left.
    """
    sizes = list(images[0].shape[2:])
    strides = [[t.stride(axis) for t in images] for axis in range(2, images[0].ndim)]
    for axis in range(len(sizes) - 2, -1, -1):
        if strides[axis] == [sizes[axis + 1] * step for step in strides[axis + 1]]:
            sizes[axis] *= sizes.pop(axis + 1)
            strides[axis] = strides.pop(axis + 1)
    if len(sizes) > 2:
        return [], 0
    middles = strides[0] if len(sizes) == 2 else [0] * len(images)
    rows = zip(images, middles, strides[-1], strict=True)
    return [View(t, t.stride(0), m or NOWHERE, i, t.stride(1)) for t, m, i in rows], sizes[-1]
