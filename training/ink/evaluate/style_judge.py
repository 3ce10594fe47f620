"""A judge of styles: `python -m training.ink.evaluate.style_judge`.

It tells flat, shaded, 3D and Noto art by how surfaces are lit, whatever is drawn: spread and tails
of what is left when each surface loses its mean colour, how steep that is, where it lies. A few
small networks read these numbers; they are trained on the art of the training split, and what they
make of held-out art is the most that they can say of ours. Noto's art of before 2017 is all but
flat, and left out. The command trains the judge and says how good it is.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor, nn
from tqdm import tqdm

from livedraft.runtime.models.base import Pixels
from livedraft.runtime.models.ink.colour import Floats
from livedraft.runtime.models.ink.finish.light import GREY, Look
from livedraft.runtime.models.ink.finish.relief import relief
from livedraft.runtime.models.ink.layout import STYLES

from ..data.batches import Drawings
from ..data.dataset import CACHE, pool
from ..data.surfaces import Surfaces, surfaces
from .cases import Case, cases_of

FILE = "style_judge.pt"
EACH = 520  # drawings of a style that are learned from
UPDATES, BATCH, RATE, DECAY, HIDDEN, NETS = 3000, 128, 2e-3, 0.05, 96, 5
DROPPED, OLD = 0.4, "noto-v1"
QUANTILES = (0.02, 0.1, 0.25, 0.75, 0.9, 0.98)
STEEP = (0.25, 0.5, 0.75, 0.9, 0.98)
LEAST = 100  # px of surfaces, or a picture has no numbers
FLAT = 1.2 / 255  # brightness from one pixel to the next, below which it is even
STRONG = (0.06, 0.12, 0.24)  # brightness from the mean that counts as light, or shadow
RINGS = (0, 2, 4, 8, 16, 64)  # px from a surface's edge
BLUR, NOISE = 0.7, 0.03  # what art is disturbed by, for painted pictures are less even


def numbers_of(picture: Pixels, lines: Pixels, drawn: bool = False) -> Floats:
    """Describe how a straight picture (256, 256, 4) under line art (256, 256) is lit.

    `drawn` says that the lines enclose each surface, so that none are joined.
    """
    rgb = np.asarray(picture[..., :3] / np.float32(255), np.float32)
    ink, cover = (np.asarray(x / np.float32(255), np.float32) for x in (lines, picture[..., 3]))
    normals = np.asarray(cv2.resize(relief(ink, cover), (256, 256)), np.float32)
    parted = surfaces(picture, lines, apart=drawn)
    inside = parted.inside
    if inside.sum() < LEAST:
        return np.zeros(_COUNT, np.float32)
    residual = np.asarray((rgb - parted.means(rgb)) * inside[..., None], np.float32)
    bright = np.asarray(residual @ GREY, np.float32)
    found = _spread(residual[inside]) + _steepness(bright, inside)
    found += _places(bright[inside], normals[inside], parted, inside)
    return np.array(found, np.float32)


def _spread(residual: Floats) -> list[float]:
    bright = residual @ GREY
    warm = residual[:, 0] - residual[:, 2]
    found = [float(bright.std()), float(np.abs(residual).mean()), float(warm.std())]
    found += [float(q) for q in np.quantile(bright, QUANTILES)]
    for strong in STRONG:
        found += [float((bright > strong).mean()), float((bright < -strong).mean())]
    for side in (bright > 0.03, bright < -0.03):
        found.append(float(warm[side].mean()) if side.any() else 0.0)
    return found


def _steepness(bright: Floats, inside: NDArray[np.bool_]) -> list[float]:
    found: list[float] = []
    for scale in (1, 2, 4):
        side = (256 // scale, 256 // scale)
        small = cv2.resize(bright.astype(np.float32), side, interpolation=cv2.INTER_AREA)
        seen = cv2.resize(inside.astype(np.float32), side, interpolation=cv2.INTER_AREA) > 0.99
        x, y = (cv2.Sobel(small, cv2.CV_32F, *axes, ksize=3) / 8 for axes in ((1, 0), (0, 1)))
        seen = cv2.erode(seen.astype(np.uint8), np.ones((3, 3), np.uint8)) > 0
        steep = np.hypot(x, y)[seen]
        if not len(steep):
            steep = np.zeros(1, np.float32)
        found += [float(q) for q in np.quantile(steep, STEEP)] + [float((steep < FLAT).mean())]
    return found


def _places(
    bright: Floats, normals: Floats, parted: Surfaces, inside: NDArray[np.bool_]
) -> list[float]:
    ys, xs = np.nonzero(inside)
    along = np.stack([xs - xs.mean(), ys - ys.mean()], 1) / 64
    towards = Look().towards
    maps = (normals[:, :2] @ towards, along @ towards, normals[:, 2], along[:, 1], normals[:, 1])
    found = []
    for one in maps:
        apart = one - one.mean()
        found.append(float((apart * bright).mean() / (np.sqrt((apart**2).mean()) + 1e-3)))
        found.append(found[-1] / (float(bright.std()) + 0.01))
    same = parted.labels.astype(np.float32)
    edge = cv2.morphologyEx(same, cv2.MORPH_GRADIENT, np.ones((3, 3), np.uint8)) > 0
    deep = cv2.distanceTransform((~edge).astype(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_3)[inside]
    for near, far in pairwise(RINGS):
        ring = (deep >= near) & (deep < far)
        found.append(float(bright[ring].mean()) if ring.sum() > 20 else 0.0)
    return found


_COUNT = 3 + len(QUANTILES) + 2 * len(STRONG) + 2 + 3 * (len(STEEP) + 1) + 10 + len(RINGS) - 1


class StyleJudge(nn.Module):
    """Numbers of pictures (B, N) to scores of the styles (B, 4): a few small networks' mean."""

    def __init__(self) -> None:
        super().__init__()
        self.mean = nn.Buffer(torch.zeros(_COUNT))
        self.scale = nn.Buffer(torch.ones(_COUNT))
        self.nets = nn.ModuleList(
            nn.Sequential(
                nn.Linear(_COUNT, HIDDEN),
                nn.ReLU(),
                nn.Dropout(DROPPED),
                nn.Linear(HIDDEN, len(STYLES)),
            )
            for _ in range(NETS)
        )

    def forward(self, numbers: Tensor) -> Tensor:
        known = ((numbers - self.mean) / self.scale).clamp(-4, 4)
        return torch.stack([net(known).log_softmax(1) for net in self.nets]).mean(0)

    @torch.inference_mode()
    def classify(
        self, pictures: Sequence[Pixels], lines: Sequence[Pixels], drawn: bool = False
    ) -> list[str]:
        """Name the style of each picture."""
        found = [numbers_of(p, ink, drawn) for p, ink in zip(pictures, lines, strict=True)]
        best = self(torch.from_numpy(np.stack(found))).argmax(1)
        return [STYLES[i] for i in best.tolist()]


