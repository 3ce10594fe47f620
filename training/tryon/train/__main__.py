"""Train what moves control points: `python -m training.tryon.train`.

Looks at the people of `python -m training.tryon.data`, keeps what is seen beside them, and trains a
net for each kind of garment. Writes the nets to the package and what they gained to the output.
"""

from __future__ import annotations

import argparse
import json
from collections import defaultdict
from pathlib import Path

import torch

from livedraft.runtime.models.tryon.garment import Kind
from livedraft.runtime.models.tryon.weights import WEIGHTS

from ..data import CACHE
from ..data.records import is_held_out
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
    parser.add_argument("--updates", type=int, default=3000, help="for each kind of garment")
    parser.add_argument("--weights", type=Path, default=WEIGHTS, help="folder to write to")
    options = parser.parse_args()
    torch.set_num_threads(1)
    see(options.cache)
    print(json.dumps(train(options.cache, options.weights, options.updates), indent=2))


def train(cache: Path, weights: Path, updates: int) -> dict[Kind, dict[str, object]]:
    """Train and export a net for each kind; return errors on bodies that were kept aside.

    Held-out bodies are not touched: they are the evaluation's.
    """
    learned: dict[Kind, list[Example]] = defaultdict(list)
    kept: dict[Kind, list[Example]] = defaultdict(list)
    for sight in sights(cache):
        index = int(sight.record.meta["index"])
        if not is_held_out(index):
            made = list(examples(sight))
            into = kept if index % VALIDATED == 0 else learned
            into[sight.record.meta["kind"]] += made[:1] if into is kept else made
    figures: dict[Kind, dict[str, object]] = {}
    for kind, some in learned.items():
        found = fit(Batch.of(some), Batch.of(kept[kind]), updates)
        export(found.net, weights / f"offsets_{kind}.onnx")
        figures[kind] = {
            "examples": len(some),
            "kept_aside": len(kept[kind]),
            "by_rule": found.by_rule,
            "by_net": found.by_net,
        }
    return figures


if __name__ == "__main__":
    main()
