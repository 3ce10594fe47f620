"""Compile a module by its repeated blocks: seconds, where the whole takes minutes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import nn

_SLOT = "_compiled_call_impl"  # where torch's Module.compile() keeps what calls go to


class Compiled:
    """A callable by way of torch.compile; the module itself stays eager for everybody else."""

    def __init__(self, call: Callable[..., Any], backend: str | Callable[..., Any]) -> None:
        names = set(getattr(call, "_repeated_blocks", None) or ())  # as diffusers declares them
        within = call.modules() if isinstance(call, nn.Module) else ()
        self._blocks = [each for each in within if type(each).__name__ in names]
        self._call = call
        if not self._blocks:
            self._call = torch.compile(call, backend=backend, dynamic=False)
        self._ways = [
            torch.compile(each._call_impl, backend=backend, dynamic=False) for each in self._blocks
        ]

    def __call__(self, **kwargs: Any) -> Any:
        """Call it with its blocks compiled."""
        for block, way in zip(self._blocks, self._ways, strict=True):
            block.__dict__[_SLOT] = way
        try:
            return self._call(**kwargs)
        finally:
            for block in self._blocks:
                block.__dict__[_SLOT] = None
