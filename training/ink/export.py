"""Write the trained weights of `ink` into the package: `python -m training.ink.export`."""

from __future__ import annotations

import argparse
from pathlib import Path

import torch
from safetensors.torch import save_file

from .data import CACHE, MODEL
from .train import RECIPES


def export(cache: Path, folder: Path) -> None:
    """Join the parts' running averages into weights.safetensors, as float16."""
    weights = {}
    for part in RECIPES:
        state = torch.load(cache / f"{part}.pt", weights_only=True)
        for name, value in state["ema"].items():
            weights[f"{part}.{name}"] = value.half().contiguous()
    save_file(weights, folder / "weights.safetensors")


def main() -> None:
    """Parse the command line and export."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cache", type=Path, default=CACHE)
    parser.add_argument("--folder", type=Path, default=MODEL)
    options = parser.parse_args()
    export(options.cache, options.folder)


if __name__ == "__main__":
    main()
