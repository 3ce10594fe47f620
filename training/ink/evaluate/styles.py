"""Measure whether the styles are styles: `python -m training.ink.evaluate.styles`.

Shading is what is left of a picture when each region that its lines enclose loses its mean colour.
Ours is compared with that of held-out art, in its own style and in the others: by how much it is,
by the sliced Wasserstein distance of its patches (Rabin et al., 2011), and by what it does when the
light is turned. Palettes are the true ones, so that colour does not count.

Art that is shaded by more shapes has no shading within them. So patches are measured a second time
by *surfaces*, in drawings whose shading shapes were left out as hands leave them out; and a judge
that knows true art (`style_judge`) says which style ours is.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from tqdm import tqdm

from livedraft.runtime.models.base import Pixels
from livedraft.runtime.models.ink import Ink
from livedraft.runtime.models.ink.finish.light import Look, lit
from livedraft.runtime.models.ink.finish.relief import relief
from livedraft.runtime.models.ink.layout import STYLES

from ..data.batches import Drawings
from ..data.dataset import CACHE
from ..data.surfaces import surfaces
from .cases import Case, Painter, cases_of
from .open_lines import stray_shares
from .style_judge import StyleJudge, accuracy, confusion, load_style_judge

FOLLOWING = ("shaded", "3d")  # styles whose light is asked to follow the relief
SCALES = (1, 2, 4)  # px of the picture to one of a patch
PATCH, PATCHES, DIRECTIONS, LEVELS = 7, 64, 128, 512
LEAST = 60  # px of a region that counts
OTHER_SEEDS = (1, 7)
OPENED = 40  # drawings to which open lines are added

Floats = NDArray[np.float32]


@dataclass(frozen=True)
class Shading:
    """What a picture's light does within its regions, (256, 256, 3) in -1..1, and where."""

    residual: Floats
    inside: NDArray[np.bool_]


def shading(picture: Pixels, sketch: Pixels) -> Shading:
    """Take the mean colour of each region that the sketch encloses from a picture."""
    free = (sketch[..., 3] <= 25) & (picture[..., 3] > 229)
    count, found = cv2.connectedComponents(free.astype(np.uint8), connectivity=4)
    labels = np.asarray(found, np.intp)
    rgb = _unit(picture[..., :3])
    area = np.maximum(np.bincount(labels.ravel(), minlength=count), 1)
    sums = [np.bincount(labels.ravel(), rgb[..., k].ravel(), count) for k in range(3)]
    means = (np.stack(sums, 1) / area[:, None]).astype(np.float32)
    inside = free & (area[labels] >= LEAST)
    return Shading(np.where(inside[..., None], rgb - means[labels], np.float32(0)), inside)


def surface_shading(picture: Pixels, sketch: Pixels, drawn: bool = False) -> Shading:
    """Take the mean colour of each surface from a picture; `drawn` if the sketch encloses each."""
    found = surfaces(picture, sketch[..., 3], apart=drawn)
    inside, rgb = found.inside, _unit(picture[..., :3])
    apart = np.where(inside[..., None], rgb - found.means(rgb), np.float32(0))
    return Shading(np.asarray(apart, np.float32), inside)


def without_shapes(case: Case) -> Case:
    """Return a case whose sketch has only the lines that part surfaces."""
    parting = surfaces(case.truth, case.sketch[..., 3]).ink
    return replace(case, sketch=np.where(parting[..., None], case.sketch, np.uint8(0)))


