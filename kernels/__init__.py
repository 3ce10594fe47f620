"""Fused operations for few-step diffusion and real-time media, each beside its torch reference.

Every public name is imported when it is first asked for: ``import livedraft.kernels`` imports
neither torch nor Triton.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .ops.attention import attention, attention_backend
    from .ops.bias_residual_nhwc import bias_residual_nhwc
    from .ops.frame_similarity import frame_similarity
    from .ops.gated_norm_modulate import gated_norm_modulate
    from .ops.gated_residual import gated_residual
    from .ops.geglu import geglu
    from .ops.gelu_tanh import gelu_tanh
    from .ops.group_norm_silu import group_norm_silu
    from .ops.norm_modulate import norm_modulate
    from .ops.pixels_in import pixels_in
    from .ops.pixels_out import pixels_out
    from .ops.qk_norm_rope import qk_norm_rope
    from .ops.quantize_rowwise import quantize_rowwise
    from .ops.stream_step import stream_step
    from .ops.swiglu import swiglu
    from .ops.upsample_nearest2x_nhwc import upsample_nearest2x_nhwc

__all__ = [
    "attention",
    "attention_backend",
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
]


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module 'livedraft.kernels' has no attribute '{name}'")
    file = name.removesuffix("_backend")
    return getattr(import_module(f".ops.{file}", __name__), name)


def __dir__() -> list[str]:
    return __all__
