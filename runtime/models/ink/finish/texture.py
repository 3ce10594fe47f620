"""What a large picture has that a draft has not: the surface of its style. A rule, no network.

*shaded* gets the mottle and the grain of paper, which also keeps its gradients from banding; *3d*
gets soft contact shadows along its lines and a fine noise where it shines; the lights of *noto* are
cut hard at the picture's own size. *flat* is clean and stays so.
"""

from __future__ import annotations

from functools import lru_cache

import cv2
import numpy as np

from ..colour import Floats
from ..layout import SIZE

MOTTLE, GRAIN = 0.009, 0.012  # of *shaded*: standard deviations of brightness
PATCHES = ((48, 0.6), (128, 0.8))  # of the mottle: cells across the picture, and their share
CONTACT, CONTACT_PX = 0.22, 3.0  # of *3d*: how dark beside a line, and how wide, px of 256
SPARKLE, DITHER = 0.035, 0.004  # noise where it shines, and everywhere
SHINE = 0.72  # brightness from which it shines
CUT_PX = 4.0  # of *noto*, px of 256: how soft an edge of light is cut
FAINT, PLAIN = 0.025, 0.06  # contrast from which it is one, and from which it is cut in full
EDGE = 3.0  # px that a cut is wide: crisp, and softer than the edge of a shape
_GREY = np.array([0.30, 0.59, 0.11], np.float32)  # brightness of a colour (ITU-R BT.601)
DIM = 0.05  # brightness that is added, so that light on black counts little
_TILE = 512  # px of noise that is repeated


def textured(picture: Floats, lines: Floats, style: str, seed: int) -> None:
    """Give a picture (4, S, S), straight in 0..1, its style's surface, in place.

    `lines` is coverage by strokes, (S, S). A seed repeats its grain.
    """
    side, rgb = len(lines), picture[:3]
    if style == "shaded":
        rgb *= 1 + GRAIN * _grain(side, seed) + MOTTLE * _mottle(side, seed)
    elif style == "3d":
        shine = np.clip((brightness(picture) - SHINE) / (1 - SHINE), 0, 1) * SPARKLE + DITHER
        rgb *= 1 - CONTACT * _beside(lines, CONTACT_PX) + shine * _grain(side, seed)
    np.clip(rgb, 0, 1, out=rgb)


def brightness(picture: Floats) -> Floats:
    """Return how bright the pixels of a picture (4, S, S) are, (S, S)."""
    bright: Floats = np.tensordot(_GREY, picture[:3], 1)
    return bright


def with_cut_light(picture: Floats, unlit: Floats) -> None:
    """Cut the soft edges of light on a picture (4, S, S) hard, in place.

    `unlit` is the brightness that it had without light, (S, S).
    """
    gain = (brightness(picture) + DIM) / (unlit + DIM)
    rgb = picture[:3]
    rgb *= _cut(gain) / gain
    np.clip(rgb, 0, 1, out=rgb)


def _beside(lines: Floats, width: float) -> Floats:
    """Return how near a pixel is to lines, 0..1."""
    small = cv2.resize(lines, (SIZE, SIZE), interpolation=cv2.INTER_AREA)
    soft = cv2.GaussianBlur(small, (0, 0), width)
    return _enlarged(np.asarray(soft, np.float32), len(lines))


def _cut(light: Floats) -> Floats:
    """Return light with hard edges in place of soft ones.

    A pixel takes the brighter or the darker side's, whichever it is nearer to (toggle mapping,
    Kramer and Bruckner, 1975), over an edge as wide as a pixel.
    """
    light = np.asarray(cv2.GaussianBlur(light, (0, 0), len(light) / SIZE))
    small = np.asarray(cv2.resize(light, (SIZE, SIZE), interpolation=cv2.INTER_AREA), np.float32)
    reach = 2 * round(CUT_PX) + 1
    around = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (reach, reach))
    sides = (cv2.erode(small, around), cv2.dilate(small, around))
    low, high = (_enlarged(np.asarray(side, np.float32), len(light)) for side in sides)
    contrast = high - low
    slope = np.hypot(
        *(cv2.Sobel(light, cv2.CV_32F, x, y, ksize=3, scale=1 / 8) for x, y in ((1, 0), (0, 1)))
    )
    away = (light - (low + high) / 2) / np.maximum(slope, 1e-4)  # px from the middle of the edge
    cut = low + contrast * np.clip(away / EDGE + 0.5, 0, 1)
    sure = np.clip((contrast - FAINT) / (PLAIN - FAINT), 0, 1)
    return np.asarray(light + sure * (cut - light), np.float32)


def _grain(size: int, seed: int) -> Floats:
    """Return white noise (S, S)."""
    times = -(-size // _TILE)
    return np.tile(_noise(_TILE, seed), (times, times))[:size, :size]


def _mottle(size: int, seed: int) -> Floats:
    """Return soft noise (S, S)."""
    patches = [_enlarged(_noise(cells, seed), size) * share for cells, share in PATCHES]
    return np.asarray(sum(patches), np.float32)


@lru_cache(8)
def _noise(side: int, seed: int) -> Floats:
    return np.random.default_rng((seed, side)).standard_normal((side, side), np.float32)


def _enlarged(maps: Floats, side: int) -> Floats:
    return np.asarray(cv2.resize(maps, (side, side), interpolation=cv2.INTER_CUBIC), np.float32)
