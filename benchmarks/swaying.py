"""A moving picture whose motion is known: a person sways, leans and comes nearer."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import pi, sin

import cv2
import numpy as np
from numpy.typing import NDArray

from livedraft.runtime.models.base import Pixels
from livedraft.runtime.models.perception.pose import Pose

FRAME_US = 33_333


@dataclass(frozen=True)
class Shot:
    """One frame, and how the still became it."""

    picture: Pixels
    matrix: NDArray[np.float64]  # (2, 3)
    at_us: int

    def back(self, pose: Pose) -> NDArray[np.float64]:
        """Return where joints would be in the still, px."""
        turned = np.linalg.inv(self.matrix[:, :2]).T
        return ((pose.points - self.matrix[:, 2]) @ turned).astype(np.float64)


def film(still: Pixels, moves: float, count: int) -> Iterator[Shot]:
    """Yield frames of a still, (H, W, 3), with noise; ``moves`` says how lively, 0 at rest."""
    noise = np.random.default_rng(3)
    height, width = still.shape[:2]
    middle, sway = np.array([width / 2, height / 2]), max(height, width) / 256
    for number in range(count):
        at_s = number * FRAME_US / 1e6
        turn, grown = 0.06 * moves * sin(0.7 * pi * at_s), 1 + 0.05 * moves * sin(pi * at_s)
        cos, sine = np.cos(turn) * grown, np.sin(turn) * grown
        turned = np.array([[cos, -sine], [sine, cos]])
        shift = moves * sway * np.array([14 * sin(0.8 * pi * at_s), 6 * sin(0.6 * pi * at_s)])
        matrix = np.concatenate([turned, (middle + shift - turned @ middle)[:, None]], axis=1)
        moved = cv2.warpAffine(still, matrix, (width, height), borderMode=cv2.BORDER_REFLECT)
        grain = noise.normal(0, 4, moved.shape)
        picture = np.clip(moved.astype(np.float64) + grain, 0, 255).astype(np.uint8)
        yield Shot(picture, matrix, number * FRAME_US)


def trembling(places: NDArray[np.float64]) -> tuple[float, float]:
    """Return how joints, (frames, n, 2) brought back into the still, tremble and how far they lag.

    Root mean squares, px: from frame to frame, and off each joint's median. Motion itself counts
    for nothing.
    """
    jitter = np.linalg.norm(np.diff(places, axis=0), axis=-1)
    off = np.linalg.norm(places - np.median(places, axis=0), axis=-1)
    return float(np.sqrt(np.mean(jitter**2))), float(np.sqrt(np.mean(off**2)))
