"""Figures for pictures against their sketches and references; (H, W, 4) uint8, straight alpha."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from scipy import ndimage  # type: ignore[import-untyped]
from skimage.color import deltaE_ciede2000, rgb2lab

from livedraft.runtime.models.base import Pixels
from livedraft.runtime.models.ink.nets.colour import srgb_to_oklab

from .captions import COLOUR_WORDS
from .regions import grow, label, shrink

NEAR = 3  # px, how far an edge may lie from its line
STEP = 6.0  # CIE Lab distance between neighbours that counts as an edge


def alpha_iou(made: Pixels, truth: Pixels) -> float:
    """Return the overlap of the two silhouettes over their union."""
    a, b = made[..., 3] > 127, truth[..., 3] > 127
    return float((a & b).sum() / max(1, (a | b).sum()))


def colour_error(made: Pixels, truth: Pixels) -> float:
    """Return the mean CIEDE2000 within the true silhouette, both on white paper."""
    inside = truth[..., 3] > 200
    if not inside.any():
        return 0.0
    error: NDArray[np.float64] = deltaE_ciede2000(  # type: ignore[no-untyped-call]
        _lab(made)[inside], _lab(truth)[inside]
    )
    return float(error.mean())


def edge_scores(made: Pixels, sketch: Pixels) -> tuple[float, float]:
    """Return edge precision and recall within 3 px: edges near a line, lines with an edge near."""
    lines = sketch[..., 3] > 127
    edges = _edges(made)
    near_lines = grow(lines, NEAR)
    near_edges = grow(edges, NEAR)
    return (
        float((edges & near_lines).sum() / max(1, edges.sum())),
        float((lines & near_edges).sum() / max(1, lines.sum())),
    )


def unevenness(made: Pixels, sketch: Pixels) -> float:
    """Return the rms Lab deviation within the sketch's closed regions: blotches, and shading."""
    free = shrink(sketch[..., 3] < 40, 2) & (made[..., 3] > 200)
    regions, count = label(free)
    if count == 0:
        return 0.0
    lab = _lab(made)
    index = np.arange(1, count + 1)
    variance = sum(ndimage.variance(lab[..., c], regions, index) for c in range(3))
    area = ndimage.sum_labels(free, regions, index)
    return float(np.sqrt((variance * area).sum() / area.sum()))


def nearest_main_word(made: Pixels, words: Sequence[str]) -> str:
    """Name the mean colour of a picture's opaque part, among some colour words."""
    solid = made[made[..., 3] > 200][:, :3]
    if len(solid) == 0:
        return ""
    mean = srgb_to_oklab(torch.from_numpy(solid).float() / 255).median(0).values
    known = torch.tensor([COLOUR_WORDS[w] for w in words])
    return words[int((known - mean).norm(dim=1).argmin())]


def _edges(made: Pixels) -> NDArray[np.bool_]:
    lab = _lab(made)
    right = np.linalg.norm(lab[:, 2:] - lab[:, :-2], axis=-1)[1:-1]
    down = np.linalg.norm(lab[2:] - lab[:-2], axis=-1)[:, 1:-1]
    return np.pad(np.maximum(right, down) > STEP, 1)


def _lab(pixels: Pixels) -> NDArray[np.float64]:
    alpha = pixels[..., 3:] / 255
    return np.asarray(rgb2lab(pixels[..., :3] / 255 * alpha + 1 - alpha))
