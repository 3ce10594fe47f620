"""From a trained net to what ships: `python -m training.tryon.train.export NET.pt FILE.onnx`."""

from __future__ import annotations

import argparse
import warnings
from pathlib import Path

import torch

from .learn import load
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


def main() -> None:
    """Parse the command line and export a net that was saved."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("net", type=Path)
    parser.add_argument("file", type=Path)
    options = parser.parse_args()
    export(load(options.net), options.file)


if __name__ == "__main__":
    main()
