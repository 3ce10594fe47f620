"""Tops with a closed front that are drawn flat: collar, stand, lining, label, placket or zip."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.uint8]
Colour = tuple[int, int, int]
SIDE = 768


@dataclass
class Collared:
    """A picture (768, 768, 4), and where what is looked for lies in it, px."""

    picture: Pixels
    label: tuple[int, int, int, int]  # left, top, right, bottom
    closes: int  # row at which the front begins


def collared(
    cloth: Colour,
    lining: Colour,
    label: Colour,
    neck: tuple[int, int] = (62, 150),
    deep: int = 250,
    zip_: Colour | None = None,
    seed: int = 3,
) -> Collared:
    """Draw a shirt; ``neck``: half its width and its row, ``deep``: the row its front closes at."""
    half, top = neck
    right = [(0, top), (half, top), (half + 28, top + 26), (190, 205), (330, 640), (250, 660)]
    right += [(172, 330), (172, 700), (0, 700)]
    shape = _filled(right)
    stand = _filled([(0, top), (half, top), (half + 8, top + 38), (0, top + 48)])
    inside = _filled([(0, top), (half, top), (half + 6, top + 30), (8, deep), (0, deep)])
    collar = _filled([(half, top), (half + 28, top + 26), (95, deep + 10), (8, deep)])
    paint = np.zeros((SIDE, SIDE, 3), np.float32) + cloth
    paint[inside > 0] = lining
    paint[(stand > 0) & (inside > 0)] = np.array(cloth) * 0.92
    seam = cv2.morphologyEx(stand, cv2.MORPH_GRADIENT, np.ones((3, 3), np.uint8))
    paint[(seam > 0) & (inside > 0)] *= 0.7
    edges = [(collar, 0.72, 5), (inside, 0.6, 5)]
    for of, dark, wide in edges:
        rim = cv2.morphologyEx(of, cv2.MORPH_GRADIENT, np.ones((wide, wide), np.uint8))
        paint[(rim > 0) & (shape > 0)] *= dark
    middle = SIDE // 2
    place = middle - 26, top + 56, middle + 26, top + 80
    paint[place[1] : place[3], place[0] : place[2]] = label
    front = np.s_[deep:700, middle - 3 : middle + 3]
    paint[front] = np.array(cloth) * 0.7 if zip_ is None else zip_
    if zip_ is None:
        paint[deep + 12 : 700, middle + 18 : middle + 20] *= 0.8
    random = np.random.default_rng(seed)
    folds = cv2.GaussianBlur(random.normal(0, 1, (SIDE, SIDE)).astype(np.float32), (0, 0), 22)
    light = 1 + 1.5 * folds[..., None] + random.normal(0, 0.02, (SIDE, SIDE, 1))
    soft = cv2.GaussianBlur(paint * light.astype(np.float32), (0, 0), 0.8)
    alpha = np.asarray(shape, np.float32) * 255
    picture = np.dstack([np.clip(soft, 0, 255), alpha]).astype(np.uint8)
    return Collared(picture, place, deep)


def _filled(right: list[tuple[int, int]]) -> Pixels:
    """Return a shape that its right half gives, and its mirror image; x from the middle."""
    middle = SIDE // 2
    whole = [(middle - x, y) for x, y in reversed(right)] + [(middle + x, y) for x, y in right]
    mask = np.zeros((SIDE, SIDE), np.uint8)
    cv2.fillPoly(mask, [np.array(whole, np.int32)], (1,))
    return mask


def striped(across: int, down: int, shade: float = 0.8) -> Pixels:
    """Draw a T-shirt (768, 768, 4) of stripes so many px apart, 0 for none; its neck is round."""
    right = [(0, 150), (66, 138), (190, 190), (300, 360), (236, 398), (172, 330), (172, 700)]
    shape = _filled([*right, (0, 700)])
    y, x = np.mgrid[:SIDE, :SIDE]
    printed = np.zeros((SIDE, SIDE), bool)
    for at, apart in ((x, across), (y, down)):
        if apart:
            printed ^= (at - SIDE // 2) % apart < apart // 2
    paint = np.where(printed[..., None], (40, 60, 90), (225, 225, 215)).astype(np.float32)
    inside = np.hypot((x - SIDE // 2) / 66, (y - 138) / 74) < 1
    paint[inside] *= shade
    soft = cv2.GaussianBlur(paint, (0, 0), 0.8)
    return np.dstack([soft, np.asarray(shape, np.float32) * 255]).astype(np.uint8)
