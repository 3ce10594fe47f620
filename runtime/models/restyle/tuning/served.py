"""The net as it is served, and as it learns: the same weights, in other order and form.

As a graph of ONNX all numbers that a style has of its own lie in one row of one matrix, ``styles``,
which mixes multiply; a ``Split`` hands them to the norms. What is beyond the rows, a style of one's
own, is added as the input ``own``.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import onnx
from numpy.typing import NDArray

from livedraft.errors import WeightsError

from ...onnx import Floats, opened
from .net import STYLED

IMAGE, MIX, OWN, OUT = "image", "mix", "own", "restyled"
ROWS = "styles"  # of a graph: the matrix; in its properties: the names, with commas between
_FOLDED = np.arange(12).reshape(3, 4).T.ravel()  # by place, then by colour
_FOLDS = ("out.weight", "out.bias", "scale", "shift", "keep")

_FIX = "name a restyle.onnx of ours"

Weights = Mapping[str, NDArray[np.float32]]


def styled(weights: Weights) -> list[str]:
    """Return the names of what each style has of its own, as they lie in a row."""
    return [name for name in weights if name.split(".")[-1] in STYLED]


def rows(weights: Weights) -> Floats:
    """Return what styles have of their own (styles, numbers), of weights as a graph has them."""
    return np.concatenate([weights[name] for name in styled(weights)], 1, dtype=np.float32)


def folded(weights: Weights) -> dict[str, NDArray[np.float32]]:
    """Return weights for ONNX's order of folded pixels: by place, then by colour.

    torch has them by colour, then by place.
    """
    return _reordered(weights, _FOLDED)


def read(packed: bytes) -> tuple[dict[str, NDArray[np.float32]], tuple[str, ...]]:
    """Return the weights of ``RestyleNet`` that a graph serves, and the names of its styles.

    Raises WeightsError for another graph.
    """
    opened(packed, "restyle's net", threads=1, fix=_FIX)
    model = onnx.load_from_string(packed)
    found = {one.name: onnx.numpy_helper.to_array(one) for one in model.graph.initializer}
    split = next((node for node in model.graph.node if node.op_type == "Split"), None)
    names = {one.key: one.value for one in model.metadata_props}.get(ROWS, "").split(",")
    if ROWS not in found or split is None or len(names) != len(found[ROWS]):
        raise WeightsError("this is not the graph of restyle's net", fix=_FIX)
    ends = np.cumsum(found[split.input[1]])
    parts = np.split(found[ROWS], ends[:-1], axis=1)
    weights = dict(zip(split.output, parts, strict=True))
    weights |= {name: value for name, value in found.items() if name.endswith((".weight", ".bias"))}
    return _reordered(weights, np.argsort(_FOLDED)), tuple(names)


def _reordered(weights: Weights, order: NDArray[np.intp]) -> dict[str, NDArray[np.float32]]:
    made = dict(weights)
    made["into.conv.weight"] = weights["into.conv.weight"][:, order]
    for name in _FOLDS:
        made[name] = weights[name][order] if name.startswith("out.") else weights[name][:, order]
    return made
