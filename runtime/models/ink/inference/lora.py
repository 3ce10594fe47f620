"""LoRA of `ink`: small low-rank changes to how words, style and palette steer the networks.

A file is safetensors with PEFT's keys: for a linear layer `<module>.lora_A.weight` (r, in) and
`<module>.lora_B.weight` (out, r), for an embedding `<module>.lora_embedding_A` (r, count) and
`<module>.lora_embedding_B` (dim, r). Modules are named as in weights.safetensors, and only what the
graphs `palette` and `condition` hold may change: no convolution, so that sessions with different
LoRAs share every large model call.
"""

from __future__ import annotations

import logging
import math
from collections import OrderedDict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from livedraft.errors import InvalidParams, WeightsError, did_you_mean

from ....tensor_files import read_metadata
from ...adapters import Adapter, checked_name, presented
from ...base import LoraInfo
from ...caches import cached
from ...onnx import Graph, Weights
from ..colour import Floats
from .graphs import SMALL, Source
from .tensors import read_tensors

MODEL = "ink"  # what files say that they were trained for
MOST_RANK = 256  # of the largest matrix; more is no low rank, and costs each mix
MOST_CHANGE = 1e3  # of one weight, which are below 10: more is a fault of training
KEPT = 8  # mixes whose networks are kept
RETRAIN = "train it again: livedraft lora train FOLDER -o FILE"
_PARTS = {  # suffixes of keys, each with whether it says A and whether of an embedding
    ".lora_A.weight": (True, False),
    ".lora_B.weight": (False, False),
    ".lora_embedding_A": (True, True),
    ".lora_embedding_B": (False, True),
}

log = logging.getLogger(__name__)
# Names, sorted, with weights that are not 0 and a number of the file, as a name may get another.
Mix = tuple[tuple[str, float, int], ...]


@dataclass(frozen=True, eq=False)
class Lora(Adapter):
    """A file that was read: what it says of itself, and its changes by name of the weight."""

    base: str  # `Source.stamp` of the weights that it was trained on
    changes: Mapping[str, tuple[Floats, Floats]]  # left (out, r) times right (r, in), scaled


@dataclass(frozen=True)
class AdaptedGraphs:
    """The two networks that a mix changes."""

    palette: Graph
    condition: Graph


class Loras:
    """The LoRAs of one loaded model, and its networks with the latest mixes of them."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._known: dict[str, Lora] = {}
        self._numbers: dict[str, int] = {}  # of the files that they stand for
        self._next = count(1)
        self._kept: OrderedDict[Mix, AdaptedGraphs] = OrderedDict()
        self._plain = AdaptedGraphs(*(source.graph(name) for name in SMALL))

    @property
    def infos(self) -> tuple[LoraInfo, ...]:
        """What there is, in the order in which it was added."""
        return tuple(lora.info for lora in self._known.values())

    def add_shipped(self, folder: Path) -> None:
        """Add a folder's LoRAs; leave out, with a line in the log, what other weights need."""
        for path in _files(folder):
            lora = read(path)
            if lora.base == self._source.stamp:
                check_fit(lora, self._source)
                self.add(lora)
            else:
                log.warning("LoRA %s is left out: it was trained for other weights", lora.info.name)

    def add(self, lora: Lora) -> None:
        """Make a LoRA that fits known by its name."""
        self._known[lora.info.name] = lora
        self._numbers[lora.info.name] = next(self._next)

    def remove(self, name: str) -> None:
        """Know a name no more, and keep no mix with it."""
        del self._known[name], self._numbers[name]
        for mix in [mix for mix in self._kept if any(name == each for each, _, _ in mix)]:
            del self._kept[mix]

    def mix(self, asked: Mapping[str, float]) -> Mix:
        """Return what distinguishes a mix; raise InvalidParams for an unknown name."""
        for name in asked:
            if name not in self._known:
                fix = did_you_mean(name, self._known) if self._known else "this server has none"
                raise InvalidParams(f"no LoRA '{name[:40]}'", fix=fix)
        return tuple(sorted((n, weight, self._numbers[n]) for n, weight in asked.items() if weight))

    def adapted(self, mix: Mix) -> AdaptedGraphs:
        """Return the networks of a mix, merged now if they are not kept."""
        if not mix:
            return self._plain
        return cached(self._kept, mix, lambda: self._mixed(mix), KEPT)

    def _mixed(self, mix: Mix) -> AdaptedGraphs:
        loras = [(self._known[name], weight) for name, weight, _ in mix]
        changed = merged(self._source.weights, loras)
        plain = self._plain.palette, self._plain.condition
        return AdaptedGraphs(*(graph.with_changed(changed) for graph in plain))


