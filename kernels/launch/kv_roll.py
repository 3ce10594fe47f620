"""The Triton way of `kv_roll`: a tile's rows are heads of tokens, new ones then the sink's."""

from __future__ import annotations

from typing import NamedTuple

import triton
import triton.language as tl
from torch import Tensor

from ..capability import settings
from ..replay import Launch
from ..templates.layout_copy import layout_copy


class Roll(NamedTuple):
    """What the bodies read, with strides of (batch, token, head) in elements."""

    new_keys: Tensor
    new_values: Tensor
    sink: Tensor
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
    rows: int
    tokens: int
    kept: int  # tokens of the sink
    ring: int  # slots after it
    heads: int
    channels: int


@triton.jit
def placed(row, context):
    """Return a row's sample, token and head."""
    line = row // context.heads
    both = context.tokens + context.kept
    return (line // both).to(tl.int64), line % both, row % context.heads


@triton.jit
def before(sample, row, context):
    """Return how many tokens a row's sample had."""
    return tl.load(context.length + sample, mask=row < context.rows, other=0).to(tl.int64)


@triton.jit
def within(strides, sample, token, head):
    return sample * strides[0] + token.to(tl.int64) * strides[1] + head * strides[2]


@triton.jit
def key(row, column, inside, context):
    sample, token, head = placed(row, context)
    new = token < context.tokens
    at = context.new_keys + within(context.of_new_keys, sample, token, head)
    value = tl.load(at + column, mask=inside & new, other=0.0)
    at = context.sink + within(context.of_sink, sample, token - context.tokens, head)
    # What this launch writes to the sink is not read: it fills up behind the length.
    old = (
        inside & (token >= context.tokens) & (token - context.tokens < before(sample, row, context))
    )
    return tl.where(new, value, tl.load(at + column, mask=old, other=0.0)).to(tl.float32)


@triton.jit
def phase(table, of_sink, row, column, inside, context):
    sample, token, _ = placed(row, context)
    new = token < context.tokens
    at = table + sample * context.of_phase[0] + token.to(tl.int64) * context.of_phase[1]
    value = tl.load(at + column, mask=inside & new, other=0.0)
    token -= context.tokens
    at = of_sink + sample * context.of_sink_phase[0] + token * context.of_sink_phase[1]
    return tl.where(new, value, tl.load(at + column, mask=inside & (token >= 0), other=0.0))


@triton.jit
def read_key(row, column, inside, context, OPTIONS: tl.constexpr):
    HIGH: tl.constexpr = OPTIONS[1]
    HALF: tl.constexpr = OPTIONS[2] // 2
    value = key(row, column, inside, context)
    half = context.channels // 2
    if OPTIONS[0]:  # neighbours
        pair = tl.arange(0, HALF)[None, :]
        known = (pair < half) & (row < context.rows)
        cos = phase(context.cos, context.sink_cos, row, pair, known, context)
        sin = phase(context.sin, context.sink_sin, row, pair, known, context)
        one, other = tl.split(tl.reshape(value, (HIGH, HALF, 2)))
        turned = tl.join(one * cos - other * sin, one * sin + other * cos)
        return tl.reshape(turned, (HIGH, 2 * HALF))
    else:
        low = column < half
        pair = tl.where(low, column, column - half)
        cos = phase(context.cos, context.sink_cos, row, pair, inside, context)
        sin = phase(context.sin, context.sink_sin, row, pair, inside, context)
        other = key(row, tl.where(low, column + half, pair), inside, context)
        return value * cos + tl.where(low, -other, other) * sin


@triton.jit
def place_key(row, column, copy, context, OPTIONS: tl.constexpr):
    sample, token, head = placed(row, context)
    had = before(sample, row, context)
    new = token < context.tokens
    position = had + token
    ring = context.kept + (position - context.kept) % context.ring
    slot = tl.where(position < context.kept, position, ring)
    slot = tl.where(new, slot, token - context.tokens)
    at = sample * context.of_keys[0] + slot * context.of_keys[1] + head * context.of_keys[2]
    return at + column, new | (slot < had)


@triton.jit
def read_value(row, column, inside, context, OPTIONS: tl.constexpr):
    sample, token, head = placed(row, context)
    at = context.new_values + within(context.of_new_values, sample, token, head)
    return tl.load(at + column, mask=inside & (token < context.tokens), other=0.0)


@triton.jit
def place_value(row, column, copy, context, OPTIONS: tl.constexpr):
    sample, token, head = placed(row, context)
    position = before(sample, row, context) + token
    ring = context.kept + (position - context.kept) % context.ring
    slot = tl.where(position < context.kept, position, ring)
    at = sample * context.of_values[0] + slot * context.of_values[1] + head * context.of_values[2]
    return at + column, token < context.tokens


@triton.jit
def read_raw(row, column, inside, context, OPTIONS: tl.constexpr):
    sample, token, head = placed(row, context)
    first = (token < context.tokens) & (before(sample, row, context) + token < context.kept)
    at = context.new_keys + within(context.of_new_keys, sample, token, head)
    return tl.load(at + column, mask=inside & first, other=0.0)


@triton.jit
def place_raw(row, column, copy, context, OPTIONS: tl.constexpr):
    sample, token, head = placed(row, context)
    position = before(sample, row, context) + token
    at = sample * context.of_sink[0] + position * context.of_sink[1] + head * context.of_sink[2]
    return at + column, (token < context.tokens) & (position < context.kept)


@triton.jit
def roll(
    after,
    keys,
    values,
    sink,
    context,
    batch,
    OPTIONS: tl.constexpr,  # neighbours, the tile's rows and columns
    BATCH: tl.constexpr,  # at least batch
):
    """Copy thrice, as layout_copy does: rotated keys, values, and keys that the sink keeps."""
    HIGH: tl.constexpr = OPTIONS[1]
    WIDE: tl.constexpr = OPTIONS[2]
    rows, columns = context.rows, context.channels
    # Within a kernel Triton makes constants of what the checkers see as plain values.
    layout_copy(keys, rows, columns, context, read_key, place_key, OPTIONS, 1, HIGH, WIDE)  # pyright: ignore[reportArgumentType]
    layout_copy(values, rows, columns, context, read_value, place_value, OPTIONS, 1, HIGH, WIDE)  # pyright: ignore[reportArgumentType]
    layout_copy(sink, rows, columns, context, read_raw, place_raw, OPTIONS, 1, HIGH, WIDE)  # pyright: ignore[reportArgumentType]
    if tl.program_id(0) == 0:
        sample = tl.arange(0, BATCH)
        had = tl.load(context.length + sample, mask=sample < batch, other=0)
        tl.store(after + sample, had + context.tokens, mask=sample < batch)


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
    rows = batch * (tokens + kept) * heads
    context = Roll(
        new_keys, new_values, sink, length, cos, sin, sink_cos, sink_sin,
        new_keys.stride(), new_values.stride(), keys.stride(), values.stride(), sink.stride(),
        cos.stride(), sink_cos.stride(),
        rows, tokens, kept, keys.shape[1] - kept, heads, channels,
    )  # fmt: skip
    wide = triton.next_power_of_2(channels)
    high = max(settings("kv_roll", keys.device)["elements"] // wide, 1)
    return [
        Launch(
            roll,
            (triton.cdiv(rows, high),),
            (after, keys, values, sink, context, batch),
            {"OPTIONS": (interleaved, high, wide), "BATCH": triton.next_power_of_2(batch)},
            wide=channels % 16 == 0,
        )
    ]
