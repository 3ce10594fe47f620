"""Ways to train `ink`'s drawing networks, told apart by held-out drawings.

All variants learn from the very same batches, as many of each, from scratch and in small.
"""

from __future__ import annotations

import random
import time
from collections.abc import Sequence
from pathlib import Path
from statistics import fmean
from typing import Any

import torch
from tqdm import tqdm

from livedraft.runtime.models.ink import WEIGHTS
from livedraft.runtime.models.ink.tuning.nets.layers import Widths
from livedraft.runtime.models.ink.words.text import TextTable

from ..data.batches import Batches, Drawings
from .plain import count
from .score import examine, show
from .variants import BATCH, VARIANTS, Decoding, Variant

SMALL = Widths(colour=(32, 64, 128), decoder=(12, 24, 48, 64), condition=128)
WARM_UP = 3  # updates that are not timed
DECODER = "decoder"


def teach(
    names: Sequence[str], cache: Path, updates: int, widths: Widths, seed: int
) -> dict[str, Any]:
    """Train all on the same batches; return running averages, and ms of processor time an update.

    Every draw of chance begins anew with each update, so a variant learns the same whichever others
    learn beside it.
    """
    learners = learners_of(names, updates, widths, seed)
    spent: dict[str, list[float]] = {name: [] for name in learners}
    batches = Batches(Drawings(cache), TextTable.load(WEIGHTS), seed)
    for update in tqdm(range(updates), desc="compare", mininterval=10):
        reseed(seed + update)
        batch = batches.pictures(BATCH, crop=256)
        for name, learner in learners.items():
            reseed(seed + update)
            begun = time.process_time()
            with torch.autocast("cpu", torch.bfloat16):
                learner.update(batch)
            spent[name].append((time.process_time() - begun) * 1e3)
    return {
        "updates": updates,
        "seed": seed,
        "ema": {name: learner.trainer.ema for name, learner in learners.items()},
        "loss": {name: learner.trainer.loss for name, learner in learners.items()},
        "ms": {name: fmean(times[WARM_UP:] or times) for name, times in spent.items()},
    }


def learners_of(
    names: Sequence[str], updates: int, widths: Widths, seed: int
) -> dict[str, Variant | Decoding]:
    """Return variants by name, and the decoder that most of them share."""
    variants = {name: VARIANTS[name](widths, updates, seed) for name in names}
    return {**variants, DECODER: Decoding(widths, updates, seed)}


def reseed(seed: int) -> None:
    """Start all draws of chance but the batches' own anew."""
    torch.manual_seed(seed)
    random.seed(seed)


def examined(
    taught: dict[str, Any], cache: Path, drawings: int, widths: Widths, picture: Path | None = None
) -> dict[str, Any]:
    """Measure what `teach` returned on held-out drawings; return the report, write a picture."""
    names = [name for name in taught["ema"] if name != DECODER]
    learners = learners_of(names, taught["updates"], widths, taught["seed"])
    for name, learner in learners.items():
        learner.trainer.ema = taught["ema"][name]
    nets = {name: learner.trainer.average() for name, learner in learners.items()}
    variants = {name: variant for name in names if isinstance(variant := learners[name], Variant)}
    found = examine(variants, nets, nets[DECODER], cache, drawings)
    if picture:
        show(variants, nets, nets[DECODER], cache, picture)
    about = {
        name: {
            "parameters": count(net),
            "ms_an_update": round(taught["ms"][name], 1),
            "last_loss": round(taught["loss"][name], 4),
        }
        for name, net in nets.items()
    }
    return {
        "updates": taught["updates"],
        "batch": BATCH,
        "drawings": drawings,
        "seed": taught["seed"],
        "widths": [list(widths.colour), list(widths.decoder), widths.condition],
        "torch": torch.__version__,
        "machine": torch.cpu.get_capabilities().get("cpu_name", ""),
        "decoder": about[DECODER],
        "variants": {
            name: {"title": variant.title, **about[name], **found[name]}
            for name, variant in variants.items()
        },
    }
