"""The Triton way of `frame_similarity`: differences of tiles, then the largest and what follows."""

from __future__ import annotations

import torch
import triton
import triton.language as tl
from torch import Tensor

from ..ops.frame_similarity import TILE
from ..replay import Launch

MOST = 1024  # tiles that the second kernel reads at once


@triton.jit
def tiles_apart(
    apart,  # (batch, tiles) float32: sums of absolute differences
    frame,
    previous,
    height,
    width,
    strides,  # frame's, of (batch, height, width, channels)
    others,  # previous's
    CHANNELS: tl.constexpr,
    PACKED: tl.constexpr,  # both frames' lines are dense
    TILE: tl.constexpr,
    COLUMNS: tl.constexpr,  # at least TILE * CHANNELS
):
    """One program sums a tile; its rows are lines, its columns x and channel."""
    across = tl.cdiv(width, TILE)
    tile, sample = tl.program_id(0), tl.program_id(1).to(tl.int64)
    y = (tile // across * TILE + tl.arange(0, TILE)[:, None]).to(tl.int64)
    column = tl.arange(0, COLUMNS)[None, :]
    left = tile % across * TILE
    inside = (y < height) & (column < tl.minimum(width - left, TILE) * CHANNELS)
    first, second = sample * strides[0] + y * strides[1], sample * others[0] + y * others[1]
    if PACKED:
        first, second = first + left * CHANNELS + column, second + left * CHANNELS + column
    else:
        x, channel = left + column // CHANNELS, column % CHANNELS
        first += x * strides[2] + channel * strides[3]
        second += x * others[2] + channel * others[3]
    one = tl.load(frame + first, mask=inside, other=0).to(tl.float32)
    other = tl.load(previous + second, mask=inside, other=0).to(tl.float32)
    total = tl.sum(tl.sum(tl.abs(one - other), 1), 0)
    pixels = tl.minimum(width - left, TILE) * tl.minimum(height - tile // across * TILE, TILE)
    mean = total / (pixels * CHANNELS).to(tl.float32)
    tl.store(apart + sample * tl.num_programs(0) + tile, mean)


@triton.jit
def decide(
    skip,
    similarity,
    skipped,
    apart,
    tiles,
    threshold,
    longest,
    span,
    BLOCK: tl.constexpr,
):
    """One program decides for one frame."""
    sample = tl.program_id(0)
    most = tl.zeros((BLOCK,), tl.float32)
    for start in range(0, tiles, BLOCK):
        at = start + tl.arange(0, BLOCK)
        most = tl.maximum(most, tl.load(apart + sample * tiles + at, mask=at < tiles, other=0.0))
    alike = 1.0 - tl.max(most, 0) / span
    count = tl.load(skipped + sample)
    skips = (alike >= threshold) & (count < longest)
    tl.store(skip + sample, skips)
    tl.store(similarity + sample, alike)
    tl.store(skipped + sample, tl.where(skips, count + 1, 0))


def plan(
    outputs: tuple[Tensor, Tensor],
    frame: Tensor,
    previous: Tensor,
    skipped: Tensor,
    threshold: float,
    longest: int,
    span: float,
) -> list[Launch]:
    """Return two launches: no program can wait for the tiles of all others."""
    skip, similarity = outputs
    batch, height, width, channels = frame.shape
    tiles = triton.cdiv(height, TILE) * triton.cdiv(width, TILE)
    apart = torch.empty((batch, tiles), dtype=torch.float32, device=frame.device)
    packed = all(t.stride()[2:] == (channels, 1) for t in (frame, previous))
    columns = triton.next_power_of_2(TILE * channels)
    return [
        Launch(
            tiles_apart,
            (tiles, batch),
            (apart, frame, previous, height, width, frame.stride(), previous.stride()),
            {"CHANNELS": channels, "PACKED": packed, "TILE": TILE, "COLUMNS": columns},
            warps=2,
            wide=packed and width % TILE == 0,
            reduces=True,
        ),
        Launch(
            decide,
            (batch,),
            (skip, similarity, skipped, apart, tiles, threshold, longest, span),
            {"BLOCK": min(triton.next_power_of_2(tiles), MOST)},
            wide=tiles % 16 == 0 and tiles >= MOST,
            reduces=True,
        ),
    ]
