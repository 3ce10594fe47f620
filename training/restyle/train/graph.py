"""The trained net as an ONNX graph: bytes of a picture in, bytes out, for one picture at a time.

Written node by node, since a style's scale and shift are inputs of one fused instance norm, which
an exporter that traces the training's arithmetic would not find.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from livedraft.runtime.models.restyle.own import NET
from livedraft.runtime.models.restyle.tuning.net import DEEP, FINE, STRIDE
from livedraft.runtime.models.restyle.tuning.served import (
    IMAGE,
    MIX,
    OUT,
    OWN,
    ROWS,
    Weights,
    rows,
    styled,
)

OPSET = 17


class _Graph:
    """Nodes as they are added; each method returns the name of what it makes."""

    def __init__(self, weights: Weights) -> None:
        self.weights = weights
        self.nodes: list[onnx.NodeProto] = []
        self.constants: dict[str, onnx.TensorProto] = {}

    def node(self, kind: str, *given: str, **attributes: Any) -> str:
        name = f"{kind.lower()}.{len(self.nodes)}"
        self.nodes.append(helper.make_node(kind, given, [name], name, **attributes))
        return name

    def constant(self, name: str, value: NDArray[Any]) -> str:
        self.constants[name] = numpy_helper.from_array(np.ascontiguousarray(value), name)
        return name

    def conv(self, name: str, given: str, stride: int = 1, bias: str = "") -> str:
        """Add a convolution (3 by 3) over a mirrored border."""
        padded = self.node("Pad", given, self.constant("border", _BORDER), mode="reflect")
        parts = [self.constant(f"{name}.weight", self.weights[f"{name}.weight"])]
        if bias:
            parts.append(self.constant(bias, self.weights[bias]))
        return self.node("Conv", padded, *parts, kernel_shape=[3, 3], strides=[stride, stride])

    def styles(self) -> None:
        """Add the numbers (c,) that a mix of styles has, by the names of those of each style."""
        names, numbers = styled(self.weights), rows(self.weights)
        sizes = np.array([self.weights[name].shape[1] for name in names], np.int64)
        mixed = self.node("MatMul", MIX, self.constant(ROWS, numbers))
        beyond = self.constant(OWN, np.zeros((1, numbers.shape[1]), np.float32))
        row = self.node("Add", mixed, beyond)
        flat = self.node("Reshape", row, self.constant("flat", np.array([-1], np.int64)))
        parts = self.constant("sizes", sizes)
        self.nodes.append(helper.make_node("Split", [flat, parts], names, "split", axis=0))

    def layer(self, name: str, given: str, stride: int = 1, relu: bool = True) -> str:
        made = self.conv(f"{name}.conv", given, stride)
        own = (f"{name}.norm.scale", f"{name}.norm.shift")
        made = self.node("InstanceNormalization", made, *own, epsilon=1e-5)
        return self.node("Relu", made) if relu else made

    def block(self, name: str, given: str) -> str:
        inner = self.layer(f"{name}.first", given)
        return self.node("Add", given, self.layer(f"{name}.second", inner, relu=False))

    def grown(self, given: str, beside: str) -> str:
        """Add what is twice as large, and what the net saw at that size."""
        sizes = self.constant("twice", np.array([1, 1, 2, 2], np.float32))
        large = self.node(
            "Resize",
            given,
            "",
            sizes,
            mode="nearest",
            coordinate_transformation_mode="asymmetric",
            nearest_mode="floor",
        )
        return self.node("Add", large, beside)


_BORDER = np.array([0, 0, 1, 1, 0, 0, 1, 1], np.int64)


def graph(weights: Weights, names: tuple[str, ...], net: str = "") -> onnx.ModelProto:
    """Return the graph of a net whose weights are given by their names in ``RestyleNet``.

    ``net`` is the stamp of the net that it was made of, where only the styles are others, so that
    what users have learned for that one stays good.
    """
    made = _Graph(weights)
    made.styles()
    seen = _seen(made)
    half = hidden = made.layer("into", seen)
    quarter = hidden = made.layer("down.0", hidden, 2)
    hidden = made.layer("down.1", hidden, 2)
    for number in range(DEEP):
        hidden = made.block(f"deep.{number}", hidden)
    hidden = made.grown(made.layer("up.0", hidden), quarter)
    for number in range(FINE):
        hidden = made.block(f"fine.{number}", hidden)
    hidden = made.grown(made.layer("up.1", hidden), half)
    hidden = made.layer("finest", hidden)
    _shown(made, made.conv("out", hidden, bias="out.bias"), seen)
    sides = [f"height (a multiple of {STRIDE})", f"width (a multiple of {STRIDE})"]
    shape: list[str | int | None] = [1, *sides, 3]
    numbers = rows(weights).shape[1]
    model = helper.make_model(
        helper.make_graph(
            made.nodes,
            "restyle",
            [
                helper.make_tensor_value_info(IMAGE, TensorProto.UINT8, shape),
                helper.make_tensor_value_info(MIX, TensorProto.FLOAT, [1, len(names)]),
                helper.make_tensor_value_info(OWN, TensorProto.FLOAT, [1, numbers]),
            ],
            [helper.make_tensor_value_info(OUT, TensorProto.UINT8, shape)],
            list(made.constants.values()),
        ),
        opset_imports=[helper.make_opsetid("", OPSET)],
        ir_version=9,
    )
    said = {ROWS: ",".join(names)}
    helper.set_model_props(model, said | {NET: net} if net else said)
    onnx.checker.check_model(model)
    return model


def _seen(made: _Graph) -> str:
    """Add what makes features at half the size (1, 12, h/2, w/2) in -1..1 of a picture."""
    moved = made.node("Transpose", IMAGE, perm=[0, 3, 1, 2])
    real = made.node("Cast", moved, to=TensorProto.FLOAT)
    folded = made.node("SpaceToDepth", real, blocksize=2)
    scaled = made.node("Mul", folded, made.constant("per", np.array(2 / 255, np.float32)))
    return made.node("Sub", scaled, made.constant("one", np.array(1, np.float32)))


def _shown(made: _Graph, hidden: str, seen: str) -> str:
    """Add what makes a picture of the last features and of what was seen (1, 12, h/2, w/2)."""
    column = made.constant("column", np.array([-1, 1, 1], np.int64))
    scale, shift, keep = (made.node("Reshape", part, column) for part in ("scale", "shift", "keep"))
    styled = made.node("Add", made.node("Mul", hidden, scale), shift)
    light = made.node("Sigmoid", made.node("Add", styled, made.node("Mul", seen, keep)))
    bright = made.node("Mul", light, made.constant("most", np.array(255, np.float32)))
    rounded = made.node("Add", bright, made.constant("nearest", np.array(0.5, np.float32)))
    whole = made.node("Cast", rounded, to=TensorProto.UINT8)
    unfolded = made.node("DepthToSpace", whole, blocksize=2, mode="DCR")
    made.nodes.append(helper.make_node("Transpose", [unfolded], [OUT], OUT, perm=[0, 2, 3, 1]))
    return OUT
