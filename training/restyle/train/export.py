"""Write the trained net as it is served: `python -m training.restyle.train.export FILE`."""

from __future__ import annotations

import argparse
from pathlib import Path

import torch

from livedraft.runtime.models.restyle.params import STYLES
from livedraft.runtime.models.restyle.tuning.net import STYLED
from livedraft.runtime.models.restyle.tuning.served import folded

from .graph import graph

CACHE = Path(".cache/restyle")


def export(checkpoint: Path, file: Path) -> None:
    """Write a checkpoint's running average as a graph, with those styles that are served."""
    state = torch.load(checkpoint, weights_only=True, map_location="cpu")
    rows = [state["styles"].index(name) for name in STYLES]
    weights = {
        name: (value[rows] if name.split(".")[-1] in STYLED else value).numpy()
        for name, value in state["average"].items()
    }
    model = graph(folded(weights), STYLES)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(model.SerializeToString())


def main() -> None:
    """Parse the command line and export."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file", type=Path, help="where the graph goes")
    parser.add_argument("--checkpoint", type=Path, default=CACHE / "net.pt")
    options = parser.parse_args()
    export(options.checkpoint, options.file)
    print(f"{options.file}: {options.file.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
