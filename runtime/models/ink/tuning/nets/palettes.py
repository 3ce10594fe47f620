"""Palettes of pictures: six OKLab colours with their shares, and how far two of them differ."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from ...layout import COLOURS
from .colour import srgb_to_oklab

ROUNDS = 6
ROUNDS_OF_CARRIAGE, BLUR = 10, 0.03  # when training; BLUR in OKLab


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


def transport(made: Tensor, true: Tensor) -> tuple[Tensor, Tensor]:
    """Compare palettes (B, 6, 4) as heaps of colour: (B,) each, in OKLab with chroma x 1.6.

    The first is what it costs to carry one heap to the other; the second how far each true
    colour, by the root of its share, lies from the nearest made one. Gradients reach colours
    through the plan of carriage, and shares through its price.
    """
    offset = (made[:, :, None, :3] - true[:, None, :, :3]) * made.new_tensor([1.0, 1.6, 1.6])
    cost = (offset.square().sum(-1) + 4e-4).sqrt()
    share = made[..., 3].clamp(min=1e-4)
    plan, price = carriage(cost.detach(), share.detach(), true[..., 3], BLUR, ROUNDS_OF_CARRIAGE)
    moved = (plan * cost).sum((1, 2)) + (price * (share - share.detach())).sum(1)
    weight = true[..., 3].clamp(min=1e-4).sqrt()
    missed = (cost.amin(1) * weight).sum(1) / weight.sum(1)
    return moved, missed


def carriage(
    cost: Tensor, made: Tensor, true: Tensor, blur: float, rounds: int
) -> tuple[Tensor, Tensor]:
    """Plan how shares (B, N) are carried to shares (B, M) at a cost (B, N, M) for each unit.

    Returns the plan, which sums to 1, and the price (B, N) of more of a share. By Sinkhorn's
    iteration (Cuturi, 2013), from coarse to fine; below `blur` a distance is as good as none.
    """
    mine, theirs = (s.clamp(min=1e-6).log().log_softmax(1) for s in (made, true))
    low, high = torch.zeros_like(mine), torch.zeros_like(theirs)
    coarse = max(float(cost.max()), blur)
    for step in range(rounds):
        width = blur * (coarse / blur) ** max(0.0, 1 - step / (0.6 * rounds))
        low = _softest(cost, high, theirs, width)
        high = _softest(cost.mT, low, mine, width)
        low = (low + _softest(cost, high, theirs, width)) / 2
        high = (high + _softest(cost.mT, low, mine, width)) / 2
    surplus = (low[:, :, None] + high[:, None] - cost) / blur
    plan = (surplus + mine[:, :, None] + theirs[:, None]).exp()
    return plan / plan.sum((1, 2), keepdim=True), low - (low * mine.exp()).sum(1, keepdim=True)


def _softest(cost: Tensor, potential: Tensor, share: Tensor, blur: float) -> Tensor:
    return -blur * ((potential[:, None] - cost) / blur + share[:, None]).logsumexp(2)
