"""What is behind people: rooms, blurred places and surfaces, made up or of free photographs."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import cv2
import numpy as np
import skimage
from numpy.random import Generator

from .arrays import Bytes, Floats, blurred, floats

# Of scikit-image's data: public domain or CC0, and without people.
PHOTOGRAPHS = (
    "coffee.png",
    "chelsea.png",
    "brick.png",
    "grass.png",
    "gravel.png",
    "rocket.jpg",
    "hubble_deep_field.jpg",
)


@cache
def photographs() -> tuple[Bytes, ...]:
    """Return the free photographs, RGB."""
    folder = Path(skimage.__file__).parent / "data"
    found = (cv2.imread(str(folder / name)) for name in PHOTOGRAPHS)
    return tuple(np.asarray(each, np.uint8)[..., ::-1] for each in found)


def clouds(rng: Generator, size: int, cells: int) -> Floats:
    """Return smooth noise (size, size) of unit variance, with blots of about size / cells."""
    noise = rng.standard_normal((cells, cells), np.float32)
    return floats(cv2.resize(noise, (size, size), interpolation=cv2.INTER_CUBIC))


def ground(rng: Generator, size: int) -> Floats:
    """Return a background (size, size, 3), sRGB 0..255."""
    kind = rng.random()
    if kind < 0.3:
        made = _wall(rng, size)
    elif kind < 0.6:
        made = _room(rng, size)
    elif kind < 0.8:
        made = _photograph(rng, size)
    else:
        made = _place(rng, size)
    blur = rng.choice([0, 0, 1, 2, 4, 8])
    if blur:
        made = blurred(made, float(blur))
    return floats(np.clip(made, 0, 255))


def _colour(rng: Generator, vivid: float = 40) -> Floats:
    grey = rng.uniform(20, 250)
    return np.clip(grey + rng.normal(0, rng.uniform(2, vivid), 3), 0, 255).astype(np.float32)


def _wall(rng: Generator, size: int) -> Floats:
    """A lit wall: a gradient, soft shadows, some grain."""
    ys, xs = np.mgrid[:size, :size].astype(np.float32) / size
    slope = rng.uniform(-0.35, 0.35, 2)
    light = 1 + slope[0] * (xs - 0.5) + slope[1] * (ys - 0.5)
    light = light * (1 + rng.uniform(0, 0.06) * clouds(rng, size, int(rng.integers(3, 9))))
    grain = clouds(rng, size, size // 2) * rng.uniform(0, 4)
    return floats(light[..., None] * _colour(rng, 25) + grain[..., None])


def _room(rng: Generator, size: int) -> Floats:
    """A wall with things on it: doors, shelves, pictures; lines that go on behind people."""
    made = _wall(rng, size)
    tilt = rng.normal(0, 0.04)
    for _ in range(int(rng.integers(2, 14))):
        w, h = rng.uniform(0.03, 0.6, 2) * size
        x, y = rng.uniform(-0.2, 1.0, 2) * size
        if rng.random() < 0.3:
            w, h = (2 * size, h * 0.4) if rng.random() < 0.5 else (w * 0.4, 2 * size)
        corners = np.array([[x, y], [x + w, y + w * tilt], [x + w, y + h], [x, y + h - w * tilt]])
        colour = tuple(float(c) for c in _colour(rng))
        layer = made.copy()
        cv2.fillConvexPoly(layer, corners.astype(np.int32), colour, cv2.LINE_AA)
        share = rng.uniform(0.3, 1)
        made = made + (layer - made) * np.float32(share)
        if rng.random() < 0.4:
            edge = tuple(float(c) for c in _colour(rng))
            cv2.polylines(
                made, [corners.astype(np.int32)], True, edge, int(rng.integers(1, 4)), cv2.LINE_AA
            )
    return floats(made + clouds(rng, size, size // 2)[..., None] * rng.uniform(0, 3))


def _photograph(rng: Generator, size: int) -> Floats:
    """A part of a free photograph, with other colours."""
    photograph = photographs()[rng.integers(len(photographs()))]
    side = int(min(photograph.shape[:2]) * rng.uniform(0.4, 1))
    y, x = (int(rng.integers(0, extent - side + 1)) for extent in photograph.shape[:2])
    made = cv2.resize(photograph[y : y + side, x : x + side], (size, size)).astype(np.float32)
    if rng.random() < 0.5:
        made = made[:, ::-1]
    mean = made.mean((0, 1))
    tint = rng.uniform(0.7, 1.25, 3).astype(np.float32)
    varied = (made - mean) * rng.uniform(0.4, 1.1) + mean * tint + rng.uniform(-30, 50)
    return floats(varied)


def _place(rng: Generator, size: int) -> Floats:
    """Outdoors out of focus: clouds of all sizes in a few colours, and lamps."""
    made = np.zeros((size, size, 3), np.float32) + _colour(rng)
    for cells in (3, 6, 12, 24, 48):
        amount = rng.uniform(0.2, 1.2) * 40 / cells**0.4
        made += (
            clouds(rng, size, cells)[..., None]
            * np.float32(amount)
            * rng.uniform(0.3, 1, 3).astype(np.float32)
        )
    for _ in range(int(rng.integers(0, 12))):
        at = tuple(int(v) for v in rng.uniform(0, size, 2))
        layer = made.copy()
        cv2.circle(
            layer,
            at,
            int(rng.uniform(3, 0.1 * size)),
            tuple(float(c) for c in _colour(rng, 60)),
            -1,
            cv2.LINE_AA,
        )
        made = made + (layer - made) * np.float32(rng.uniform(0.2, 0.9))
    return made
