"""From a trained net to the graph that ships."""

from __future__ import annotations

import warnings
from pathlib import Path

import torch

from .offsets import OffsetNet

OPSET = 17


def export(net: OffsetNet, file: Path) -> None:
    """Write a net as ONNX: `features` (1, n) to `offsets` (1, 2 * points), in widths."""
    file.parent.mkdir(parents=True, exist_ok=True)
    features = torch.zeros(1, len(net.get_buffer("mean")))
    partial = file.with_suffix(".partial")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that this exporter is the older one
        torch.onnx.export(
            net.eval(),
            (features,),
            partial,
            dynamo=False,
            opset_version=OPSET,
            input_names=["features"],
            output_names=["offsets"],
        )
    partial.replace(file)