def load_style_judge(cache: Path) -> StyleJudge:
    """Return the judge of a cache folder, trained now where it is missing."""
    judge, path = StyleJudge(), cache / FILE
    if path.exists():
        judge.load_state_dict(torch.load(path, weights_only=True))
    else:
        seen = Drawings(cache)
        train(judge, cases_of(seen, len(seen.rows)))
        torch.save(judge.state_dict(), path)
    return judge.eval().requires_grad_(False)


def train(
    judge: StyleJudge, cases: Sequence[Case], workers: int = 2, updates: int = UPDATES
) -> None:
    """Train on true drawings, each as it is and once disturbed, by a fixed seed."""
    chosen = [c for style in STYLES for c in [x for x in judged(cases) if x.style == style][:EACH]]
    with pool(workers) as mapped:
        rows = list(tqdm(mapped(_both, chosen), total=len(chosen), disable=len(chosen) < 99))
    numbers = torch.from_numpy(np.concatenate(rows))
    styles = torch.tensor([STYLES.index(c.style) for c in chosen]).repeat_interleave(2)
    judge.mean.copy_(numbers.mean(0))
    judge.scale.copy_(numbers.std(0) + 1e-4)
    torch.manual_seed(12)
    optimiser = torch.optim.AdamW(judge.parameters(), RATE, weight_decay=DECAY)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, RATE, total_steps=updates)
    weight = len(styles) / torch.bincount(styles, minlength=len(STYLES)).clamp(min=1)
    for _ in range(updates):
        picks = torch.randint(len(styles), (BATCH,))
        loss = F.nll_loss(judge(numbers[picks]), styles[picks], weight)
        optimiser.zero_grad()
        torch.autograd.backward(loss)
        optimiser.step()
        schedule.step()


def judged(cases: Sequence[Case]) -> list[Case]:
    """Return the cases whose art the judge knows."""
    return [case for case in cases if case.art != OLD]


def accuracy(judge: StyleJudge, cases: Sequence[Case]) -> dict[str, Any]:
    """Return what true drawings are taken for."""
    cases = judged(cases)
    found = judge.classify([c.truth for c in cases], [c.sketch[..., 3] for c in cases])
    return confusion([c.style for c in cases], found)


def confusion(styles: Sequence[str], judged: Sequence[str]) -> dict[str, Any]:
    """Return for each style the share of its pictures that are judged to be of each."""
    pairs = list(zip(styles, judged, strict=True))
    found: dict[str, Any] = {}
    for style in STYLES:
        named = [t for s, t in pairs if s == style]
        if named:
            found[style] = {t: round(named.count(t) / len(named), 3) for t in STYLES}
    found["right"] = round(float(np.mean([row[s] for s, row in found.items()])), 3)
    return found


def _both(case: Case) -> Floats:
    lines = case.sketch[..., 3]
    return np.stack([numbers_of(p, lines) for p in (case.truth, _disturbed(case))])


def _disturbed(case: Case) -> Pixels:
    """Make a drawing as uneven as a painted one is: a little blurred and clouded."""
    rng = np.random.default_rng(sum(case.key.encode()))
    rgb = cv2.GaussianBlur(case.truth[..., :3].astype(np.float32), (0, 0), BLUR)
    clouds = rng.normal(0, 255 * NOISE * rng.random(), (16, 16, 3)).astype(np.float32)
    grown = np.asarray(cv2.resize(clouds, (256, 256), interpolation=cv2.INTER_CUBIC), np.float32)
    uneven = np.clip(rgb + grown, 0, 255).astype(np.uint8)
    return np.concatenate([uneven, case.truth[..., 3:]], 2)


def main() -> None:
    """Train the judge where it is missing, and say how well it tells held-out art."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cache", type=Path, default=CACHE)
    options = parser.parse_args()
    torch.set_num_threads(1)
    judge = load_style_judge(options.cache)
    held = Drawings(options.cache, held_out=True)
    print(json.dumps(accuracy(judge, cases_of(held, len(held.rows))), indent=2))


if __name__ == "__main__":
    main()
