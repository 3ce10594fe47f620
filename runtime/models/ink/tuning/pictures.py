"""A folder of pictures as training data: what they show, how they are painted, and their lines."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from livedraft.errors import InvalidImage

from ...tuning.folder import caption, opened, pictures_in
from ..colour import Floats, srgb_to_oklab
from ..layout import SIZE
from .outlines import outline

MARGIN = 20  # px left free around what a picture shows
NEAR = 0.06  # OKLab distance within which a pixel is of the background's colour
FAINT = 25  # of 255, coverage that counts as none
PLAIN = 0.7  # share of the border that a background must have


@dataclass(frozen=True)
class Picture:
    """One picture to learn from, 256 x 256."""

    caption: str
    art: Floats  # (256, 256, 4) premultiplied, 0..1
    lines: Floats  # (256, 256), 0..1


def read_folder(folder: Path) -> list[Picture]:
    """Read all pictures of a folder; raise ConfigError or InvalidImage where they will not do."""
    return [read_picture(path) for path in pictures_in(folder)]


def read_picture(path: Path) -> Picture:
    """Read one picture, its background made transparent; raise InvalidImage."""
    image = opened(path)
    image.thumbnail((4 * SIZE, 4 * SIZE))
    pixels = np.array(image)
    if (pixels[..., 3] > 250).mean() > 0.98:
        pixels[..., 3] = _cut_out(pixels[..., :3], path.name)
    art = _fitted(pixels, path.name)
    return Picture(caption(path), art, outline(art))


def _cut_out(rgb: NDArray[np.uint8], name: str) -> NDArray[np.uint8]:
    """Return the coverage of what stands before a plain background."""
    lab = srgb_to_oklab(np.asarray(rgb / 255, np.float32))
    border = np.concatenate([lab[0], lab[-1], lab[:, 0], lab[:, -1]])
    paper = np.median(border, axis=0)
    if (np.linalg.norm(border - paper, axis=1) < NEAR).mean() < PLAIN:
        raise InvalidImage(
            f"{name} has no plain background",
            fix="cut the object out (transparent), or put it before one colour",
        )
    alike = (np.linalg.norm(lab - paper, axis=2) < NEAR).astype(np.uint8)
    _, parts = cv2.connectedComponents(np.pad(alike, 1, constant_values=1), connectivity=4)
    inside = (parts != parts[0, 0])[1:-1, 1:-1].astype(np.uint8)
    shrunk = cv2.erode(inside, np.ones((3, 3), np.uint8))  # the rim is mixed with the paper
    return np.asarray(cv2.GaussianBlur(shrunk * np.uint8(255), (3, 3), 0), np.uint8)


def _fitted(pixels: NDArray[np.uint8], name: str) -> Floats:
    """Centre what is painted in a square of 256 px, premultiplied."""
    image = Image.fromarray(pixels)
    box = Image.fromarray(pixels[..., 3] > FAINT).getbbox()
    if box is None or min(box[2] - box[0], box[3] - box[1]) < 8:
        raise InvalidImage(f"{name} shows nothing", fix="take it out")
    image = image.crop(box).convert("RGBa")
    scale = (SIZE - 2 * MARGIN) / max(image.size)
    size = (max(1, round(image.width * scale)), max(1, round(image.height * scale)))
    image = image.resize(size, Image.Resampling.LANCZOS if scale < 1 else Image.Resampling.BICUBIC)
    square = Image.new("RGBa", (SIZE, SIZE))
    square.paste(image, ((SIZE - size[0]) // 2, (SIZE - size[1]) // 2))
    return np.asarray(np.array(square) / 255, np.float32)
