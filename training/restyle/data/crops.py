"""Crops of pictures, as they are learned from: at many scales, some with writing on them."""

from __future__ import annotations

import numpy as np
from numpy.random import Generator
from PIL import Image, ImageDraw, ImageFont

from .packed import Picture

SIDE = 400  # pixels of a crop
_LEAST_SIDE = 280  # of a picture, that a crop shows
_CALM = 7.0  # standard deviation below which a crop shows nothing
_WRITTEN = 0.09  # of the crops
_WORDS = (
    "light wind over water a street in autumn breakfast at noon EXIT 24 open daily market "
    "Nothing to declare fresh bread Platform 3 please wait here Tuesday 17:45 the quick brown fox"
).split()


def crops(picture: Picture, count: int, rng: Generator) -> list[Picture]:
    """Return so many square crops of a picture, or fewer where most of it is empty."""
    found: list[Picture] = []
    high, wide = picture.shape[:2]
    most = min(high, wide)
    for _ in range(4 * count):
        if len(found) == count:
            break
        # Large sides are as likely as small ones by their ratio, not by their difference.
        least = min(most, max(_LEAST_SIDE, most // 5))
        side = round(least * (most / least) ** rng.random())
        y, x = (int(rng.integers(length - side + 1)) for length in (high, wide))
        crop = Image.fromarray(picture[y : y + side, x : x + side])
        small = np.asarray(crop.resize((SIDE, SIDE), Image.Resampling.LANCZOS))
        if small.std() > _CALM:
            found.append(written(small, rng) if rng.random() < _WRITTEN else small)
    return found


def written(picture: Picture, rng: Generator) -> Picture:
    """Return a picture with some lines of writing on it."""
    image = Image.fromarray(picture)
    draw = ImageDraw.Draw(image)
    y = float(rng.uniform(10, 120))
    while y < SIDE - 20 and rng.random() < 0.93:
        size = float(rng.uniform(9, 46))
        words = rng.choice(_WORDS, size=int(rng.integers(2, 9)))
        ink = (0, 0, 0) if rng.random() < 0.45 else (255, 255, 255)
        if rng.random() < 0.3:
            red, green, blue = (int(part) for part in rng.integers(0, 256, 3))
            ink = (red, green, blue)
        font = ImageFont.load_default(size)
        draw.text((float(rng.uniform(-20, 60)), y), " ".join(words), fill=ink, font=font)
        y += size * float(rng.uniform(1.1, 1.8))
    return np.asarray(image)
