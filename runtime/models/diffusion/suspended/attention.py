"""The attention of parts that jobs share: what a call sets of it holds while that call runs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from torch import nn


class Attention:
    """The layers of attention of some networks, each with its processor.

    Some pipelines put others in their place for a whole call: perturbed attention guidance, and
    self-attention guidance, which leaves its own there for good.
    """

    def __init__(self, networks: Iterable[nn.Module]) -> None:
        layers = (layer for network in networks for layer in network.modules())
        self._layers: list[Any] = [layer for layer in layers if _processor(layer) is not None]

    @property
    def processors(self) -> list[Any]:
        """That which each layer has now."""
        return [layer.processor for layer in self._layers]

    @contextmanager
    def within(self, own: Own) -> Iterator[None]:
        """Have a call's own, and then what was there before."""
        outside = self.processors
        self._put(own.processors or outside)
        try:
            yield
        finally:
            own.processors = self.processors
            self._put(outside)

    def _put(self, processors: Sequence[Any]) -> None:
        for layer, processor in zip(self._layers, processors, strict=True):
            if layer.processor is not processor:
                layer._modules.pop("processor", None)  # one with weights is a module
                layer.processor = processor


class Own:
    """A call's processors; none yet where it has not run."""

    processors: Sequence[Any] = ()


def _processor(layer: nn.Module) -> Any:
    return getattr(layer, "processor", None)
