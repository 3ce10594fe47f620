"""The Triton way of `kv_roll`: a program takes heads of one token, a new one or the sink's."""

from __future__ import annotations

from typing import NamedTuple

import triton
import triton.language as tl
from torch import Tensor

from ..capability import settings
from ..replay import Launch
from ..templates.views import reach, widened
from .tiles import fitting


class Roll(NamedTuple):
    """What is read and how it lies: strides of (batch, token, head) in elements."""

    new_keys: Tensor
    new_values: Tensor
    length: Tensor
    cos: Tensor
    sin: Tensor
    sink_cos: Tensor
    sink_sin: Tensor
    of_new_keys: tuple[int, ...]
    of_new_values: tuple[int, ...]
    of_keys: tuple[int, ...]
    of_values: tuple[int, ...]
    of_sink: tuple[int, ...]
    of_phase: tuple[int, ...]  # (batch, token)
    of_sink_phase: tuple[int, ...]
    batch: int
    tokens: int
    kept: int  # tokens of the sink
    ring: int  # slots after it
    heads: int
    channels: int


@triton.jit
def heads_at(tensor, strides, token, head, FAR):
    """Return where a token's heads begin, of the program's sample."""
    start = widened(tl.program_id(2), FAR) * strides[0] + widened(token, FAR) * strides[1]
    return tensor + (start + widened(head, FAR) * strides[2])


