"""From the decoder to pixels: enlarged, cut clean at the edge, under the kept lines."""

from __future__ import annotations

import cv2
import numpy as np

from ..base import Pixels, to_pixels
from .colour import Floats, oklab_to_srgb
from .layout import SHARPNESS, SIZE

TONE = 0.25  # of kept lines: how light, against the colour beneath
FAINT = 0.04  # coverage that counts as none; what misses full coverage by it counts as full


def side_by_side(cells: Floats) -> Floats:
    """Lay the four pixels of each cell out: (h, w, 2, 2, C) -> (2h, 2w, C)."""
    height, width, _, _, channels = cells.shape
    return cells.transpose(0, 2, 1, 3, 4).reshape(height * 2, width * 2, channels)


def straight(premultiplied: Floats) -> Floats:
    """Return (H, W, 4) in 0..1 with straight colours, faint coverage gone."""
    alpha = premultiplied[..., 3:]
    result = np.asarray(premultiplied / np.maximum(alpha, 0.02), np.float32)
    result[..., 3:] = _clean(alpha)
    return np.clip(result, 0, 1, out=result)


def enlarge(picture: Floats, logits: Floats, palette: Floats, size: int) -> Floats:
    """Return a straight (256, 256, 4) picture at another size, its edges as sharp as before.

    Which of the palette's colours a pixel has, and whether it is covered, is interpolated while
    still undecided (logits) and decided at the new size: contours stay smooth and become crisp.
    What the decoder added to the palette's colours is soft, and is interpolated as it is.
    """
    factor = size / SIZE

    def grown(part: Floats, how: int = cv2.INTER_CUBIC) -> Floats:
        return np.asarray(cv2.resize(part, (size, size), interpolation=how), np.float32)

    colours = oklab_to_srgb(palette[0, :, :3])
    alpha = picture[..., 3:]  # uncovered pixels have no colour to interpolate with
    added = (picture[..., :3] - _mixed(logits * SHARPNESS, colours)) * alpha
    weight = np.maximum(grown(alpha, cv2.INTER_LINEAR), 0.02)[..., None]
    shading = grown(added, cv2.INTER_LINEAR) / weight
    rgb = _mixed(grown(logits) * (SHARPNESS * factor), colours) + shading
    cover = np.clip(picture[..., 3], 0.002, 0.998)
    edge = grown(np.log(cover / (1 - cover))) * factor
    covered = 1 / (1 + np.exp(-np.clip(edge, -15, 15)))
    whole: Floats = np.dstack([rgb, _clean(covered)])
    return np.clip(whole, 0, 1)


def resized(map_: Floats, size: int) -> Floats:
    """Return a soft map (H, W) at another size."""
    if len(map_) == size:
        return map_
    return np.asarray(cv2.resize(map_, (size, size), interpolation=cv2.INTER_LINEAR), np.float32)


def under_lines(picture: Floats, ink: Floats) -> Pixels:
    """Keep ink (H, W) in 0..1 on a straight picture, in a dark tone of what it covers."""
    inked = ink > 0
    if inked.any():
        strength, alpha = ink[inked, None], picture[inked, 3:]
        below = alpha * (1 - strength)
        covered = strength + below
        tone = picture[inked, :3] * (TONE * strength + below) / covered
        picture[inked] = np.concatenate([tone * (alpha > 0), covered], 1)
    pixels = to_pixels(picture)
    pixels[pixels[..., 3] == 0] = 0
    return pixels


def _mixed(logits: Floats, colours: Floats) -> Floats:
    """Mix the palette's colours by softmax: (H, W, 6) and (6, 3) -> (H, W, 3)."""
    chosen = np.exp(logits - logits.max(-1, keepdims=True))
    mixed: Floats = (chosen @ colours) / chosen.sum(-1, keepdims=True)
    return mixed


def _clean(alpha: Floats) -> Floats:
    return (alpha - FAINT) / (1 - 2 * FAINT)
