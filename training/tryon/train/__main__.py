"""Train what moves control points: `python -m training.tryon.train`.

Looks at the people of `python -m training.tryon.data`, keeps what is seen beside them and the
examples made of it, and trains a net for each kind of garment. Writes the nets to the package and
what they gained to the output.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import get_args

import numpy as np
import torch

from livedraft.runtime.models.tryon.garment import Kind
from livedraft.runtime.models.tryon.weights import WEIGHTS

from ..data import CACHE
from ..data.records import is_held_out
from ..data.sets import SETS, folder
from . import kept
from .examples import Example, examples
from .export import export
from .learn import add_recipe, learn, recipe_of
from .offsets import Batch
from .seeing import see, sights


def main() -> None:
    """See, make examples, train and export."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cache", type=Path, default=CACHE)
    parser.add_argument("--kinds", nargs="+", choices=get_args(Kind), default=get_args(Kind))
    parser.add_argument("--weights", type=Path, default=WEIGHTS, help="folder to write to")
    add_recipe(parser)
    options = vars(parser.parse_args())
    torch.set_num_threads(1)
    recipe, cache = recipe_of(options), options["cache"]
    caches = [folder(cache, name) for name in SETS]
    for each in caches:
        see(each)
    figures = {}
    for kind in options["kinds"]:
        file = cache / "examples" / f"{kind}.npz"
        if not file.exists():
            keep(caches, kind, file)
        found = learn(file, recipe, torch.device(options["device"]))
        export(found.net.cpu(), options["weights"] / f"offsets_{kind}.onnx")
        figures[kind] = {"by_rule": found.by_rule, "by_net": found.by_net}
    print(json.dumps(figures, indent=2))


def keep(caches: Sequence[Path], kind: Kind, file: Path) -> None:
    """Make the examples of a kind; none of held-out bodies, which are the evaluation's."""
    made = [(index, each) for cache in caches for index, each in _made(cache, kind)]
    kept.write(file, Batch.of([each for _, each in made]), np.array([index for index, _ in made]))


def _made(cache: Path, kind: Kind) -> Iterator[tuple[int, Example]]:
    for sight in sights(cache, kind):
        index = int(sight.record.meta["index"])
        if not is_held_out(index):
            yield from ((index, each) for each in examples(sight))


if __name__ == "__main__":
    main()
