"""Keys and values of a video's new frames into a cache that keeps the first and the latest."""

from __future__ import annotations

import torch
from torch import Generator, Tensor

from ..dispatch import register
from ..spec import Axes, Inputs, OpSpec, Outputs, Workload


def kv_roll(
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
    interleaved: bool = True,
) -> Tensor:
    """Append tokens to a cache in place, rotate their keys, and re-phase the sink's.

    keys, values: the cache, (batch, slots, heads, channels), written in place. Its first slots are
        the sink, which is kept; the others are a ring, in which new tokens take the place of the
        oldest. Attention does not ask for the order of keys, so nothing is moved: the first
        ``min(length, slots)`` slots are to be attended to.
    sink: (batch, sink tokens, heads, channels), the sink's keys before rotation, written in place
        while it fills. Rotating from these, not from the cache, rounds once however long it runs.
    new_keys, new_values: (batch, tokens, heads, channels), any strides with dense channels; keys
        before rotation. No more tokens than the ring has slots.
    length: (batch,) int32 or int64, tokens appended before; the new lengths are returned.
    cos, sin: (tokens, channels / 2) or (batch, tokens, channels / 2) float32, the new tokens'
        phases; sink_cos, sink_sin: those that the sink's keys shall have now. With a sink that
        stays next to the window, its positions grow with the window's.
    interleaved: pairs are neighbours (Wan, FLUX); otherwise halves apart (Llama, Qwen).

    One launch. Source: StreamDiffusionV2 (arXiv 2511.07399) for sink and rolling window; rotary
    embedding: RoFormer (arXiv 2104.09864). Raises ValueError for shapes that do not fit.
    """
    cos, sin, sink_cos, sink_sin = (
        phase if phase.ndim == 3 else phase.expand(len(keys), -1, -1)
        for phase in (cos, sin, sink_cos, sink_sin)
    )
    return OP(
        keys, values, sink, new_keys, new_values, length, cos, sin, sink_cos, sink_sin, interleaved
    )


def reference(
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
) -> Tensor:
    """Do what kv_roll does, in plain torch."""
    (batch, slots), kept, tokens = keys.shape[:2], sink.shape[1], new_keys.shape[1]
    row = torch.arange(batch, device=keys.device)[:, None]
    position = length[:, None].long() + torch.arange(tokens, device=keys.device)
    slot = torch.where(position < kept, position, kept + (position - kept) % (slots - kept))
    # A sink's slot that these tokens fill takes the token at its own position less the length.
    source = torch.arange(kept, device=keys.device) - length[:, None].long()
    filled = ((source >= 0) & (source < tokens))[..., None, None]
    sink.copy_(torch.where(filled, new_keys[row, source.clamp(0, tokens - 1)], sink))
    before = (source < 0)[..., None, None]
    turned = rotated(sink, sink_cos, sink_sin, interleaved)
    keys[:, :kept] = torch.where(before, turned, keys[:, :kept])
    keys[row, slot] = rotated(new_keys, cos, sin, interleaved)
    values[row, slot] = new_values
    return length + tokens


def rotated(x: Tensor, cos: Tensor, sin: Tensor, interleaved: bool) -> Tensor:
    """Return keys (batch, tokens, heads, channels) rotated by (batch, tokens, channels / 2)."""
    wide = torch.promote_types(x.dtype, torch.float32)
    cos, sin = cos[:, :, None].to(wide), sin[:, :, None].to(wide)
    half = x.shape[-1] // 2
    axis, shape = (-1, (half, 2)) if interleaved else (-2, (2, half))
    one, other = x.to(wide).reshape(*x.shape[:-1], *shape).unbind(axis)
    turned = (one * cos - other * sin, one * sin + other * cos)
    return torch.stack(turned, axis).flatten(-2).to(x.dtype)


