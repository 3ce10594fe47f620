"""The light on the clothes that are worn: folds and soft shadows, to be laid on other cloth."""

from __future__ import annotations

import cv2
import numpy as np

from ..arrays import Floats, Pixels, enlarged, smoothed

SHRINK = 4  # light is smooth: it is read at a quarter of the size
_COLOURS = 3  # of worn clothes; each is compared with itself, as stripes and lapels are no folds
_LEAST = 15  # px of a colour, at that size
_LIGHTNESS = np.array([0.7, 1, 1], np.float32)  # a shaded colour is the same colour
_FOLD, _BROAD = (0.2, 0.8), (0.15, 0.6)  # the most of log light, and the share that goes over
_DARK = 115  # L, 0..255: folds of darker cloth are noise, of black cloth almost all of it


def shade(lab: Pixels, clothes: Floats, unit: float) -> Floats:
    """Return how light falls on worn clothes, as log gains (H, W) of about ±0.3.

    ``lab`` is the picture in 8-bit Lab, ``clothes`` where they are, ``unit`` the shoulders' width.
    """
    height, width = clothes.shape
    size = max(1, width // SHRINK), max(1, height // SHRINK)
    small = cv2.resize(lab, size, interpolation=cv2.INTER_AREA).astype(np.float32)
    worn = (cv2.resize(clothes, size, interpolation=cv2.INTER_AREA) > 0.55).astype(np.float32)
    kinds = _kinds(small, worn)
    if kinds is None:
        return np.zeros((height, width), np.float32)
    light = np.log(small[..., 0] * np.float32(100 / 255) + 6)
    scale = unit / SHRINK / 60  # sigmas are of shoulders 60 px wide
    folds, broad = np.zeros_like(worn), np.zeros_like(worn)
    rim = 2 * max(1, round(scale)) + 1
    for kind in range(_COLOURS):
        of = (kinds == kind) * worn
        if of.sum() < _LEAST:
            continue
        near, middle, far = (_mean(light, of, sigma * scale) for sigma in (0.9, 6, 20))
        brightness = small[..., 0][of > 0].mean()
        # Beside another colour the mean is of both: seams of two are no folds of either.
        inner = cv2.erode(of, np.ones((rim, rim), np.uint8))
        trust = inner * np.float32(np.clip(brightness / _DARK, 0.25, 1))
        folds += np.tanh((near - middle) / _FOLD[0]) * _FOLD[0] * trust
        broad += np.tanh((middle - far) / _BROAD[0]) * _BROAD[0] * trust
    total = smoothed(folds, 0.5 * scale) * _FOLD[1] + smoothed(broad, 2 * scale) * _BROAD[1]
    return enlarged(total.astype(np.float32), width, height)


def _kinds(lab: Floats, worn: Floats) -> Floats | None:
    """Return which of a few colours each pixel has, None where hardly any cloth is seen."""
    points = lab[worn > 0] * _LIGHTNESS
    if len(points) < 4 * _LEAST:
        return None
    some = points[np.linspace(0, len(points) - 1, 1200).astype(np.intp)].astype(np.float32)
    # Clusters from the quantiles of lightness: no random start, so that a picture repeats itself.
    order = np.argsort(some[:, 0], kind="stable")
    labels = np.empty(len(some), np.int32)
    labels[order] = np.arange(len(some)) * _COLOURS // len(some)
    stop = (cv2.TERM_CRITERIA_EPS | cv2.TERM_CRITERIA_MAX_ITER, 10, 0.5)
    _, _, centres = cv2.kmeans(
        some, _COLOURS, labels[:, None], stop, 1, cv2.KMEANS_USE_INITIAL_LABELS
    )
    blurred = cv2.GaussianBlur(lab, (0, 0), 0.8) * _LIGHTNESS
    apart = np.stack([((blurred - centre) ** 2).sum(-1) for centre in centres], -1)
    return np.asarray(apart.argmin(-1).astype(np.float32))


def _mean(values: Floats, where: Floats, sigma: float) -> Floats:
    """Return the mean around each pixel, of the pixels that count."""
    total = smoothed(where, sigma)
    return np.asarray(smoothed(values * where, sigma) / np.maximum(total, 0.03), np.float32)
