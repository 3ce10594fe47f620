"""Which layers of a network a LoRA file means, and whether it fits them: seen before it is used."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor, nn

from livedraft.errors import WeightsError

from .lora_file import LoraFile, Pair
from .names import DENOISER, flat
from .sgm import from_sgm

_COMPONENTS = {"unet": DENOISER, "transformer": DENOISER, "transformer_2": "denoiser_2"}
# Encoders of CLIP have this level or not, by their class and by the version of transformers.
_LEVEL = "text_model_"
_FIX = "use one that was trained for this very model"


class Layer(NamedTuple):
    """A layer that takes a LoRA: a linear one, or a convolution that is not parted in groups."""

    path: str
    shape: tuple[int, ...]  # of its weight: (out, in) or (out, in, h, w)
    dtype: torch.dtype


class Layers:
    """The layers of a network as it was when it was loaded; it never changes, for any thread."""

    def __init__(self, module: nn.Module) -> None:
        self.by_path = {layer.path: layer for layer in _layers(module)}
        self._by_name: dict[str, Layer | None] = {}
        for path, layer in self.by_path.items():
            name = flat(path)
            # Two of one flat name cannot be told apart, so neither takes a LoRA.
            self._by_name[name] = None if name in self._by_name else layer
        blocks = [path for path in self.by_path if path.startswith("down_blocks.0.resnets.")]
        self._depth = len({path.split(".")[3] for path in blocks})

    def find(self, name: str) -> Layer | None:
        """Return the layer that a flat name means."""
        tried = [name, name.removeprefix(_LEVEL), f"{_LEVEL}{name}", from_sgm(name, self._depth)]
        if name.endswith("_to_out"):  # of old files, where it is the first of two
            tried.append(f"{name}_0")
        return next((layer for one in tried if (layer := self._by_name.get(one))), None)


@dataclass(frozen=True, eq=False)
class Fitted:
    """What a file changes of one network: two matrices by path of the layer, alpha folded in.

    ``down`` is (rank, in, …) as the layer's weight has it, ``up`` (rank, out).
    """

    rank: int  # of the layer that has most
    pairs: Mapping[str, tuple[Tensor, Tensor]]

    @property
    def nbytes(self) -> int:
        """Bytes of all matrices."""
        return sum(down.nbytes + up.nbytes for down, up in self.pairs.values())


def fit(file: LoraFile, parts: Mapping[str, Layers]) -> dict[str, Fitted]:
    """Return what a file changes of each part that a model has, by component: unet, text_encoder.

    Nothing is returned where it has none of the model's layers, so is for another model. Raises
    WeightsError where it has some: for parts and layers that the model has not, shapes that do not
    fit, and values that the layer's type cannot hold.
    """
    components = {_COMPONENTS.get(name, name): name for name in parts}
    found: dict[str, dict[str, tuple[Tensor, Tensor]]] = {}
    ranks: dict[str, int] = {}
    strange: list[Pair] = []
    misfits: list[str] = []
    for part, pairs in file.parts.items():
        component = components.get(part, "")
        for name, pair in pairs.items():
            layer = parts[component].find(name) if component else None
            if layer is None:
                strange.append(pair)
            elif fault := _misfit(pair, layer):
                misfits.append(fault)
            else:
                layers = found.setdefault(component, {})
                if layer.path in layers:
                    raise _wrong(file, f"it has '{layer.path}' under two names")
                layers[layer.path] = _folded(file, pair, layer)
                ranks[component] = max(ranks.get(component, 0), pair.rank)
    if not found and not misfits:
        return {}
    if misfits:
        raise _wrong(file, f"{len(misfits)} of its layers have other shapes, first {misfits[0]}")
    if strange:
        raise _wrong(
            file,
            f"{len(strange)} of its layers are none of this model's, first '{strange[0].module}'",
        )
    return {name: Fitted(ranks[name], pairs) for name, pairs in found.items()}


def _layers(module: nn.Module) -> Iterator[Layer]:
    for path, layer in module.named_modules():
        if isinstance(layer, nn.Linear) or (isinstance(layer, nn.Conv2d) and layer.groups == 1):
            if path and layer.weight.dtype.is_floating_point:
                yield Layer(path, tuple(layer.weight.shape), layer.weight.dtype)


def _misfit(pair: Pair, layer: Layer) -> str:
    """Return how the shapes of a pair differ from those of a layer, or nothing.

    A linear layer's may be written as those of a convolution of 1 x 1, and the other way round.
    """
    out, *taken = layer.shape
    down, up = list(pair.down.shape), list(pair.up.shape)
    if _bare(down) == _bare([pair.rank, *taken]) and _bare(up) == _bare([out, pair.rank]):
        return ""
    here = " x ".join(map(str, layer.shape))
    there = " x ".join(map(str, [up[0], *down[1:]]))
    return f"'{pair.module[:80]}': {there}, here {here}"


def _bare(shape: list[int]) -> list[int]:
    """Return a shape without the ones at the end of what are two sides of a matrix at least."""
    short = list(shape)
    while len(short) > 2 and short[-1] == 1:
        short.pop()
    return short


def _folded(file: LoraFile, pair: Pair, layer: Layer) -> tuple[Tensor, Tensor]:
    _, *taken = layer.shape
    down = pair.down.reshape(pair.rank, *taken).to(layer.dtype)
    up = (pair.up.flatten(1).float() * pair.scale).to(layer.dtype).T.contiguous()
    if not (down.isfinite().all() and up.isfinite().all()):
        kind = str(layer.dtype).removeprefix("torch.")
        raise _wrong(file, f"'{pair.module[:80]}' has values that {kind} cannot hold")
    return down, up


def _wrong(file: LoraFile, what: str) -> WeightsError:
    said = f"; it says that it is for {file.trained_for}" if file.trained_for else ""
    return WeightsError(f"{file.name} does not fit: {what}{said}", fix=_FIX)
