"""The Triton way of `frame_similarity`: differences of tiles, then the largest and what follows."""

from __future__ import annotations

import torch
import triton
import triton.language as tl
from torch import Tensor

from ..ops.frame_similarity import TILE
from ..replay import Launch

SIDE = 2  # tiles that a warp reads at once: 16 bytes a thread
MOST = 1024  # tiles that the second kernel reads at once


@triton.jit
def tiles_apart(
    apart,  # (batch, tiles) float32: means of absolute differences
    frame,
    previous,
    height,
    width,
    strides,  # frame's, of (batch, height, width, channels)
    others,  # previous's
    CHANNELS: tl.constexpr,
    PACKED: tl.constexpr,  # both frames' lines are dense
    TILE: tl.constexpr,
    SIDE: tl.constexpr,  # tiles of a program, side by side
    EXACT: tl.constexpr,  # the type that holds differences
):
    """One program sums the differences of SIDE tiles, a channel at a time.

    Of dense lines these are TILE elements at a time, whatever channels they are of: a tile has as
    many of them as channels.
    """
    tile = tl.program_id(0) * SIDE + tl.arange(0, SIDE)[:, None, None]
    row = tl.program_id(1) * TILE + tl.arange(0, TILE)[None, :, None]
    element = tl.arange(0, TILE)[None, None, :]
    sample, y = tl.program_id(2).to(tl.int64), row.to(tl.int64)
    first = frame + (sample * strides[0] + y * strides[1])
    second = previous + (sample * others[0] + y * others[1])
    total = tl.zeros((SIDE, TILE, TILE), tl.float32)
    for channel in tl.static_range(CHANNELS):
        if PACKED:
            at = (tile * CHANNELS + channel) * TILE + element
            inside = (row < height) & (at < width * CHANNELS)
            one, other = first + at, second + at
        else:
            at = tile * TILE + element
            inside = (row < height) & (at < width)
            one = first + at * strides[2] + channel * strides[3]
            other = second + at * others[2] + channel * others[3]
        new = tl.load(one, mask=inside, other=0).to(EXACT)
        old = tl.load(other, mask=inside, other=0).to(EXACT)
        total += tl.abs((new - old).to(tl.float32))
    sums = tl.sum(tl.sum(total, 2), 1)
    tile = tl.program_id(0) * SIDE + tl.arange(0, SIDE)
    across, down = tl.cdiv(width, TILE), tl.num_programs(1)
    lines = tl.minimum(height - tl.program_id(1) * TILE, TILE)
    pixels = tl.minimum(width - tile * TILE, TILE) * lines
    mean = sums / (pixels * CHANNELS).to(tl.float32)
    line = apart + (sample * down + tl.program_id(1)) * across
    tl.store(line + tile, mean, mask=tile < across)


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
    down, across = triton.cdiv(height, TILE), triton.cdiv(width, TILE)
    tiles = down * across
    apart = torch.empty((batch, tiles), dtype=torch.float32, device=frame.device)
    packed = all(t.stride()[2:] == (channels, 1) for t in (frame, previous))
    # Of bytes, the difference is converted, not both.
    exact = tl.int32 if frame.dtype == torch.uint8 else tl.float32
    return [
        Launch(
            tiles_apart,
            (triton.cdiv(across, SIDE), down, batch),
            (apart, frame, previous, height, width, frame.stride(), previous.stride()),
            {
                "CHANNELS": channels,
                "PACKED": packed,
                "TILE": TILE,
                "SIDE": SIDE,
                "EXACT": exact,
            },
            warps=1,
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
