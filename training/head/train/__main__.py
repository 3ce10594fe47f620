"""Train the net that hears: `python -m training.head.train`.

Learns from the speech that `python -m training.head.data` has made so far; may be stopped and run
again. Writes the net to the package at each checkpoint, and tells how much of the speech of voices
that were kept aside it gets right.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import torch
from tqdm import tqdm

from livedraft.runtime.models.head.visemes import VISEMES

from ..data import CACHE
from ..data.clips import clips
from ..data.voices import VOICES
from .batches import Batches, normalised
from .examples import Example, example, examples
from .export import export
from .fitting import fit
from .net import HearingNet, Shape

WEIGHTS = Path("runtime/models/head/weights/hearing.npz")


def main() -> None:
    """Learn, and export."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cache", type=Path, default=CACHE)
    parser.add_argument("--updates", type=int, default=6000)
    parser.add_argument("--channels", type=int, default=Shape.channels)
    parser.add_argument("--name", default="hearing", help="of the checkpoint, in the cache")
    parser.add_argument("--weights", type=Path, default=WEIGHTS, help="file to write to")
    options = parser.parse_args()
    torch.set_num_threads(1)
    learned, weights = [], []
    for name, voice in VOICES.items():
        if voice.learned and (found := list(examples(options.cache, name))):
            learned.append(found)
            weights.append(voice.weight)
    kept = [
        example(clip)
        for name, voice in VOICES.items()
        if not voice.learned
        for clip in clips(options.cache, name)
    ]
    shape = Shape(options.channels)

    def saved(net: HearingNet) -> None:
        export(net, options.weights)
        tqdm.write(f"voices kept aside: {accuracy(net, kept):.3f} of all rows right")

    batches = Batches(learned, weights, shape.ahead)
    fit(shape, batches, options.updates, options.cache / f"{options.name}.pt", saved)


def accuracy(net: HearingNet, kept: list[Example]) -> float:
    """Return the share of rows whose viseme is heard right."""
    right, count = 0, 0
    for one in kept:
        silence = np.full((net.shape.ahead, one.rows.shape[1]), one.rows.min(), np.float32)
        rows = normalised(np.concatenate([one.rows, silence]))
        with torch.no_grad():
            made = net(torch.from_numpy(rows.T[None].copy()))[0, : len(VISEMES), net.shape.ahead :]
        known = one.visemes >= 0
        right += int((made.argmax(0).numpy() == one.visemes)[known].sum())
        count += int(known.sum())
    return right / max(count, 1)


if __name__ == "__main__":
    main()