def patches(shaded: Shading) -> list[Floats]:
    """Return up to 64 patches (N, 147) that lie within regions, at each scale."""
    found = []
    for scale in SCALES:
        side = (256 // scale, 256 // scale)
        residual = cv2.resize(shaded.residual, side, interpolation=cv2.INTER_AREA)
        inside = cv2.resize(shaded.inside.astype(np.float32), side, interpolation=cv2.INTER_AREA)
        whole = cv2.erode((inside > 0.95).astype(np.uint8), np.ones((PATCH, PATCH), np.uint8))
        half = PATCH // 2
        whole[:half], whole[-half:], whole[:, :half], whole[:, -half:] = 0, 0, 0, 0
        ys, xs = np.nonzero(whole)
        picks = np.random.default_rng(len(ys)).integers(0, max(len(ys), 1), min(len(ys), PATCHES))
        corners = zip(ys[picks] - half, xs[picks] - half, strict=True)
        cut = [residual[y : y + PATCH, x : x + PATCH].ravel() for y, x in corners]
        found.append(np.array(cut, np.float32).reshape(-1, PATCH * PATCH * 3))
    return found


def distance(ours: Sequence[list[Floats]], theirs: Sequence[list[Floats]]) -> float:
    """Return the sliced Wasserstein distance of two sets of patches, mean over the scales."""
    total = []
    for scale in range(len(SCALES)):
        a, b = (np.concatenate([each[scale] for each in side]) for side in (ours, theirs))
        slices = np.random.default_rng(1).normal(size=(a.shape[1], DIRECTIONS))
        slices /= np.linalg.norm(slices, axis=0)
        levels = np.linspace(0, 1, LEVELS)
        at = [np.quantile(each @ slices, levels, axis=0) for each in (a, b)]
        total.append(np.abs(at[0] - at[1]).mean())
    return float(np.mean(total))


def between(a: Pixels, b: Pixels) -> float:
    """Return the mean difference of two pictures within both silhouettes, of 255."""
    both = (a[..., 3] > 200) & (b[..., 3] > 200)
    return float(np.abs(a[..., :3].astype(np.float32) - b[..., :3])[both].mean())


def shading_between(a: Shading, b: Shading) -> float:
    """Return the mean difference of two shadings, of 255."""
    both = a.inside & b.inside
    return float(np.abs(a.residual - b.residual)[both].mean() * 255)


def strength(shaded: Sequence[Shading]) -> float:
    """Return how much shading pictures have, mean of 255."""
    seen = [one for one in shaded if one.inside.any()]
    return round(float(np.mean([np.abs(s.residual)[s.inside].mean() * 255 for s in seen])), 2)


def follows_the_light(case: Case, picture: Pixels, style: str) -> bool:
    """Say whether shading lies on the light's side, and on the other when it is turned by 180°."""
    lines, rgba = _unit(case.sketch[..., 3]), _unit(picture)
    normals = relief(lines, rgba[..., 3])
    towards = cv2.resize(normals[..., :2] @ Look().towards, (256, 256))
    inside = rgba[..., 3] > 0.9
    found = []
    for turn in (0.0, 180.0):
        planes = np.ascontiguousarray(rgba.transpose(2, 0, 1))
        made = lit(planes.copy(), lines, style, replace(Look(), turn=turn))
        change = (made[:3] - planes[:3]).mean(0)
        if not change[inside].std() > 0:
            return False
        found.append(np.corrcoef(change[inside], towards[inside])[0, 1])
    return bool(found[0] > 0 > found[1])


def styles(held: Drawings, painter: Painter, count: int, judge: StyleJudge) -> dict[str, Any]:
    """Return all figures of the styles on some held-out drawings."""
    cases = cases_of(held, len(held.rows))
    flats = [case for case in cases if case.art == "fluent-flat"][:count]
    drawn: dict[str, list[Pixels]] = {style: [] for style in STYLES}
    seeds: dict[str, list[float]] = {style: [] for style in STYLES}
    for case in tqdm(flats, desc="styles", leave=False):
        for style in STYLES:
            drawn[style].append(painter.draw(case, style=style, palette=case.swatches))
            likeliest = painter.draw(case, style=style)
            others = (painter.draw(case, style=style, seed=seed) for seed in OTHER_SEEDS)
            seeds[style] += [between(likeliest, other) for other in others]
    ours = {s: [shading(p, c.sketch) for p, c in zip(drawn[s], flats, strict=True)] for s in STYLES}
    real = {s: [shading(c.truth, c.sketch) for c in cases if c.style == s] for s in STYLES}
    plain = [without_shapes(case) for case in flats]
    simply = {s: [painter.draw(c, style=s, palette=c.swatches) for c in plain] for s in STYLES}
    whole = {
        s: [surface_shading(p, c.sketch, True) for p, c in zip(simply[s], plain, strict=True)]
        for s in STYLES
    }
    art = {s: [surface_shading(c.truth, c.sketch) for c in cases if c.style == s] for s in STYLES}
    lines = [case.sketch[..., 3] for case in plain]
    pairs = [*(("flat", s) for s in STYLES[1:]), ("shaded", "3d")]
    return {
        "drawings": len(flats),
        "shading_difference": {
            f"{a} to {b}": _mean(shading_between, ours[a], ours[b]) for a, b in pairs
        },
        "picture_difference": {f"{a} to {b}": _mean(between, drawn[a], drawn[b]) for a, b in pairs},
        "patch_distance": _distances(ours, real),
        "surface_patch_distance": _distances(whole, art),
        "strength": {s: strength(ours[s]) for s in STYLES},
        "true_strength": {s: strength(real[s]) for s in STYLES},
        "surface_strength": {s: strength(whole[s]) for s in STYLES},
        "true_surface_strength": {s: strength(art[s]) for s in STYLES},
        "judged": {
            "art": accuracy(judge, cases),
            "ours": confusion(
                [s for s in STYLES for _ in flats],
                [one for s in STYLES for one in judge.classify(simply[s], lines, drawn=True)],
            ),
        },
        "light_followed": {
            s: _mean(partial(follows_the_light, style=s), flats, drawn["flat"]) for s in FOLLOWING
        },
        "seeds": {s: round(float(np.mean(rows)), 2) for s, rows in seeds.items()},
        "open_lines": stray_shares(painter, flats[:OPENED]),
    }


def _distances(
    ours: dict[str, list[Shading]], theirs: dict[str, list[Shading]]
) -> dict[str, dict[str, float]]:
    """Return how far the patches of each style of ours are from those of each style's art."""
    cut, real = ({s: [patches(each) for each in of[s]] for s in of} for of in (ours, theirs))
    return {s: {f"to {t}": round(distance(cut[s], real[t]), 6) for t in real} for s in cut}


def _mean(figure: Callable[[Any, Any], float], a: Sequence[Any], b: Sequence[Any]) -> float:
    return round(float(np.mean([figure(x, y) for x, y in zip(a, b, strict=True)])), 2)


def _unit(pixels: Pixels) -> Floats:
    return np.asarray(pixels / np.float32(255), np.float32)


def main() -> None:
    """Measure the shipped model, or weights of a folder."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cache", type=Path, default=CACHE)
    parser.add_argument("--out", type=Path, default=Path("out/ink"))
    parser.add_argument("--source", default="", help="folder of other weights")
    parser.add_argument("--count", type=int, default=60, help="drawings; fewer are quicker")
    options = parser.parse_args()
    torch.set_num_threads(2)
    painter = Painter(Ink.load(source=options.source))
    held = Drawings(options.cache, held_out=True)
    report = styles(held, painter, options.count, load_style_judge(options.cache))
    options.out.mkdir(parents=True, exist_ok=True)
    (options.out / "styles.json").write_text(json.dumps(report, indent=2) + "\n")
    print(json.dumps(report, indent=2))


if __name__ == "__main__":
    main()
