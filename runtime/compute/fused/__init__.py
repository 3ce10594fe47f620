"""Blocks of diffusers' networks by our kernels while a call lasts; the networks stay the same."""

from __future__ import annotations

from .fused import Fused

__all__ = ["Fused"]
