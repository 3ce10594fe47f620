"""What is kept of a converted network: the outputs that are used, its weights in half precision."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper, utils

INPUT = "picture"
_SMALL = 64  # numbers; of biases and scales as short as that nothing is gained


def kept(source: Path, target: Path, outputs: dict[str, str]) -> None:
    """Write a network with the given outputs alone, renamed, and with its weights as float16.

    The weights are cast back as the network is loaded: it computes in float32.
    """
    inputs = [value.name for value in onnx.load(source).graph.input]
    utils.extract_model(str(source), str(target), inputs, list(outputs))
    model = onnx.load(target)
    _number(model.graph, dict(zip(inputs, [INPUT], strict=True)) | outputs)
    _say_as_the_standard_does(model.graph)
    _halve(model.graph)
    model.doc_string, model.producer_name, model.producer_version = "", "livedraft", ""
    onnx.checker.check_model(model, full_check=True)
    target.write_bytes(model.SerializeToString(deterministic=True))


def _number(graph: onnx.GraphProto, names: dict[str, str]) -> None:
    """Give inputs and outputs their names, and what lies between the numbers of its place.

    The converter's own names differ from run to run, and with them would the files.
    """
    names.setdefault("", "")  # an optional input that is not given
    for node in graph.node:
        for held in (node.input, node.output):
            for name in held:
                names.setdefault(name, str(len(names)))
            held[:] = [names[name] for name in held]
        node.name = ""
    for value in (*graph.input, *graph.output, *graph.initializer):
        value.name = names[value.name]
    weights = sorted(graph.initializer, key=lambda tensor: int(tensor.name))
    del graph.initializer[:], graph.value_info[:]
    graph.initializer.extend(weights)


def _say_as_the_standard_does(graph: onnx.GraphProto) -> None:
    """Replace a word that ONNX Runtime deprecates.

    Enlarged by whole factors to the nearest, ``asymmetric`` picks the same pixels.
    """
    for node in graph.node:
        for attribute in node.attribute if node.op_type == "Resize" else ():
            if attribute.s == b"tf_half_pixel_for_nn":
                attribute.s = b"asymmetric"


def _halve(graph: onnx.GraphProto) -> None:
    casts, weights = [], []
    for tensor in graph.initializer:
        value = numpy_helper.to_array(tensor)
        if value.dtype != np.float32 or value.size <= _SMALL:
            weights.append(tensor)
            continue
        half = f"{tensor.name}/half"
        weights.append(numpy_helper.from_array(value.astype(np.float16), half))
        casts.append(helper.make_node("Cast", [half], [tensor.name], to=TensorProto.FLOAT))
    nodes = [*casts, *graph.node]
    del graph.node[:], graph.initializer[:]
    graph.node.extend(nodes)
    graph.initializer.extend(weights)