def check_fit(lora: Lora, source: Source) -> None:
    """Raise WeightsError where a LoRA does not fit the weights of a model."""
    if lora.base != source.stamp:
        raise WeightsError(
            f"LoRA {lora.info.name} was trained for other weights of {MODEL}", fix=RETRAIN
        )
    open_to_change = adaptable(source)
    for name, (left, right) in lora.changes.items():
        shape = source.weights[name].shape if name in open_to_change else None
        if shape != (len(left), right.shape[1]):
            raise WeightsError(
                f"LoRA {lora.info.name} does not fit {MODEL}: {name} of "
                f"{len(left)} x {right.shape[1]}",
                fix=RETRAIN,
            )
        if not _most_change(left.astype(np.float64), right.astype(np.float64)) <= MOST_CHANGE:
            raise WeightsError(
                f"LoRA {lora.info.name} changes {name} by over {MOST_CHANGE:g}", fix=RETRAIN
            )


def _most_change(left: NDArray[np.float64], right: NDArray[np.float64]) -> float:
    """Return how much a product changes a weight at most, or a bound of it that is low enough.

    The bound is Cauchy and Schwarz's, from the lengths of rows and columns: the product itself
    would take the cores away from those who draw meanwhile.
    """
    longest = (np.square(left).sum(1).max(), np.square(right).sum(0).max())
    bound = float(np.sqrt(longest[0] * longest[1]))
    return bound if bound <= MOST_CHANGE else float(np.abs(left @ right).max())


def merged(weights: Weights, loras: Iterable[tuple[Lora, float]]) -> dict[str, Floats]:
    """Return the weights that a mix changes: each plus all its low-rank products."""
    changed: dict[str, Floats] = {}
    for lora, weight in loras:
        for name, (left, right) in lora.changes.items():
            # Not `@`: for so thin matrices BLAS wakes more threads than the work is worth.
            product: Floats = np.einsum("or,ri->oi", np.float32(weight) * left, right)
            changed[name] = changed.get(name, weights[name]) + product
    return changed


def adaptable(source: Source) -> set[str]:
    """Return the names of the weights that a LoRA may change: matrices of the small graphs."""
    names = {name for graph in SMALL for name in source.uses[graph] if name.endswith(".weight")}
    return {name for name in names if source.weights[name].ndim == 2}


def read(path: Path, name: str = "") -> Lora:
    """Read a file; raise WeightsError where it is no LoRA. Its own name yields to a given one."""
    metadata = read_metadata(path)
    changes = _changes(path.name, read_tensors(path), metadata)
    if not changes:
        raise WeightsError(f"{path.name} holds no LoRA", fix=RETRAIN)
    return Lora(_info(path, metadata, name), metadata.get("base", ""), changes)


def is_for_ink(path: Path) -> bool:
    """Say whether a file says that it was trained for `ink`; raise WeightsError if it is none."""
    return read_metadata(path).get("model") == MODEL


def shipped(folder: Path) -> tuple[LoraInfo, ...]:
    """Return what the LoRAs of a folder say of themselves, without reading the rest of them."""
    return tuple(_info(path, read_metadata(path), "") for path in _files(folder))


def _files(folder: Path) -> list[Path]:
    return sorted(folder.glob("[!.]*.safetensors"))


def _info(path: Path, metadata: Mapping[str, str], name: str) -> LoraInfo:
    return presented(checked_name(name or path.stem.lower()), metadata)


def _changes(
    file: str, tensors: Mapping[str, Floats], metadata: Mapping[str, str]
) -> dict[str, tuple[Floats, Floats]]:
    """Pair A with B; a linear layer's change is B A, an embedding's the transpose of that."""
    pairs: dict[str, dict[bool, Floats]] = {}
    turned: set[str] = set()
    for key, tensor in tensors.items():
        suffix = next((s for s in _PARTS if key.endswith(s)), None)
        if suffix is None or tensor.ndim != 2:
            raise WeightsError(f"{file} has '{key[:80]}', which is no part of a LoRA", fix=RETRAIN)
        first, embedding = _PARTS[suffix]
        name = f"{key.removesuffix(suffix)}.weight"
        pairs.setdefault(name, {})[first] = tensor
        if embedding:
            turned.add(name)
    changes = {}
    for name, pair in pairs.items():
        ranks = [tensor.shape[0 if first else 1] for first, tensor in pair.items()]
        if max(ranks) > MOST_RANK:
            raise WeightsError(f"{file}: {name[:80]} has a rank over {MOST_RANK}", fix=RETRAIN)
        if len(pair) != 2 or pair[True].shape[0] != pair[False].shape[1]:
            raise WeightsError(f"{file}: A and B of {name[:80]} do not fit", fix=RETRAIN)
        a, b = pair[True], pair[False] * np.float32(_scale(file, metadata, len(pair[True])))
        changes[name] = (a.T, b.T) if name in turned else (b, a)
    return changes


def _scale(file: str, metadata: Mapping[str, str], rank: int) -> float:
    """Return alpha by rank; small matrices have a smaller rank than the file says of all."""
    try:
        rank = int(metadata.get("rank", rank))
        scale = float(metadata.get("alpha", rank)) / rank
    except (ValueError, ArithmeticError):  # also of so many digits that no float holds it
        scale = math.nan
    if not math.isfinite(scale):
        raise WeightsError(f"{file} has an alpha or rank that is no number", fix=RETRAIN)
    return scale
