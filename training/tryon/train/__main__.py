"""Train what moves control points: `python -m training.tryon.train`.

Looks at the people of `python -m training.tryon.data`, keeps what is seen beside them, and trains a
net for each kind of garment. Writes the nets to the package and what they gained to the output.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from itertools import chain, islice
from pathlib import Path
from typing import get_args

import torch

from livedraft.runtime.models.tryon.garment import Kind
from livedraft.runtime.models.tryon.weights import WEIGHTS

from ..data import CACHE
from ..data.records import is_held_out
from ..data.sets import SETS, folder
from .examples import Example, examples
from .export import export
from .fitting import fit
from .offsets import Batch
from .seeing import see, sights

VALIDATED = 8  # one body in so many of those that are learned from chooses the weights


def main() -> None:
    """See, train and export."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cache", type=Path, default=CACHE)
    parser.add_argument("--kinds", nargs="+", choices=get_args(Kind), default=get_args(Kind))
    parser.add_argument("--updates", type=int, default=3000, help="for each kind of garment")
    parser.add_argument("--weights", type=Path, default=WEIGHTS, help="folder to write to")
    options = parser.parse_args()
    torch.set_num_threads(1)
    caches = [folder(options.cache, name) for name in SETS]
    for cache in caches:
        see(cache)
    figures = {}
    for kind in options.kinds:
        figures[kind] = train(caches, options.weights, kind, options.updates)
    print(json.dumps(figures, indent=2))


def train(caches: Sequence[Path], weights: Path, kind: Kind, updates: int) -> dict[str, object]:
    """Train and export the net of a kind; return errors on bodies that were kept aside.

    Held-out bodies are not touched: they are the evaluation's.
    """
    learned: list[Example] = []
    kept: list[Example] = []
    for sight in chain.from_iterable(sights(cache, kind) for cache in caches):
        index = int(sight.record.meta["index"])
        if not is_held_out(index):
            made = examples(sight)
            if index % VALIDATED == 0:
                kept += islice(made, 1)
            else:
                learned += made
    found = fit(Batch.of(learned), Batch.of(kept), updates)
    export(found.net, weights / f"offsets_{kind}.onnx")
    return {
        "examples": len(learned),
        "kept_aside": len(kept),
        "by_rule": found.by_rule,
        "by_net": found.by_net,
    }


if __name__ == "__main__":
    main()
