"""Let drafts run in eight bits: `python -m training.ink.train.quantise`, after every export.

Writes colour.int8.onnx and decoder.int8.onnx beside the graphs that they are made of, and
int8.json: how large what each convolution takes becomes, watched on drawings of the training split.
Neither holds a weight: those are rounded when they are loaded (`ink.inference.int8`).
"""

from __future__ import annotations

import argparse
import json
import tempfile
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, numpy_helper

from livedraft.runtime.models.base import Plan
from livedraft.runtime.models.ink import WEIGHTS, Ink
from livedraft.runtime.models.ink.inference.graphs import Source
from livedraft.runtime.models.ink.inference.int8 import FILE, QUANTISED, rounded
from livedraft.runtime.models.ink.layout import STYLES

from ..data.batches import Drawings
from ..data.dataset import CACHE
from ..evaluate.cases import Case, Painter, cases_of, with_strokes

Inputs = dict[str, NDArray[Any]]
# Not by a statement above: `graphs` loads ONNX Runtime, when it has been told to be silent.
quantization: Any = import_module("onnxruntime.quantization")

CASES = 64
# Of the decoder all but the first, which sees the lines' own pixels. Of the colour net the narrow
# middle alone: rounded further out, one cell in ten chooses another colour.
CONVOLUTIONS = {
    "colour": ("colour.mid1.", "colour.mid2.", "colour.low1.", "colour.low2."),
    "decoder": ("decoder.",),
}


class Watched(quantization.CalibrationDataReader):  # type: ignore[misc]  # has no types
    """Inputs that a network was given, one after another."""

    def __init__(self, inputs: list[Inputs]) -> None:
        self._left = iter(inputs)

    def get_next(self) -> Any:
        return next(self._left, None)


@dataclass(frozen=True)
class Rounded:
    """A graph in eight bits, without weights, and what it needs to know of them."""

    graph: bytes
    floats: list[str]  # names of the weights that stay as they are
    scales: dict[str, float]  # of what each convolution takes, by its name


def quantise(folder: Path, cases: list[Case]) -> None:
    """Write a folder's graphs in eight bits, calibrated on some cases."""
    model = Ink.load(str(folder), Plan(quantise="none"))
    seen = watch(model, cases)
    entries: dict[str, Any] = {"stamp": model.source.stamp}
    for name in QUANTISED:
        made = round_graph(model.source, name, seen[name])
        (folder / f"{name}.int8.onnx").write_bytes(made.graph)
        entries[name] = {"floats": made.floats, "scales": made.scales}
    (folder / FILE).write_text(json.dumps(entries, indent=1) + "\n", "utf-8")


def watch(model: Ink, cases: list[Case]) -> dict[str, list[Inputs]]:
    """Draft cases in all styles, with strokes and without; return what the networks were given."""
    painter = Painter(model)
    with _listening(model) as seen:
        for index, case in enumerate(cases):
            prompt = (case.label, case.coloured_label, "")[index % 3]
            style, seed = STYLES[index % len(STYLES)], (42, index)[index % 2]
            sketch = with_strokes(case) if index % 4 == 1 else case.sketch
            painter.draw(case, sketch=sketch, prompt=prompt, style=style, seed=seed)
    return seen


@contextmanager
def _listening(model: Ink) -> Iterator[dict[str, list[Inputs]]]:
    seen: dict[str, list[Inputs]] = defaultdict(list)
    graphs = model.painting.exact._asdict()
    before = {name: graph.run for name, graph in graphs.items()}

    def noted(name: str) -> Any:
        def run(**inputs: NDArray[Any]) -> Any:
            seen[name].append({key: np.array(value) for key, value in inputs.items()})
            return before[name](**inputs)

        return run

    for name, graph in graphs.items():
        graph.run = noted(name)
    try:
        yield seen
    finally:
        for name, graph in graphs.items():
            graph.run = before[name]


def round_graph(source: Source, name: str, inputs: list[Inputs]) -> Rounded:
    """Return a graph whose chosen convolutions take and give eight bits."""
    full = onnx.load_from_string(source.graphs[name])
    for tensor in full.graph.initializer:
        if tensor.data_location == TensorProto.EXTERNAL:
            tensor.CopyFrom(numpy_helper.from_array(source.weights[tensor.name], tensor.name))
    chosen = {
        node.name: node.input[1].removesuffix(".weight")
        for node in full.graph.node
        if node.op_type == "Conv" and node.input[1].startswith(CONVOLUTIONS[name])
    }
    with tempfile.TemporaryDirectory() as folder:
        before, after = Path(folder, "float.onnx"), Path(folder, "int8.onnx")
        onnx.save(full, before)
        quantization.quantize_static(
            before,
            after,
            Watched(inputs),
            quant_format=quantization.QuantFormat.QDQ,
            per_channel=True,
            activation_type=quantization.QuantType.QUInt8,
            weight_type=quantization.QuantType.QInt8,
            nodes_to_quantize=list(chosen),
        )
        made = onnx.load(after)
    return _without_weights(made, source, chosen)


def _without_weights(made: onnx.ModelProto, source: Source, chosen: dict[str, str]) -> Rounded:
    """Mark all weights as kept elsewhere, after a look whether they are what `rounded` makes."""
    held = {tensor.name: tensor for tensor in made.graph.initializer}
    makers = {node.output[0]: node for node in made.graph.node}
    scales = {}
    for node in made.graph.node:
        if node.name in chosen:
            taken = makers[node.input[0]].input[1]
            scales[chosen[node.name]] = float(numpy_helper.to_array(held[taken]))
    own = rounded(source.weights, scales)
    for name, value in own.items():
        np.testing.assert_allclose(numpy_helper.to_array(held[name]), value, rtol=1e-5, atol=1)
    floats = [name for name in held if name in source.weights]
    for name in (*floats, *own):
        held[name].ClearField("raw_data")
        held[name].data_location = TensorProto.EXTERNAL
        held[name].external_data.add(key="location", value="weights")
    return Rounded(made.SerializeToString(), floats, scales)


def main() -> None:
    """Parse the command line and write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cache", type=Path, default=CACHE)
    parser.add_argument("--folder", type=Path, default=WEIGHTS)
    options = parser.parse_args()
    quantise(options.folder, cases_of(Drawings(options.cache), CASES))


if __name__ == "__main__":
    main()
