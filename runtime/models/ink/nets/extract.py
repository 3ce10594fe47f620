"""Palettes of pictures: six OKLab colours with their shares, by k-means."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray

from ..layout import COLOURS
from .colour import srgb_to_oklab

ROUNDS = 6


def extract_palette(small: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Return the (6, 4) palette of a premultiplied (H, W, 4) picture, largest share first.

    A row is OKLab L, a, b and the share of the silhouette; shares sum to 1. Seeds are chosen
    farthest-first, so that small accents (eyes, stems) get a row of their own.
    """
    flat = small.reshape(-1, 4).astype(np.float32) / 255
    solid = flat[flat[:, 3] > 0.5]
    if len(solid) == 0:
        return np.zeros((COLOURS, 4), np.float32)
    rgb = torch.from_numpy(solid[:, :3] / solid[:, 3:]).clamp(0, 1)
    points = srgb_to_oklab(rgb).numpy()
    centres = _farthest_first(points)
    for _ in range(ROUNDS):
        nearest = _nearest(points, centres)
        for k in range(COLOURS):
            if (nearest == k).any():
                centres[k] = points[nearest == k].mean(0)
    shares = np.bincount(_nearest(points, centres), minlength=COLOURS) / len(points)
    order = np.argsort(-shares, kind="stable")
    return np.concatenate([centres, shares[:, None]], 1)[order].astype(np.float32)


def _farthest_first(points: NDArray[np.float32]) -> NDArray[np.float32]:
    """Choose seeds: the mean, then the point farthest from all seeds, ignoring rare outliers."""
    centres = [np.median(points, axis=0)]
    for _ in range(COLOURS - 1):
        distance = ((points[:, None] - np.stack(centres)) ** 2).sum(-1).min(1)
        centres.append(points[np.argsort(distance)[int(0.99 * (len(points) - 1))]])
    return np.stack(centres)


def _nearest(points: NDArray[np.float32], centres: NDArray[np.float32]) -> NDArray[np.intp]:
    distance: NDArray[np.float32] = ((points[:, None] - centres) ** 2).sum(-1)
    nearest: NDArray[np.intp] = distance.argmin(1)
    return nearest
