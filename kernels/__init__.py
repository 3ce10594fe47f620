"""Fused operations for few-step diffusion and real-time media, each beside its torch reference.

Every public name is imported when it is first asked for: ``import livedraft.kernels`` imports
neither torch nor Triton.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .ops.norm_modulate import norm_modulate

__all__ = ["norm_modulate"]


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module 'livedraft.kernels' has no attribute '{name}'")
    return getattr(import_module(f".ops.{name}", __name__), name)


def __dir__() -> list[str]:
    return __all__
