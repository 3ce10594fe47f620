"""The networks of `ink` in ONNX Runtime: graphs without weights, and the weights they share."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
from safetensors import SafetensorError, safe_open

from livedraft.errors import WeightsError

from ...onnx import Graph, Weights, opened, providers
from . import int8
from .int8 import Int8

NAMES = ("palette", "condition", "colour", "decoder")
SMALL = ("palette", "condition")  # a few products of vectors: a second thread costs more than helps


class DrawingNets(NamedTuple):
    """The networks that draw, for drafts or for refined pictures."""

    colour: Graph
    decoder: Graph


@dataclass(frozen=True)
class Source:
    """A folder's graphs and weights, from which sessions are made."""

    graphs: Mapping[str, bytes]
    uses: Mapping[str, Sequence[str]]  # names of the weights that each graph takes
    weights: Weights
    stamp: str  # tells these weights from others, as LoRAs must
    providers: tuple[str, ...]
    threads: int
    int8: Mapping[str, Int8]  # graphs in eight bits, where they are faster

    @classmethod
    def read(cls, folder: Path, device: str, threads: int, quantise: str = "") -> Source:
        """Read a folder, in eight bits where those are faster: `none` without, `int8` surely.

        Raises WeightsError where files are missing or do not fit.
        """
        try:
            graphs = {name: (folder / f"{name}.onnx").read_bytes() for name in NAMES}
            with (folder / "weights.safetensors").open("rb") as raw:
                stamp = hashlib.file_digest(raw, "sha256").hexdigest()[:16]
            with safe_open(folder / "weights.safetensors", "np") as file:
                uses = json.loads(file.metadata()["graphs"])
                weights = {n: file.get_tensor(n).astype(np.float32) for n in file.keys()}
            quick = quantise != "none" and device == "cpu" and int8.pays()
            bytewise = int8.read(folder, stamp) if quick else {}
        except (OSError, SafetensorError, KeyError, TypeError, ValueError) as error:
            raise WeightsError(
                f"ink's weights in {folder.name} cannot be loaded: {error}",
                fix="reinstall livedraft, or name a folder with weights.safetensors and *.onnx",
            ) from error
        if quantise == "int8" and not bytewise:
            raise WeightsError(
                f"ink cannot draft in eight bits here: {_why_not(folder, device)}",
                fix="leave quantise out, and it does where it can",
            )
        return cls(graphs, uses, weights, stamp, providers(device, "ink"), threads, bytewise)

    def graph(self, name: str, quick: bool = False) -> Graph:
        """Build one network; a `quick` one in eight bits, if there is such a graph."""
        fix = "take graphs and weights of one export"
        try:
            graph, parts = self.graphs[name], {k: self.weights[k] for k in self.uses[name]}
            if quick and name in self.int8:
                graph, parts = self.int8[name].graph, self.int8[name].values(self.weights)
        except KeyError as error:
            raise WeightsError(f"ink's {name} network has no weights {error}", fix=fix) from error
        return opened(
            graph,
            f"ink's {name} network",
            threads=1 if name in SMALL else self.threads,
            on=self.providers,
            weights=parts,
            fix=fix,
        )

    def drawing_nets(self, quick: bool) -> DrawingNets:
        """Build the networks that draw, `quick` ones in eight bits, if there are such graphs."""
        return DrawingNets(self.graph("colour", quick), self.graph("decoder", quick))


def _why_not(folder: Path, device: str) -> str:
    """Return what keeps a folder from being drafted in eight bits on a device."""
    if device != "cpu":
        return f"on {device} it is not made"
    if not int8.pays():
        return f"the processor has none of {', '.join(sorted(int8.FASTER_WITH))}"
    return f"{folder.name} has no {int8.FILE}, or one of other weights"
