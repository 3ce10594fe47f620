"""Learn from examples that are at hand: `python -m training.tryon.train.learn FILE --out NET.pt`.

Asks for nothing but PyTorch, NumPy and tqdm, so that it runs where a GPU is lent for minutes;
`python -m training.tryon.train.export NET.pt FILE.onnx` makes of it what ships.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from . import kept
from .fitting import Fit, Recipe, fit
from .offsets import Batch, OffsetNet, Shape

SHAPE = tuple(each.name for each in dataclasses.fields(Shape))
RECIPE = tuple(each.name for each in dataclasses.fields(Recipe) if each.name != "shape")
VALIDATED = 8  # one body in so many of those that are learned from chooses the weights


def split(batch: Batch, index: Tensor) -> tuple[Batch, Batch]:
    """Return what is learned from, and what chooses the weights: what was truly seen of bodies."""
    chooses = index % VALIDATED == 0
    first = torch.cat([torch.ones(1, dtype=torch.bool), index[1:] != index[:-1]])
    return batch[(~chooses).nonzero()[:, 0]], batch[(chooses & first).nonzero()[:, 0]]


def learn(file: Path, recipe: Recipe, device: torch.device) -> Fit:
    """Train a net on the examples of a file."""
    batch, index = kept.read(file)
    learned, chooses = split(batch, torch.from_numpy(index))
    return fit(learned.to(device), chooses.to(device), recipe)


def save(file: Path, found: Fit, recipe: Recipe) -> None:
    """Write a trained net with how it was trained and its errors."""
    state = {name: value.cpu() for name, value in found.net.state_dict().items()}
    about = {"recipe": dataclasses.asdict(recipe), "by_rule": found.by_rule, "by_net": found.by_net}
    file.parent.mkdir(parents=True, exist_ok=True)
    torch.save({"state": state, "about": json.dumps(about)}, file)


def load(file: Path) -> OffsetNet:
    """Return a net that was saved."""
    saved = torch.load(file, weights_only=True, map_location="cpu")
    shape = Shape(**json.loads(saved["about"])["recipe"]["shape"])
    state = saved["state"]
    features, outputs = len(state["mean"]), len(state["members.0.5.bias"])
    net = OffsetNet(features, outputs // 2, shape)
    net.load_state_dict(state)
    return net.eval()


def recipe_of(options: dict[str, Any]) -> Recipe:
    """Take a recipe out of a command line's options."""
    shape = Shape(*(options.pop(name) for name in SHAPE))
    return Recipe(shape=shape, **{name: options.pop(name) for name in RECIPE})


def add_recipe(parser: argparse.ArgumentParser) -> None:
    """Add what makes a recipe to a command line."""
    usual = Recipe()
    for of, names in ((usual, RECIPE), (usual.shape, SHAPE)):
        for name in names:
            value = getattr(of, name)
            parser.add_argument(f"--{name}", type=type(value), default=value)
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")


def main() -> None:
    """Parse the command line, learn and save."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file", type=Path, help="examples, as `kept` writes them")
    parser.add_argument("--out", type=Path, required=True)
    add_recipe(parser)
    options = vars(parser.parse_args())
    torch.set_num_threads(1)
    recipe = recipe_of(options)
    found = learn(options["file"], recipe, torch.device(options["device"]))
    save(options["out"], found, recipe)
    print(options["out"].name, json.dumps({"by_rule": found.by_rule, "by_net": found.by_net}))


if __name__ == "__main__":
    main()
