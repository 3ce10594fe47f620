"""Write the trained repair net into the package: `python -m training.tryon.repair.export`.

One ONNX graph with its weights in half precision; mattes and colours come out of it ready.
"""

from __future__ import annotations

import argparse
import warnings
from pathlib import Path

import torch
from torch import Tensor, nn

from livedraft.runtime.models.tryon.repair.net import FILE
from livedraft.runtime.models.tryon.repair.view import CHANNELS, SIDE
from training.perception.halving import INPUT, kept

from .net import REACH, SHARP, RepairNet
from .train import CACHE

OPSET = 17


class Graph(nn.Module):
    """What is served: mattes 0..1, colours as logarithms."""

    def __init__(self, net: RepairNet) -> None:
        super().__init__()
        self.net = net

    def forward(self, view: Tensor) -> Tensor:
        out = self.net(view)
        return torch.cat([torch.sigmoid(SHARP * out[:, :2]), REACH * torch.tanh(out[:, 2:])], 1)


def export(checkpoint: Path, file: Path) -> None:
    """Write a checkpoint's running average as a graph."""
    net = RepairNet()
    net.load_state_dict(torch.load(checkpoint, weights_only=True, map_location="cpu")["average"])
    graph = Graph(net).eval()
    file.parent.mkdir(parents=True, exist_ok=True)
    whole = file.with_suffix(".whole")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the exporter's remarks on traced constants
        torch.onnx.export(
            graph,
            (torch.rand(1, CHANNELS, SIDE, SIDE),),
            whole,
            dynamo=False,
            opset_version=OPSET,
            input_names=[INPUT],
            output_names=["planes"],
        )
    kept(whole, file, {"planes": "planes"})
    whole.unlink()


def main() -> None:
    """Parse the command line and export."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cache", type=Path, default=CACHE)
    parser.add_argument("--file", type=Path, default=FILE)
    options = parser.parse_args()
    export(options.cache / "repair.pt", options.file)


if __name__ == "__main__":
    main()
