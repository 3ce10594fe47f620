"""Garments that are drawn flat, with a light and a shadow, and where their points are."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.uint8]
Outline = list[tuple[float, float]]

# The right halves, from the top's middle round to the hem's; x from the middle, in 1/1000.
HALVES: dict[str, Outline] = {
    "t-shirt": [(0, 190), (90, 150), (230, 190), (390, 350), (310, 430), (230, 380), (230, 850)],
    "long": [(0, 190), (80, 150), (210, 190), (420, 760), (340, 790), (210, 400), (210, 830)],
    "tank": [(0, 300), (90, 150), (150, 155), (150, 330), (220, 420), (220, 850)],
    "trousers": [(0, 150), (190, 150), (230, 380), (240, 900), (110, 900), (0, 420)],
    "shorts": [(0, 250), (210, 250), (270, 700), (90, 700), (0, 520)],
    "skirt": [(0, 200), (170, 200), (220, 360), (300, 820)],
    "dress": [(0, 190), (85, 110), (130, 115), (125, 230), (160, 300), (130, 440), (280, 900)],
    "sleeved dress": [
        *[(0, 140), (75, 90), (170, 120), (290, 250), (230, 310), (150, 260)],
        *[(120, 420), (260, 930)],
    ],
}


@dataclass
class Drawn:
    """A picture (side, side, 4) with alpha, and the same laid on a ground."""

    outline: NDArray[np.float32]  # (n, 2) px, both halves
    cut: Pixels
    laid: Pixels
    side: int

    def at(self, x: float, y: float) -> tuple[float, float]:
        """Return a place of `HALVES` on the right, px."""
        return (500 + x) * self.side / 1000, y * self.side / 1000


def drawn(
    name: str,
    colour: tuple[int, int, int] = (70, 100, 160),
    ground: tuple[int, int, int] = (238, 238, 236),
    side: int = 512,
    seed: int = 1,
) -> Drawn:
    """Draw a garment by name."""
    half = HALVES[name]
    whole = [(-x, y) for x, y in reversed(half)] + half
    outline = np.array([((500 + x) * side / 1000, y * side / 1000) for x, y in whole], np.float32)
    mask = np.zeros((side, side), np.uint8)
    cv2.fillPoly(mask, [np.round(outline * 16).astype(np.int32)], (255,), cv2.LINE_AA, shift=4)
    alpha = mask.astype(np.float32)[..., None] / 255
    random = np.random.default_rng(seed)
    folds = cv2.GaussianBlur(
        random.normal(0, 1, (side, side)).astype(np.float32), (0, 0), side / 40
    )
    light = 1 + 1.2 * folds[..., None] + random.normal(0, 0.02, (side, side, 1))
    cloth = np.clip(np.array(colour) * light, 0, 255)
    sigma = side / 60
    shadow = cv2.GaussianBlur(np.roll(mask, round(sigma), axis=0).astype(np.float32), (0, 0), sigma)
    below = np.array(ground) * (1 - 0.5 * shadow[..., None] / 255)
    laid = below * (1 - alpha) + cloth * alpha
    cut = np.concatenate([cloth, alpha * 255], -1)
    return Drawn(outline, cut.astype(np.uint8), laid.astype(np.uint8), side)
