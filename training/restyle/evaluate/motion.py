"""A film whose motion is known exactly: a still picture, turned, zoomed and shifted by a path."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from ..data.packed import Picture

Matrix = NDArray[np.float64]  # (3, 3), of places in px

_MARGIN = 12  # px at the border that do not count
_NOISE = 3.0  # levels of 255, standard deviation


@dataclass(frozen=True)
class Film:
    """Frames, and for each after the first where its pixels were in the one before."""

    frames: list[Picture]
    back: list[Matrix]

    def flicker(self, shown: list[Picture]) -> float:
        """Return the mean difference of each frame and the one before, carried along exactly."""
        apart = []
        for number, matrix in enumerate(self.back, 1):
            high, wide = shown[number].shape[:2]
            size, flags = (wide, high), cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
            carried = cv2.warpPerspective(shown[number - 1], matrix, size, flags=flags)
            ones = np.ones((high, wide), np.float32)
            known = cv2.warpPerspective(ones, matrix, size, flags=flags) > 0.999
            known[:_MARGIN] = known[-_MARGIN:] = False
            known[:, :_MARGIN] = known[:, -_MARGIN:] = False
            gap = cv2.absdiff(shown[number], carried).mean(2)
            apart.append(float(gap[known].mean()))
        return float(np.mean(apart))


def film(picture: Picture, size: tuple[int, int], frames: int, moving: bool = True) -> Film:
    """Return a film of a picture, with a camera's noise; without motion only the noise is left."""
    rng = np.random.default_rng(5)
    placed = list(_path(picture, size, frames if moving else 1))
    if not moving:
        placed *= frames
    flags = cv2.INTER_AREA | cv2.WARP_INVERSE_MAP
    shot = []
    for matrix in placed:
        # Twice as fine, then averaged: the film itself is to be free of stairs.
        fine = matrix @ np.diag([0.5, 0.5, 1.0])
        large = (2 * size[0], 2 * size[1])
        seen = cv2.warpPerspective(
            picture, fine, large, flags=flags, borderMode=cv2.BORDER_REFLECT_101
        )
        small = cv2.resize(seen, size, interpolation=cv2.INTER_AREA).astype(np.float32)
        noisy = small + _NOISE * rng.standard_normal(small.shape)
        shot.append(np.clip(noisy + 0.5, 0, 255).astype(np.uint8))
    pairs = zip(placed[1:], placed[:-1], strict=True)
    return Film(shot, [np.linalg.inv(before) @ now for now, before in pairs])


def _path(picture: Picture, size: tuple[int, int], frames: int) -> Iterator[Matrix]:
    """Yield where in a picture (its px) a frame's pixels are."""
    high, wide = picture.shape[:2]
    base = 0.8 * min(wide / size[0], high / size[1])
    for number in range(frames):
        turn = 0.12 * np.sin(number * 0.21)
        zoom = base * (1 + 0.1 * np.sin(number * 0.17))
        shift = 0.06 * np.array([wide * np.sin(number * 0.19), high * np.cos(number * 0.23)])
        middle = np.array([wide / 2, high / 2]) + shift
        turned = zoom * np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
        matrix = np.eye(3)
        matrix[:2, :2] = turned
        matrix[:2, 2] = middle - turned @ (np.array(size) / 2)
        yield matrix
