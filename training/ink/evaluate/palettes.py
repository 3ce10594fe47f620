"""Measure palettes from words without painting: `python -m training.ink.evaluate.palettes`.

CIEDE2000 between predicted and true palettes of held-out and seen drawings, by label and style;
and how often a palette has the colours that a prompt names.
"""

from __future__ import annotations

import argparse
import json
import random
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from skimage.color import rgb2lab
from torch import Tensor

from livedraft.runtime.models.ink import WEIGHTS
from livedraft.runtime.models.ink.layout import PALETTE_NOISE, STYLES
from livedraft.runtime.models.ink.tuning.nets.colour import oklab_to_srgb
from livedraft.runtime.models.ink.tuning.nets.inputs import as_words
from livedraft.runtime.models.ink.tuning.nets.layers import Widths
from livedraft.runtime.models.ink.tuning.nets.palette_net import PaletteNet
from livedraft.runtime.models.ink.tuning.nets.palettes import carriage
from livedraft.runtime.models.ink.words.colour_words import COLOUR_WORDS
from livedraft.runtime.models.ink.words.text import TextTable

from ..data.batches import GROUP_WEIGHT
from ..data.dataset import CACHE
from ..data.recolour import without_colours
from .metrics import ciede2000

WORDS = ("red", "orange", "yellow", "green", "blue", "purple", "pink", "brown", "black", "white")
PAIRS = 200
Predict = Callable[[Sequence[str], Tensor], Tensor]
Records = Sequence[dict[str, Any]]


def distances(made: Tensor, true: Tensor) -> dict[str, Tensor]:
    """Return (B,) distances of palettes, CIEDE2000.

    `transport`: of the shares as they must be carried. `missed`: of true colours, by share, to the
    nearest predicted one. `main`: of the largest entries.
    """
    mine, theirs = (_cie_lab(palette)[..., :3] for palette in (made, true))
    cost = torch.from_numpy(ciede2000(mine[:, :, None], theirs[:, None]))
    plan, _ = carriage(cost, made[..., 3].double(), true[..., 3].double(), blur=0.6, rounds=75)
    share = true[..., 3] / true[..., 3].sum(1, keepdim=True)
    return {
        "transport": (plan * cost).sum((1, 2)),
        "missed": (cost.amin(1) * share).sum(1),
        "main": cost[:, 0, 0],
    }


def score(
    predict: Predict, records: Records, palettes: Tensor, rows: list[int]
) -> dict[str, float]:
    """Average the distances of palettes predicted for rows, weighted as in training."""
    weight = torch.tensor([GROUP_WEIGHT.get(records[i]["group"], 1.0) for i in rows])
    style = torch.tensor([STYLES.index(records[i]["style"]) for i in rows])
    made = predict([records[i]["label"] for i in rows], style)
    found = distances(made, palettes[rows])
    return {k: round(float((v * weight).sum() / weight.sum()), 2) for k, v in found.items()}


def obedience(predict: Predict, labels: Sequence[str]) -> dict[str, float]:
    """Return how often the main colour has the name before a label, of ten; and of two things,
    how often the first is the main colour, and the second is the second or third.
    """
    one = [(word, f"{word} {label}") for word in WORDS for label in labels]
    named = _names(predict([p for _, p in one], _styles(len(one))))
    rng = random.Random(4)
    pairs = [(rng.sample(WORDS, 2), rng.sample(list(labels), 2)) for _ in range(PAIRS)]
    two = [f"{c[0]} {n[0]}, {c[1]} {n[1]}" for c, n in pairs]
    both = _names(predict(two, _styles(PAIRS)))
    return {
        "one": float(np.mean([n[0] == word for (word, _), n in zip(one, named, strict=True)])),
        "first of two": float(
            np.mean([n[0] == c[0] for (c, _), n in zip(pairs, both, strict=True)])
        ),
        "second of two": float(
            np.mean([c[1] in n[1:3] for (c, _), n in zip(pairs, both, strict=True)])
        ),
    }


def predictor(net: PaletteNet, text: TextTable, seed: int | None = None) -> Predict:
    """Return the likeliest palettes, or with a seed those of random noise."""

    @torch.inference_mode()
    def predict(prompts: Sequence[str], style: Tensor) -> Tensor:
        noise = torch.zeros(len(prompts), PALETTE_NOISE)
        if seed is not None:
            noise.normal_(generator=torch.Generator().manual_seed(seed))
        made: Tensor = net(as_words(text.encode(list(prompts))), style, noise)
        return made

    return predict


def report(cache: Path, net: PaletteNet, text: TextTable) -> dict[str, dict[str, float]]:
    """Return all figures."""
    records = json.loads((cache / "records.json").read_text())
    palettes = torch.from_numpy(np.load(cache / "palette.npy"))
    held = [i for i, r in enumerate(records) if r["held_out"]]
    seen = [i for i, r in enumerate(records) if not r["held_out"]]
    weights = [GROUP_WEIGHT.get(records[i]["group"], 1.0) for i in seen]
    some = random.Random(3).choices(seen, weights, k=len(held))
    likely, seeded = predictor(net, text), predictor(net, text, seed=1)
    labels = sorted({without_colours(records[i]["label"]) for i in held})[::3]

    def silent(prompts: Sequence[str], style: Tensor) -> Tensor:
        return likely([""] * len(prompts), style)

    return {
        "held-out": score(likely, records, palettes, held),
        "held-out, by noise": score(seeded, records, palettes, held),
        "held-out, no prompt": score(silent, records, palettes, held),
        "seen": score(likely, records, palettes, some),
        "colour words": obedience(likely, labels),
    }


def _cie_lab(palettes: Tensor) -> np.ndarray[Any, Any]:
    return np.asarray(rgb2lab(oklab_to_srgb(palettes[..., :3].float()).numpy()))


def _names(palettes: Tensor) -> list[list[str]]:
    known = torch.tensor([COLOUR_WORDS[word] for word in WORDS])
    nearest = torch.cdist(palettes[..., :3], known).argmin(2)
    return [[WORDS[k] for k in row] for row in nearest.tolist()]


def _styles(count: int) -> Tensor:
    return torch.arange(count) % len(STYLES)


def main() -> None:
    """Measure a checkpoint's running average."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cache", type=Path, default=CACHE)
    options = parser.parse_args()
    torch.set_num_threads(1)
    net = PaletteNet(Widths()).eval()
    state = torch.load(options.cache / "palette.pt", weights_only=True)
    net.load_state_dict(state["ema"])
    print(json.dumps(report(options.cache, net, TextTable.load(WEIGHTS)), indent=2))


if __name__ == "__main__":
    main()
