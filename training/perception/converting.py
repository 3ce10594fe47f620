"""From TensorFlow Lite to ONNX; runs in an environment of its own, which `environment.py` makes.

`python converting.py SOURCE.tflite TARGET.onnx INPUT.npy OUTPUTS.npz` converts a network, and
writes what LiteRT makes of an input, by the outputs' names, for others to compare with.
"""

from __future__ import annotations

import subprocess
import sys
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np

# These exist in that environment alone.
litert: Any = import_module("ai_edge_litert.interpreter")
schema: Any = import_module("tensorflow.lite.python.schema_py_generated")
flatbuffer: Any = import_module("tensorflow.lite.tools.flatbuffer_utils")


def dense(source: Path, target: Path) -> None:
    """Write a network without sparse weights: the converter knows none, the runtime fills them in.

    A DENSIFY operation makes a dense tensor of a sparse constant; each is done here, once for all.
    """
    model = flatbuffer.read_model(str(source))
    graph = model.subgraphs[0]
    codes = [max(code.builtinCode, code.deprecatedBuiltinCode) for code in model.operatorCodes]
    densify = schema.BuiltinOperator.DENSIFY
    unpacking = [op for op in graph.operators if codes[op.opcodeIndex] == densify]
    values = _computed(source, [int(op.outputs[0]) for op in unpacking])
    for op in unpacking:
        tensor = graph.tensors[int(op.outputs[0])]
        buffer = schema.BufferT()
        buffer.data = np.frombuffer(values[int(op.outputs[0])].tobytes(), np.uint8)
        tensor.buffer = len(model.buffers)
        model.buffers.append(buffer)
        sparse = graph.tensors[int(op.inputs[0])]
        # Unused from now on, but the converter reads every tensor that has a value.
        sparse.sparsity, sparse.buffer = None, 0
    graph.operators = [op for op in graph.operators if codes[op.opcodeIndex] != densify]
    flatbuffer.write_model(model, str(target))


def _computed(source: Path, tensors: list[int]) -> dict[int, Any]:
    """Return the values that inner tensors have; those asked for do not depend on the input."""
    resolver = litert.OpResolverType.BUILTIN_WITHOUT_DEFAULT_DELEGATES  # they would fuse tensors
    network = litert.Interpreter(
        str(source),
        experimental_preserve_all_tensors=True,
        experimental_op_resolver_type=resolver,
    )
    network.allocate_tensors()
    network.invoke()
    return {index: network.get_tensor(index).copy() for index in tensors}


def outputs(source: Path, value: Any) -> dict[str, Any]:
    """Return what LiteRT makes of an input, by the names of the outputs."""
    network = litert.Interpreter(str(source), num_threads=1)
    network.allocate_tensors()
    network.set_tensor(network.get_input_details()[0]["index"], value)
    network.invoke()
    return {d["name"]: network.get_tensor(d["index"]) for d in network.get_output_details()}


def main() -> None:
    """Convert one network."""
    source, target, given, made = map(Path, sys.argv[1:])
    plain = target.with_suffix(".tflite")
    dense(source, plain)
    convert = ["-m", "tf2onnx.convert", "--opset", "17", "--tflite", str(plain)]
    subprocess.run([sys.executable, *convert, "--output", str(target)], check=True)
    np.savez(made, **outputs(source, np.load(given)))


if __name__ == "__main__":
    main()
