"""Figures for pictures against their sketches and references; (H, W, 4) uint8, straight alpha."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import fmean

import numpy as np
import torch
from numpy.typing import NDArray
from scipy import ndimage
from skimage.color import deltaE_ciede2000, rgb2lab

from livedraft.runtime.models.base import Pixels
from livedraft.runtime.models.ink.tuning.nets.colour import srgb_to_oklab
from livedraft.runtime.models.ink.words.colour_words import COLOUR_WORDS

from ..data.regions import Mask, grow, label, shrink

NEAR = 3  # px, how far an edge may lie from its line
STEP = 6.0  # CIE Lab distance between neighbours that counts as an edge
RIM = 8  # px from the silhouette's edge, beyond which a line is an inner one
AROUND = 7  # px, the neighbourhood whose contrast an edge should have by itself
SOLID = 200  # alpha from which a pixel counts as painted

Scores = dict[str, float]


def score(made: Pixels, sketch: Pixels, truth: Pixels) -> Scores:
    """Return every figure of one picture."""
    edges, lines = find_edges(made), sketch[..., 3] > 127
    precision, recall = near(edges, lines), near(lines, edges)
    drawn = find_edges(truth)
    inner = lines & shrink(truth[..., 3] > 127, RIM)
    return {
        "alpha_iou": alpha_iou(made, truth),
        "ciede2000": colour_error(made, truth),
        "edge_precision": precision,
        "edge_recall": recall,
        "edge_f1": f1(precision, recall),
        "inner_recall": near(inner, edges) if inner.any() else float("nan"),
        "reference_f1": f1(near(edges, drawn), near(drawn, edges)),
        "unevenness": unevenness(made, sketch),
    }


def mean_scores(rows: Sequence[Scores]) -> Scores:
    """Average the figures of some pictures; where one has no figure (NaN), over the others."""
    result = {}
    for name in rows[0]:
        known = [row[name] for row in rows if not np.isnan(row[name])]
        result[name] = round(fmean(known), 3) if known else float("nan")
    return result


def alpha_iou(made: Pixels, truth: Pixels) -> float:
    """Return the overlap of the two silhouettes over their union."""
    a, b = made[..., 3] > 127, truth[..., 3] > 127
    return float((a & b).sum() / max(1, (a | b).sum()))


def colour_error(made: Pixels, truth: Pixels) -> float:
    """Return the mean CIEDE2000 within the true silhouette, both on white paper."""
    inside = truth[..., 3] > SOLID
    if not inside.any():
        return 0.0
    return float(colour_distance(on_white(made)[inside], on_white(truth)[inside]).mean())


def colour_distance(one: Pixels, other: Pixels) -> NDArray[np.float64]:
    """Return the CIEDE2000 between sRGB colours (N, 3); the others may be a single one, (3,)."""
    lab = (np.asarray(rgb2lab(colours / 255)) for colours in np.broadcast_arrays(one, other))
    return ciede2000(*lab)


def ciede2000(one: NDArray[np.float64], other: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the CIEDE2000 (Sharma et al., 2005) between CIELAB colours, channels last."""
    found = deltaE_ciede2000(one, other)
    return np.asarray(found, np.float64)


def find_edges(made: Pixels) -> Mask:
    """Return where neighbouring colours differ, on white paper."""
    lab = _lab(made)
    right = np.linalg.norm(lab[:, 2:] - lab[:, :-2], axis=-1)[1:-1]
    down = np.linalg.norm(lab[2:] - lab[:-2], axis=-1)[:, 1:-1]
    return np.pad(np.maximum(right, down) > STEP, 1)


def near(these: Mask, those: Mask, reach: int = NEAR) -> float:
    """Return the share of these pixels that have one of those within reach, px."""
    return float((these & grow(those, reach)).sum() / max(1, these.sum()))


def crispness(made: Pixels, truth: Pixels) -> float:
    """Return how steep a picture's edges are where the true one has some: 1 is a clean cut.

    At the true picture's inner edges, the median share of the lightness contrast around them that
    lies between neighbours of one pixel; NaN where the picture made has no contrast there.
    """
    inside = shrink(truth[..., 3] > SOLID, AROUND)
    light = _lab(made)[..., 0].astype(np.float32)
    right = np.abs(light[:, 2:] - light[:, :-2])[1:-1]
    down = np.abs(light[2:] - light[:-2])[:, 1:-1]
    steep = ndimage.maximum_filter(np.pad(np.maximum(right, down), 1), AROUND)
    contrast = ndimage.maximum_filter(light, AROUND) - ndimage.minimum_filter(light, AROUND)
    seen = find_edges(truth) & inside & (contrast > 2 * STEP)
    return float(np.median(steep[seen] / contrast[seen])) if seen.any() else float("nan")


def rim_width(made: Pixels) -> float:
    """Return how many half-covered pixels there are for each pixel of the contour."""
    inside = made[..., 3] > 127
    partly = (made[..., 3] > 25) & (made[..., 3] < 230)
    return float(partly.sum() / max(1, (inside & ~shrink(inside, 1)).sum()))


def f1(precision: float, recall: float) -> float:
    """Return the harmonic mean."""
    return 2 * precision * recall / max(precision + recall, 1e-6)


def unevenness(made: Pixels, sketch: Pixels) -> float:
    """Return the rms Lab deviation within the sketch's closed regions: blotches, and shading."""
    free = shrink(sketch[..., 3] < 40, 2) & (made[..., 3] > SOLID)
    regions, count = label(free)
    if count == 0:
        return 0.0
    lab = _lab(made)
    index = np.arange(1, count + 1)
    variance = sum(ndimage.variance(lab[..., c], regions, index) for c in range(3))
    area = ndimage.sum_labels(free, regions, index)
    return float(np.sqrt((variance * area).sum() / area.sum()))


def median_colour(made: Pixels, within: Mask) -> Pixels | None:
    """Return the median sRGB colour of what is painted within a mask."""
    chosen = made[(made[..., 3] > SOLID) & within][:, :3]
    return np.median(chosen, axis=0).astype(np.uint8) if len(chosen) else None


def nearest_word(colour: Pixels | None, words: Sequence[str]) -> str:
    """Name an sRGB colour (3,) by the nearest of some colour words in OKLab; "" for no colour."""
    return "" if colour is None else words[int(_nearest(colour[None], words)[0])]


def main_word(made: Pixels, words: Sequence[str]) -> str:
    """Name the colour that most of a picture has: the word that most painted pixels are nearest."""
    solid = made[made[..., 3] > SOLID][:, :3]
    if len(solid) == 0:
        return ""
    return words[int(_nearest(solid, words).bincount(minlength=len(words)).argmax())]


def on_white(pixels: Pixels) -> Pixels:
    """Lay a picture on white paper: (H, W, 3)."""
    alpha = pixels[..., 3:] / 255
    return np.asarray(pixels[..., :3] * alpha + 255 * (1 - alpha), np.uint8)


def _nearest(colours: Pixels, words: Sequence[str]) -> torch.Tensor:
    lab = srgb_to_oklab(torch.from_numpy(colours).float() / 255)
    return torch.cdist(lab, torch.tensor([COLOUR_WORDS[word] for word in words])).argmin(1)


def _lab(pixels: Pixels) -> NDArray[np.float64]:
    alpha = pixels[..., 3:] / 255
    return np.asarray(rgb2lab(pixels[..., :3] / 255 * alpha + 1 - alpha))
