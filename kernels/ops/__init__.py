"""The operations by name: each file has the public function, its reference and its SPEC."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from ..dispatch import Op

# One line an operation: file and public function have its name.
NAMES = (
    "bias_residual_nhwc",
    "frame_similarity",
    "gated_norm_modulate",
    "gated_residual",
    "geglu",
    "gelu_tanh",
    "group_norm_silu",
    "norm_modulate",
    "pixels_in",
    "pixels_out",
    "qk_norm_rope",
    "quantize_rowwise",
    "stream_step",
    "swiglu",
    "upsample_nearest2x_nhwc",
)


def op(name: str) -> Op[..., Any]:
    """Import an operation and return it."""
    found: Op[..., Any] = import_module(f".{name}", __name__).OP
    return found


def every() -> list[Op[..., Any]]:
    """Import and return all operations."""
    return [op(name) for name in NAMES]
