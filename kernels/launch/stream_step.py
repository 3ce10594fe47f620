"""The Triton way of `stream_step`: states in, coefficients of a row, the next latents out."""

from __future__ import annotations

import torch
import triton
import triton.language as tl
from torch import Tensor

from ..capability import settings
from ..replay import Launch
from ..templates.step_update import step_update


@triton.jit
def stepped(states, table, OPTIONS: tl.constexpr):
    x, m = states[0], states[1]
    NOISE: tl.constexpr = OPTIONS[0]  # where in the states it is; 0: nowhere
    UNCONDITIONAL: tl.constexpr = OPTIONS[1]
    if UNCONDITIONAL:
        m = states[UNCONDITIONAL] + tl.load(table + 5) * (m - states[UNCONDITIONAL])
    x0 = tl.load(table) * x + tl.load(table + 1) * m
    following = tl.load(table + 2) * x0 + tl.load(table + 4) * x
    if NOISE:
        following += tl.load(table + 3) * states[NOISE]
    return (following,)


def plan(
    made: Tensor,
    latents: Tensor,
    output: Tensor,
    coefficients: Tensor,
    noise: Tensor | None = None,
    unconditional: Tensor | None = None,
) -> list[Launch] | None:
    """Return one launch; none where a tensor has neither of the two orders."""
    states, places = [latents, output], []
    for extra in (noise, unconditional):
        places.append(0 if extra is None else len(states))
        states += [] if extra is None else [extra]
    last = [_channels_last(state) for state in states]
    if None in last or not coefficients.is_contiguous():
        return None
    batch, size = latents.shape[0], latents[0].numel()
    minor = latents.shape[1] if last[0] else size // max(latents.shape[1], 1)
    turned = tuple(int(order != last[0]) for order in last)
    shipped = settings("stream_step", latents.device)
    return [
        Launch(
            step_update,
            (triton.cdiv(size, shipped["block"]), batch),
            (tuple(states), (made,), coefficients, size, minor),
            {
                "BODY": stepped,
                "OPTIONS": tuple(places),
                "TURNED": turned,
                "COLUMNS": coefficients.shape[1],
                "BLOCK": shipped["block"],
            },
            warps=shipped["block"] // 256,  # 8 elements a thread: 128 bits at half precision,
            wide=not any(turned),
        )
    ]


def _channels_last(state: Tensor) -> bool | None:
    """Say which of the two dense orders a state has, None for any other."""
    if state.is_contiguous():
        return False
    return True if state.is_contiguous(memory_format=torch.channels_last) else None
