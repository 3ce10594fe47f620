"""A photograph as an illustration: few flat colours and dark lines. A rule, nothing is trained.

The networks were trained on line art; of a photograph they make mud. How to draw one is long known:
smooth within edges, few colours, lines where brightness drops (Winnemöller, Olsen and Gooch, 2006,
"Real-time video abstraction"; the lines as in XDoG, Winnemöller et al., 2012).
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from livedraft.protocol.messages import Note

from ..colour import Floats, srgb_to_oklab

OF_A_PHOTOGRAPH = Note(
    code="photograph",
    message="A photograph is drawn in its own colours; words and palette change nothing.",
    param="prompt",
    choices=[],
)
COLOURS = {"flat": 10, "noto": 6, "shaded": 24, "3d": 24}  # by style
SOFT = {"flat": 0.0, "noto": 0.0, "shaded": 0.55, "3d": 0.55}  # how much of gradients stays
MIDDLE = 0.5  # the strength at which a style is itself
SMOOTHINGS = 3
REACH, LIKE = 7, 30.0  # of smoothing: px at 256, and of 255 how unlike neighbours may be
GRAIN = 5  # px: what is smaller is grain
SPECK = 7  # px: of one colour in another, what is smaller goes
LEARNT = 64  # px a side that the colours are found from
LEVELS = 32  # of each of red, green and blue, among which the nearest colour is looked up
DARKEST = 0.85  # how much a line takes of the colour below
_SEED = 7  # of the colours' search

Bytes = NDArray[np.uint8]


def poster(photograph: Floats, style: str, strength: float, lines: float) -> Floats:
    """Return a photograph (S, S, 4), straight in 0..1, as an illustration of the same size.

    The greater `strength`, the fewer gradients stay; `lines` is how dark lines are, both in 0..1.
    """
    rgb = _smooth(np.rint(photograph[..., :3] * 255).astype(np.uint8))
    drawn = _few_colours(rgb, COLOURS[style]).astype(np.float32)
    soft = float(np.clip(SOFT[style] + MIDDLE - strength, 0, 1))
    if soft > 0:
        drawn += (rgb - drawn) * np.float32(soft)
    if lines > 0:
        drawn *= 1 - np.float32(DARKEST * lines) * _drops(rgb)[..., None]
    drawn /= 255
    return np.concatenate([drawn, photograph[..., 3:]], 2)


def _smooth(rgb: Bytes) -> Bytes:
    """Smooth within edges; what is finer than at 512 px is smoothed no further."""
    reach = REACH if len(rgb) <= 256 else 2 * REACH - 1
    rgb = np.asarray(cv2.medianBlur(rgb, GRAIN), np.uint8)
    for _ in range(SMOOTHINGS):
        rgb = np.asarray(cv2.bilateralFilter(rgb, reach, LIKE, reach / 2), np.uint8)
    return rgb


def _few_colours(rgb: Bytes, count: int) -> Bytes:
    """Give each pixel the nearest of a few colours, found and compared in OKLab."""
    small = np.asarray(cv2.resize(rgb, (LEARNT, LEARNT), interpolation=cv2.INTER_AREA), np.float32)
    flat = small.reshape(-1, 3)
    points = np.ascontiguousarray(srgb_to_oklab(flat / np.float32(255)), np.float32)
    cv2.setRNGSeed(_SEED)
    until = (cv2.TERM_CRITERIA_EPS + cv2.TERM_CRITERIA_MAX_ITER, 20, 1e-3)
    start = np.zeros((len(points), 1), np.int32)
    _, found, centres = cv2.kmeans(points, count, start, until, 1, cv2.KMEANS_PP_CENTERS)
    members = np.asarray(found, np.intp)[:, 0]
    sizes = np.maximum(np.bincount(members, minlength=count), 1)
    sums = [np.bincount(members, flat[:, k], count) / sizes for k in range(3)]
    colours = np.rint(np.stack(sums, 1)).astype(np.uint8)
    table = _nearest(np.asarray(centres, np.float32))
    step = 256 // LEVELS
    red, green, blue = (rgb[..., k].astype(np.intp) // step for k in range(3))
    labels = table[(red * LEVELS + green) * LEVELS + blue]
    labels = np.asarray(cv2.medianBlur(labels, SPECK), np.uint8)
    drawn: Bytes = colours[labels]
    return drawn


def _nearest(centres: Floats) -> Bytes:
    """Return which of some OKLab colours is nearest to each level of red, green and blue."""
    level = (np.arange(LEVELS, dtype=np.float32) + np.float32(0.5)) / np.float32(LEVELS)
    grid = np.stack(np.meshgrid(level, level, level, indexing="ij"), 3).reshape(-1, 3)
    lab = srgb_to_oklab(np.asarray(grid, np.float32))
    away = (centres**2).sum(1) - 2 * lab @ centres.T  # but for what is the same for all
    nearest: Bytes = away.argmin(1).astype(np.uint8)
    return nearest


def _drops(rgb: Bytes) -> Floats:
    """Return where brightness drops against its surroundings, 0..1: lines, as a pen would set."""
    light = np.asarray(cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY), np.float32)
    wide = 0.9 * len(rgb) / 256
    near, far = (cv2.GaussianBlur(light, (0, 0), sigma) for sigma in (wide, 1.6 * wide))
    line: Floats = np.clip((np.asarray(far - near, np.float32) - 2.5) / 5, 0, 1)
    return line