def _empty(
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
) -> Tensor:
    if keys.ndim != 4 or new_keys.ndim != 4 or keys.shape[3] % 2:
        raise ValueError("keys are (batch, tokens, heads, channels), channels even")
    batch, slots, heads, channels = keys.shape
    tokens, kept = new_keys.shape[1], sink.shape[1]
    half = channels // 2
    for name, tensor, shape in (
        ("values", values, keys.shape),
        ("sink", sink, (batch, kept, heads, channels)),
        ("new_keys", new_keys, (batch, tokens, heads, channels)),
        ("new_values", new_values, new_keys.shape),
        ("length", length, (batch,)),
        ("cos", cos, (batch, tokens, half)),
        ("sin", sin, (batch, tokens, half)),
        ("sink_cos", sink_cos, (batch, kept, half)),
        ("sink_sin", sink_sin, (batch, kept, half)),
    ):
        if tensor.shape != shape:
            raise ValueError(f"{name} has shape {tuple(tensor.shape)}: {tuple(shape)} is wanted")
    if tokens > slots - kept:
        raise ValueError(f"{tokens} tokens for a ring of {slots - kept}")
    return torch.empty_like(length)


def _inputs(axes: Axes, dtype: torch.dtype, generator: Generator) -> Inputs:
    """Return caches of a batch at different lengths: one before its sink is full, one far on."""
    batch, slots, kept, tokens, heads, channels = (
        int(axes[k]) for k in ("batch", "slots", "sink", "tokens", "heads", "channels")
    )
    device = generator.device

    def normal(*shape: int) -> Tensor:
        return torch.randn(shape, generator=generator, device=device).to(dtype)

    def phases(count: int) -> tuple[Tensor, Tensor]:
        angles = torch.rand((batch, count, channels // 2), generator=generator, device=device) * 6
        return angles.cos(), angles.sin()

    packed = normal(batch, tokens, 3, heads, channels)  # as a projection makes them
    cos, sin = phases(tokens)
    sink_cos, sink_sin = phases(kept)
    return {
        "keys": normal(batch, slots, heads, channels),
        "values": normal(batch, slots, heads, channels),
        "sink": normal(batch, kept, heads, channels),
        "new_keys": packed[:, :, 1],
        "new_values": packed[:, :, 2],
        "length": torch.arange(batch, device=device) * (slots + 1) + int(axes.get("length", 0)),
        "cos": cos,
        "sin": sin,
        "sink_cos": sink_cos,
        "sink_sin": sink_sin,
        "interleaved": bool(axes.get("interleaved", True)),
    }


def _moved(inputs: Inputs, outputs: Outputs) -> int:
    """Return the bytes of the new tokens and of the sink's keys, in and out; phases in."""
    written = 2 * (2 * inputs["new_keys"].nbytes + inputs["sink"].nbytes)
    return int(written + sum(inputs[k].nbytes for k in ("cos", "sin", "sink_cos", "sink_sin")))


_ODD: Axes = {"slots": 8, "sink": 3, "tokens": 5, "heads": 3, "channels": 10}
# 480 x 832 px are 1560 tokens a latent frame: a chunk of 3, a window of 21, the first one kept.
_WAN: Axes = {
    "slots": 32760, "sink": 1560, "tokens": 4680, "heads": 12, "channels": 128, "length": 100_000
}  # fmt: skip

SPEC = OpSpec(
    name="kv_roll",
    summary="append to a cache of sink and rolling window in place, rotary phases included",
    fuses="rotation, two scattered writes, the sink's re-phasing: some 30 eager launches",
    used="streaming video; the window's keys stay where they are",
    reference=reference,
    inputs=_inputs,
    workloads=(
        Workload("odd", {**_ODD, "batch": 3, "slots": 9, "sink": 2, "tokens": 3}),
        Workload("halves", {**_ODD, "batch": 2, "channels": 32, "length": 1, "interleaved": False}),
        Workload("no sink", {**_ODD, "batch": 1, "slots": 4, "sink": 0, "tokens": 4}),
        Workload("Wan-1.3B, 480p, chunk of 3", {**_WAN, "batch": 1}, real=True),
        Workload("Wan-1.3B, 480p, batch 4", {**_WAN, "batch": 4}, real=True),
    ),
    moved=_moved,
    mutates=("keys", "values", "sink"),
)

OP = register(SPEC, _empty)