@triton.jit
def phases(table, strides, token, context, OPTIONS, FAR):
    """Return a token's cosines or sines, for each head: a thread loads those of its own pairs."""
    HIGH: tl.constexpr = OPTIONS[1]
    HALF: tl.constexpr = OPTIONS[3] // 2
    pair = tl.broadcast_to(tl.arange(0, HALF)[None, :], (HIGH, HALF))
    start = widened(tl.program_id(2), FAR) * strides[0] + widened(token, FAR) * strides[1]
    return tl.load(table + start + pair, mask=pair < context.channels // 2, other=0.0)


@triton.jit
def turn(source, target, cos, sin, known, context, OPTIONS):
    """Copy keys, rotated; source and target: where their heads begin."""
    NEIGHBOURS: tl.constexpr = OPTIONS[0]
    HIGH: tl.constexpr = OPTIONS[1]
    WIDE: tl.constexpr = OPTIONS[3]
    kind: tl.constexpr = target.dtype.element_ty
    if NEIGHBOURS:
        column = tl.arange(0, WIDE)[None, :]
        inside = known & (column < context.channels)
        key = tl.load(source + column, mask=inside).to(tl.float32)
        one, other = tl.split(tl.reshape(key, (HIGH, WIDE // 2, 2)))
        turned = tl.join(one * cos - other * sin, one * sin + other * cos)
        tl.store(target + column, tl.reshape(turned, (HIGH, WIDE)).to(kind), mask=inside)
    else:
        half = context.channels // 2
        pair = tl.arange(0, WIDE // 2)[None, :]
        inside = known & (pair < half)
        one = tl.load(source + pair, mask=inside).to(tl.float32)
        other = tl.load(source + half + pair, mask=inside).to(tl.float32)
        tl.store(target + pair, (one * cos - other * sin).to(kind), mask=inside)
        tl.store(target + half + pair, (one * sin + other * cos).to(kind), mask=inside)


@triton.jit
def append(keys, values, sink, token, had, context, OPTIONS, FAR):
    """Put heads of a new token into its slot, and into the sink while that fills up."""
    HIGH: tl.constexpr = OPTIONS[1]
    TILES: tl.constexpr = OPTIONS[2]
    WIDE: tl.constexpr = OPTIONS[3]
    position = had + token
    slot = context.kept + (position - context.kept) % context.ring
    # Slots are few, however long it runs.
    slot = tl.where(position < context.kept, position, slot).to(tl.int32)
    cos = phases(context.cos, context.of_phase, token, context, OPTIONS, FAR)
    sin = phases(context.sin, context.of_phase, token, context, OPTIONS, FAR)
    column = tl.arange(0, WIDE)[None, :]
    for tile in tl.static_range(TILES):
        head = (tl.program_id(1) * TILES + tile) * HIGH + tl.arange(0, HIGH)[:, None]
        known = head < context.heads
        inside = known & (column < context.channels)
        of_value = heads_at(context.new_values, context.of_new_values, token, head, FAR)
        value = tl.load(of_value + column, mask=inside)
        of_key = heads_at(context.new_keys, context.of_new_keys, token, head, FAR)
        to = heads_at(keys, context.of_keys, slot, head, FAR)
        turn(of_key, to, cos, sin, known, context, OPTIONS)
        tl.store(heads_at(values, context.of_values, slot, head, FAR) + column, value, mask=inside)
        if position < context.kept:
            to = heads_at(sink, context.of_sink, position.to(tl.int32), head, FAR)
            tl.store(to + column, tl.load(of_key + column, mask=inside), mask=inside)


@triton.jit
def rephase(keys, sink, token, context, OPTIONS, FAR):
    """Rotate heads of a sink's token anew, into the cache."""
    HIGH: tl.constexpr = OPTIONS[1]
    TILES: tl.constexpr = OPTIONS[2]
    cos = phases(context.sink_cos, context.of_sink_phase, token, context, OPTIONS, FAR)
    sin = phases(context.sink_sin, context.of_sink_phase, token, context, OPTIONS, FAR)
    for tile in tl.static_range(TILES):
        head = (tl.program_id(1) * TILES + tile) * HIGH + tl.arange(0, HIGH)[:, None]
        of_key = heads_at(sink, context.of_sink, token, head, FAR)
        to = heads_at(keys, context.of_keys, token, head, FAR)
        turn(of_key, to, cos, sin, head < context.heads, context, OPTIONS)


@triton.jit
def roll(
    after,
    keys,
    values,
    sink,
    context,
    OPTIONS: tl.constexpr,  # neighbours or halves, heads of a tile, tiles, a power of 2 of channels
    FAR: tl.constexpr,  # offsets take 64 bits
    BATCH: tl.constexpr,  # at least the batch
):
    """One program takes one token of one sample, some of its heads: new tokens, then the sink's."""
    token = tl.program_id(0)
    had = tl.load(context.length + tl.program_id(2)).to(tl.int64)
    if token < context.tokens:
        append(keys, values, sink, token, had, context, OPTIONS, FAR)
    # What this launch writes to the sink is not read: it fills up behind the length.
    elif token - context.tokens < had:
        rephase(keys, sink, token - context.tokens, context, OPTIONS, FAR)
    if token + tl.program_id(1) + tl.program_id(2) == 0:
        sample = tl.arange(0, BATCH)
        before = tl.load(context.length + sample, mask=sample < context.batch, other=0)
        tl.store(after + sample, before + context.tokens, mask=sample < context.batch)


def plan(
    after: Tensor,
    keys: Tensor,
    values: Tensor,
    sink: Tensor,
    new_keys: Tensor,
    new_values: Tensor,
    length: Tensor,
    cos: Tensor,
    sin: Tensor,
    sink_cos: Tensor,
    sink_sin: Tensor,
    interleaved: bool,
) -> list[Launch] | None:
    """Return one launch; none where channels or phases are not dense."""
    dense = (keys, values, sink, new_keys, new_values, cos, sin, sink_cos, sink_sin)
    if any(t.stride(-1) != 1 for t in dense) or length.stride() != (1,):
        return None
    if cos.stride() != sin.stride() or sink_cos.stride() != sink_sin.stride():
        return None
    batch, tokens, heads, channels = new_keys.shape
    kept = sink.shape[1]
    context = Roll(
        new_keys, new_values, length, cos, sin, sink_cos, sink_sin,
        new_keys.stride(), new_values.stride(), keys.stride(), values.stride(), sink.stride(),
        cos.stride(), sink_cos.stride(),
        batch, tokens, kept, keys.shape[1] - kept, heads, channels,
    )  # fmt: skip
    wide = triton.next_power_of_2(channels)
    high = _tile(heads, wide)
    tiles = max(settings("kv_roll", keys.device)["elements"] // (high * wide), 1)
    tiles = min(tiles, triton.cdiv(heads, high))
    return [
        Launch(
            roll,
            (tokens + kept, triton.cdiv(heads, high * tiles), batch),
            (after, keys, values, sink, context),
            {
                "OPTIONS": (interleaved, high, tiles, wide),
                "FAR": any(reach(t.shape, t.stride()) >= 2**31 for t in dense),
                "BATCH": triton.next_power_of_2(batch),
            },
            warps=max(high * wide // (256 if interleaved else 512), 1),
            wide=channels % 16 == 0,
        )
    ]


def _tile(heads: int, wide: int) -> int:
    """Return how many heads one to four warps take at once: 12 are thrice 4, leaving none idle."""
    sizes = [1 << n for n in range(11) if 256 <= wide << n <= 1024]
    return fitting(heads, sizes or [1])
