"""Which way a bucket of calls is run, what was measured of it, and why no other was taken."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, get_args

import torch

Way = Literal["eager", "compiled", "graph", "fused"]  # fused: a graph of our kernels
Mode = Literal["auto", "eager", "compiled", "graph"]
WAYS: tuple[Way, ...] = get_args(Way)
MODES: tuple[Mode, ...] = get_args(Mode)

# How far a result may be from the eager one, relative to its norm. A graph runs the same kernels;
# Inductor rounds less often than eager does, which shows in half precision.
ALLOWED: Mapping[torch.dtype, float] = {
    torch.float64: 1e-6,
    torch.float32: 1e-4,
    torch.float16: 1e-2,
    torch.bfloat16: 5e-2,
}


@dataclass(frozen=True)
class Choice:
    """How a bucket is run. ``us``: what each way took, µs; ``reasons``: why a way was not taken."""

    way: Way
    us: Mapping[str, float] = field(default_factory=dict)
    reasons: Mapping[str, str] = field(default_factory=dict)


def candidates(
    mode: Mode, device: torch.device, *, fused: bool, known: Choice | None = None
) -> tuple[Way, ...]:
    """Return the ways to try beside eager; none where it is settled that eager does.

    ``auto`` tries graphs where the device has them; where a plan on disk says what was fastest,
    that alone. So what is compiled comes from such a plan only: nobody waits for a compiler who has
    not asked for it. fused: whether our kernels serve any of what is called.
    """
    graphs: tuple[Way, ...] = ("graph", "fused") if fused else ("graph",)
    on_gpu: tuple[Way, ...] = graphs if device.type == "cuda" else ()
    ways: tuple[Way, ...] = {
        "auto": on_gpu,
        "eager": (),
        "compiled": ("compiled",),
        "graph": graphs,
    }[mode]
    if known is None:
        return ways
    if known.way in ways or (mode == "auto" and known.way == "compiled"):
        return (known.way,)
    settled = known.way == "eager" and {*ways} <= known.us.keys() | known.reasons.keys()
    return () if settled else ways
