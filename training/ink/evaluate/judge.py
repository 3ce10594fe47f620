"""A small contrastive judge: which of the held-out names does a picture look like?

A convolutional network reads pictures at 64x64, a linear map the static word means; trained on the
training split alone, by InfoNCE. What it finds in the true pictures is the most it can say of
others.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor, nn
from tqdm import trange

from livedraft.runtime.models.base import Pixels
from livedraft.runtime.models.ink.words.text import TextTable

from ..data.batches import Drawings
from .baselines import means_of
from .cases import Case

FILE = "judge.pt"
UPDATES, BATCH = 500, 128
RATE, DECAY = 2e-3, 0.05
TEMPERATURE = 0.07
WORDS_READ = 4  # of a concept's other words, each in its turn beside the label


class Judge(nn.Module):
    """Pictures and words as unit vectors (B, 128) of one space."""

    def __init__(self) -> None:
        super().__init__()
        widths = (16, 48, 96, 160, 224)
        blocks: list[nn.Module] = [nn.PixelUnshuffle(2)]
        for narrow, wide in pairwise(widths):
            blocks += [nn.Conv2d(narrow, wide, 3, 2, 1), nn.GroupNorm(8, wide), nn.GELU()]
        self.encoder = nn.Sequential(*blocks, nn.Flatten(), nn.Dropout(0.2), nn.Linear(896, 128))
        self.text_head = nn.Linear(128, 128, bias=False)
        nn.init.eye_(self.text_head.weight)

    def see(self, pictures: Tensor) -> Tensor:
        """Read (B, 4, 64, 64) premultiplied pictures in 0..1."""
        return F.normalize(self.encoder(pictures), dim=1)

    def read(self, means: Tensor) -> Tensor:
        """Read (B, 128) word means."""
        return F.normalize(self.text_head(means), dim=1)


def load_judge(cache: Path, seen: Drawings, text: TextTable) -> Judge:
    """Return the judge of a cache folder, trained now where it is missing."""
    path = cache / FILE
    judge = Judge()
    if path.exists():
        judge.load_state_dict(torch.load(path, weights_only=True))
    else:
        train(judge, seen, text)
        torch.save(judge.state_dict(), path)
    return judge.eval().requires_grad_(False)


def train(judge: Judge, seen: Drawings, text: TextTable, updates: int = UPDATES) -> None:
    """Train on the drawings of the training split, by a fixed seed."""
    rng = random.Random(11)
    torch.manual_seed(11)
    smalls = np.asarray(seen.smalls)
    means = {row: means_of(text, _captions(seen, row)) for row in seen.rows}
    keys = {key: index for index, key in enumerate({seen.records[r]["key"] for r in seen.rows})}
    optimiser = torch.optim.AdamW(judge.parameters(), RATE, weight_decay=DECAY)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, RATE, total_steps=updates)
    for _ in trange(updates, desc="judge", leave=False, disable=updates < 100):
        rows = rng.sample(seen.rows, min(BATCH, len(seen.rows)))
        pictures = _disturbed(as_tensor(smalls[rows]))
        chosen = torch.stack([rng.choice(list(means[row])) for row in rows])
        concept = torch.tensor([keys[seen.records[row]["key"]] for row in rows])
        loss = _info_nce(judge.see(pictures), judge.read(chosen), concept)
        optimiser.zero_grad()
        torch.autograd.backward(loss)
        optimiser.step()
        schedule.step()


def name_pictures(
    judge: Judge,
    text: TextTable,
    held: Drawings,
    cases: Sequence[Case],
    smalls: dict[str, list[Pixels]],
) -> dict[str, Any]:
    """Return how often each way's pictures of the cases are given their own name, of all held-out.

    "true pictures" is what the judge makes of the references.
    """
    pool = sorted({held.records[row]["label"] for row in held.rows})
    names = [case.label for case in cases]
    sets = {"true pictures": [case.small for case in cases], **smalls}
    found = {name: retrieve(judge, text, pictures, names, pool) for name, pictures in sets.items()}
    return {"names": len(pool), "found": found}


@torch.inference_mode()
def retrieve(
    judge: Judge, text: TextTable, pictures: Sequence[Pixels], names: Sequence[str], pool: list[str]
) -> dict[str, float]:
    """Look for each small picture's name in a pool: the share found first, and among five."""
    likeness = judge.see(as_tensor(np.stack(pictures))) @ judge.read(means_of(text, pool)).T
    own = torch.tensor([pool.index(name) for name in names])
    rank = (likeness > likeness.gather(1, own[:, None])).sum(1)
    return {f"R@{n}": round(float((rank < n).float().mean()), 3) for n in (1, 5)}


def as_tensor(smalls: NDArray[np.uint8]) -> Tensor:
    """Return (B, 64, 64, 4) bytes as (B, 4, 64, 64) floats in 0..1."""
    return torch.from_numpy(smalls).permute(0, 3, 1, 2).float() / 255


def _info_nce(seen: Tensor, read: Tensor, concept: Tensor) -> Tensor:
    """Tell pictures and captions of one concept from those of the others, both ways."""
    logits = seen @ read.T / TEMPERATURE
    same = concept[:, None] == concept[None]
    target = same.float() / same.sum(1, keepdim=True)
    return (F.cross_entropy(logits, target) + F.cross_entropy(logits.T, target)) / 2


def _captions(seen: Drawings, row: int) -> list[str]:
    record = seen.records[row]
    label = record["label"]
    return [label, label, *(f"{label} {word}" for word in record["words"][:WORDS_READ])]


def _disturbed(pictures: Tensor) -> Tensor:
    """Flip, turn, scale and shift."""
    count = len(pictures)
    angle, scale = torch.randn(count) * 0.12, torch.exp(torch.randn(count) * 0.12)
    flip = torch.where(torch.rand(count) < 0.5, -1.0, 1.0)
    cos, sin = angle.cos() * scale, angle.sin() * scale
    theta = torch.stack([torch.stack([cos * flip, -sin * flip], 1), torch.stack([sin, cos], 1)], 1)
    shift = torch.randn(count, 2, 1) * 0.06
    grid = F.affine_grid(torch.cat([theta, shift], 2), [count, 4, 64, 64], False)
    return F.grid_sample(pictures, grid, align_corners=False)
