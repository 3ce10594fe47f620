"""A network's linear layers swapped for such of eight bits, and put back."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial

import torch
from torch import Tensor, nn

from ..execution.trial import Measure, wall_time
from .linear import RowLinear

Products = Mapping[tuple[int, ...], bool]  # by the shape of weights: whether they are eight bits'
_GRID = 16  # of widths that the products of a GPU take
_ROWS = 1024  # of what a layer is measured with: the tokens of 512 px, sixteen px a token


def suited(network: nn.Module) -> Iterator[tuple[str, nn.Linear]]:
    """Yield the linear layers of a network's repeated blocks, with their paths.

    What stands before and after the blocks, and what makes scales and shifts of the time, is few
    and sensitive, so it is left.
    """
    blocks = [path for path, each in network.named_modules() if isinstance(each, nn.ModuleList)]
    inside = tuple(f"{path}." for path in blocks)
    for path, layer in network.named_modules():
        if type(layer) is not nn.Linear or not path.startswith(inside):
            continue
        widths = layer.in_features % _GRID == 0 and layer.out_features % _GRID == 0
        if widths and not any(word in path for word in ("norm", "modulation", "time", "emb")):
            yield path, layer


class Swap:
    """A network with its layers in eight bits; those that it had are kept until it is settled."""

    def __init__(
        self,
        network: nn.Module,
        bits: torch.dtype,
        measure: Measure = wall_time,
        known: Products | None = None,
    ) -> None:
        """Swap all that are suited; they multiply in eight bits where that measures faster.

        ``known`` of shapes is not measured anew.
        """
        self._network, self._bits, self._measure = network, bits, measure
        self._own = dict(suited(network))
        self._faster = dict(known or {})
        self.layers = len(self._own)
        self.before = sum(layer.weight.nbytes for layer in self._own.values())
        made = {path: self._made(layer) for path, layer in self._own.items()}
        self.after = sum(each.weight.nbytes + each.scale.nbytes for each in made.values())
        self.products = sum(each.product for each in made.values())
        for path, each in made.items():
            network.set_submodule(path, each)

    def undo(self) -> None:
        """Put back the layers that the network had."""
        for path, layer in self._own.items():
            self._network.set_submodule(path, layer)
        self._own = {}

    def settle(self) -> None:
        """Let them go."""
        self._own = {}

    @torch.no_grad()
    def _made(self, layer: nn.Linear) -> RowLinear:
        shape = tuple(layer.weight.shape)
        if shape not in self._faster:
            self._faster[shape] = self._measured(layer)
        return RowLinear(layer, self._bits, self._faster[shape])

    def _measured(self, layer: nn.Linear) -> bool:
        """Say whether products in eight bits are faster than to widen the weights."""
        device = layer.weight.device
        x = torch.ones(1, _ROWS, layer.in_features, dtype=layer.weight.dtype, device=device)
        times = []
        for product in (True, False):
            tried = RowLinear(layer, self._bits, product)
            try:
                tried(x)
            except (RuntimeError, ValueError, NotImplementedError):  # a device that has none such
                return False
            times.append(self._measure(partial(_run, tried, x), device))
        return times[0] < times[1]


def _run(layer: nn.Module, x: Tensor) -> Tensor:
    made: Tensor = layer(x)
    return made


def products(network: nn.Module) -> Products:
    """Return which layers of a network multiply in eight bits; none where all are its own."""
    layers = (each for each in network.modules() if isinstance(each, RowLinear))
    return {tuple(each.weight.shape): each.product for each in layers}
