"""Drafts in eight bits, where the processor multiplies bytes faster than floats.

A graph in eight bits holds no weights either: they are rounded here, to a scale of each output
channel, when the graph is loaded. What the convolutions take is rounded as
`training.ink.train.quantise` has seen it to be large.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..colour import Floats

FILE = "int8.json"
QUANTISED = ("colour", "decoder")
CPUINFO = Path("/proc/cpuinfo")
LEAST = 1e-9  # a channel whose weights are smaller counts as one of zeros
MOST_STEPS = 2**31 - 1
FASTER_WITH = {"avx512_vnni", "avx_vnni"}  # without, bytes are slower, and sums may overflow


@dataclass(frozen=True)
class Int8:
    """One graph in eight bits."""

    graph: bytes
    floats: Sequence[str]  # names of the weights that it takes as they are
    scales: Mapping[str, float]  # of what each of the others' convolutions takes

    def values(self, weights: Mapping[str, Floats]) -> dict[str, NDArray[Any]]:
        """Return all that the graph takes of some weights, by its names there."""
        return {name: weights[name] for name in self.floats} | rounded(weights, self.scales)


def read(folder: Path, stamp: str) -> dict[str, Int8]:
    """Return a folder's graphs in eight bits; none if it has none, or of other weights."""
    if not (folder / FILE).exists():
        return {}
    entries = json.loads((folder / FILE).read_text("utf-8"))
    if entries["stamp"] != stamp:
        return {}
    return {
        name: Int8((folder / f"{name}.int8.onnx").read_bytes(), **entries[name])
        for name in QUANTISED
    }


def pays(cpuinfo: Path = CPUINFO) -> bool:
    """Return whether this processor is faster in eight bits; where nothing tells, it is not."""
    try:
        cpus = cpuinfo.read_text("utf-8")
    except OSError:
        return False
    flags = (line.partition(":")[2].split() for line in cpus.splitlines() if "flags" in line)
    return bool(FASTER_WITH & set(next(flags, [])))


def rounded(weights: Mapping[str, Floats], scales: Mapping[str, float]) -> dict[str, NDArray[Any]]:
    """Return weights and biases of convolutions, by their names, as ONNX Runtime takes them."""
    found: dict[str, NDArray[Any]] = {}
    for name, taken in scales.items():
        weight, bias = weights[f"{name}.weight"], weights[f"{name}.bias"]
        most = np.abs(weight).max((1, 2, 3))
        scale = np.where(most > LEAST, most / 127, 1).astype(np.float32)
        levels = np.rint(weight / scale[:, None, None, None])
        each = (scale * np.float32(taken)).astype(np.float32)
        steps = np.rint(bias / each.astype(np.float64)).clip(-MOST_STEPS, MOST_STEPS)
        found[f"{name}.weight_quantized"] = levels.astype(np.int8)
        found[f"{name}.weight_scale"] = scale
        found[f"{name}.bias_quantized"] = steps.astype(np.int32)
        found[f"{name}.bias_quantized_scale"] = each
    return found
