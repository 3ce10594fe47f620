"""Low-rank changes in torch: put on the networks, trained, written as a file."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors.numpy import save
from torch import Tensor, nn
from torch.nn.utils import parametrize

from livedraft.files import replacing

Floats = NDArray[np.float32]
ADAPTED = (nn.Linear, nn.Embedding)


class LowRank(nn.Module):
    """A weight plus the product of two thin matrices, which is zero at first (Hu et al., 2021)."""

    def __init__(self, weight: Tensor, rank: int) -> None:
        super().__init__()
        high, wide = weight.shape
        rank = min(rank, high, wide)
        right = torch.randn(rank, wide) * wide**-0.5  # drawn on the CPU, alike for every device
        self.right = nn.Parameter(right.to(weight.device))
        self.left = nn.Parameter(torch.zeros(high, rank, device=weight.device))

    def forward(self, weight: Tensor) -> Tensor:
        return weight + (self.left @ self.right).to(weight.dtype)


class Adapters:
    """The low-rank changes of a network's matrices; the network itself stays as it is."""

    def __init__(self, nets: nn.Module, names: Iterable[str], rank: int) -> None:
        nets.requires_grad_(False)
        self._modules: dict[str, nn.Module] = {}
        for name in sorted(names):
            module = nets.get_submodule(name.removesuffix(".weight"))
            if isinstance(module, ADAPTED):
                low = LowRank(module.weight, rank)
                parametrize.register_parametrization(module, "weight", low)
                self._modules[name.removesuffix(".weight")] = module

    def parameters(self) -> Iterator[nn.Parameter]:
        """Yield what is trained."""
        for _, _, low in self._parts():
            yield from low.parameters()

    def tensors(self) -> dict[str, Floats]:
        """Return the changes under PEFT's names, as they are read.

        What no loss has reached, so that it is zero still, is left out, unless that is all.
        """
        found: dict[str, Floats] = {}
        parts = list(self._parts())
        for name, module, low in [part for part in parts if part[2].left.any()] or parts:
            left, right = (part.detach().cpu().numpy().copy() for part in (low.left, low.right))
            if isinstance(module, nn.Embedding):  # PEFT writes (dim, count) = B A, so turned
                found[f"{name}.lora_embedding_A"] = np.ascontiguousarray(left.T)
                found[f"{name}.lora_embedding_B"] = np.ascontiguousarray(right.T)
            else:
                found[f"{name}.lora_A.weight"], found[f"{name}.lora_B.weight"] = right, left
        return found

    def save(self, path: Path, about: Mapping[str, str], part: str = "") -> None:
        """Write the file, whole or not at all; ``part`` stands before every key."""
        halves = {part + key: one.astype(np.float16) for key, one in self.tensors().items()}
        with replacing(path) as partial:
            partial.write_bytes(save(halves, dict(about)))

    def _parts(self) -> Iterator[tuple[str, nn.Module, LowRank]]:
        for name, module in self._modules.items():
            parametrizations = module.parametrizations
            assert isinstance(parametrizations, nn.ModuleDict)
            low = parametrizations["weight"].get_submodule("0")
            assert isinstance(low, LowRank)
            yield name, module, low
