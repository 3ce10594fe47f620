"""Call a network with those of its blocks swapped that our kernels serve."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractContextManager, nullcontext
from functools import cache
from typing import Any

import torch
from torch import nn
from torch.nn.attention import sdpa_kernel

from livedraft.kernels.ops.attention import BACKENDS, Facts, pick

from . import flux2, images, wan

Methods = Mapping[str, Callable[..., Any]]  # by name, bound

# By a block's class: what its methods become, nothing where it is not as the kernels want it.
FUSIONS: Mapping[str, Callable[[Any], Methods]] = {
    **images.FUSIONS,
    **flux2.FUSIONS,
    **wan.FUSIONS,
}
_KINDS = {backend.name: backend.kind for backend in BACKENDS}


class Fused:
    """A callable, and the modules that it runs: their blocks go by our kernels meanwhile.

    On a CPU the kernels' own references compute, which are as exact and not faster.
    """

    def __init__(self, call: Callable[..., Any], within: Iterable[nn.Module]) -> None:
        self._call = call
        blocks = dict.fromkeys(block for module in within for block in module.modules())
        self._swaps = [
            (block, name, method)
            for block in blocks
            for name, method in FUSIONS.get(type(block).__name__, _none)(block).items()
        ]

    def __bool__(self) -> bool:
        """Whether any block is swapped."""
        return bool(self._swaps)

    def __call__(self, **kwargs: Any) -> Any:
        """Call it with its blocks swapped, and attention by the backend of the capability table."""
        for block, name, method in self._swaps:
            block.__dict__[name] = method
        try:
            with _attention():
                return self._call(**kwargs)
        finally:
            for block, name, _ in self._swaps:
                block.__dict__.pop(name, None)


def _none(block: Any) -> Methods:
    return {}


def _attention() -> AbstractContextManager[Any]:
    if not torch.cuda.is_available():
        return nullcontext()
    return sdpa_kernel(list(_order(torch.cuda.get_device_capability())), set_priority=True)


@cache
def _order(capability: tuple[int, int]) -> tuple[Any, ...]:
    """Return torch's backends, those first that are fastest for half precision on this GPU."""
    picked = pick(Facts(capability, torch.bfloat16, 64))
    first = [picked.backend, *picked.then]
    return tuple(_KINDS[name] for name in (*first, *(n for n in _KINDS if n not in first)))
