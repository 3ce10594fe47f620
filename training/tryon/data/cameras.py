"""Cameras: a photographer's in front of a person, and the plane that garments are laid on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from .bodies import Body
from .cast import Floats
from .poses import Vector

HEIGHT, WIDTH = 512, 384  # px of a picture of a person
FLAT = 512  # px of the square picture of a garment
FILLS = 0.86  # of it that the garment's longer side takes
FRAMINGS = ("selfie", "half", "knee", "full")


class Rays(NamedTuple):
    """One ray a pixel, row by row, through the pixels' middles: origins and unit directions."""

    start: Floats  # (h * w, 3)
    along: Floats  # (h * w, 3)


@dataclass(frozen=True)
class Camera:
    """A pinhole camera: its place, its axes (right, down, forwards) and focal length in pixels."""

    eye: Vector
    axes: NDArray[np.float64]  # (3, 3), rows
    focal: float

    def rays(self) -> Rays:
        x, y = _pixels(HEIGHT, WIDTH)
        aside = np.stack([(x - WIDTH / 2) / self.focal, (y - HEIGHT / 2) / self.focal], -1)
        along = np.concatenate([aside, np.ones((len(aside), 1))], 1) @ self.axes
        along /= np.linalg.norm(along, axis=1, keepdims=True)
        return Rays(np.tile(self.eye, (len(along), 1)).astype(np.float32), along.astype(np.float32))

    def project(self, points: NDArray[np.floating]) -> NDArray[np.float64]:
        """Return where points (n, 3) are in the picture: (n, 3) px, px, metres of depth."""
        seen = (points - self.eye) @ self.axes.T
        depth = np.maximum(seen[:, 2], 1e-3)
        middle = [WIDTH / 2, HEIGHT / 2]
        xy = seen[:, :2] / depth[:, None] * self.focal + middle
        return np.concatenate([xy, depth[:, None]], 1)


@dataclass(frozen=True)
class Plane:
    """Parallel rays from the front: how the picture of a garment sees it."""

    centre: tuple[float, float]  # x and z, metres
    scale: float  # px a metre

    @staticmethod
    def around(points: NDArray[np.floating]) -> Plane:
        """Return the plane whose square holds the points (n, 3)."""
        low, high = points.min(0), points.max(0)
        longest = max(high[0] - low[0], high[2] - low[2])
        centre = ((low[0] + high[0]) / 2, (low[2] + high[2]) / 2)
        return Plane((float(centre[0]), float(centre[1])), float(FILLS * FLAT / longest))

    def rays(self) -> Rays:
        x, y = _pixels(FLAT, FLAT)
        start = np.zeros((len(x), 3), np.float32)
        start[:, 0] = (x - FLAT / 2) / self.scale + self.centre[0]
        start[:, 2] = (FLAT / 2 - y) / self.scale + self.centre[1]
        start[:, 1] = -3.0
        return Rays(start, np.tile(np.array([0, 1, 0], np.float32), (len(x), 1)))

    def project(self, points: NDArray[np.floating]) -> NDArray[np.float64]:
        """Return where points (n, 3) are in the picture: (n, 2) px."""
        x, z = (points[:, 0] - self.centre[0]), (points[:, 2] - self.centre[1])
        return np.stack([x * self.scale + FLAT / 2, FLAT / 2 - z * self.scale], 1, dtype=float)


def photograph(rng: Generator, body: Body, posed: Floats, framing: str) -> Camera:
    """Set up a camera for a person who stands as `posed`: (v, 3)."""
    u = rng.uniform
    top, bottom = float(posed[:, 2].max()) + 0.04, float(posed[:, 2].min())
    tall = top - bottom
    span, distance, above = {
        "selfie": (u(0.5, 0.62) * tall, u(0.75, 1.3), u(-0.1, 0.25)),
        "half": (u(0.66, 0.82) * tall, u(1.5, 3.2), u(-0.25, 0.15)),
        "knee": (u(0.82, 0.98) * tall, u(2.0, 4.0), u(-0.3, 0.15)),
        "full": (u(1.06, 1.25) * tall, u(2.5, 5.0), u(-0.4, 0.1)),
    }[framing]
    margin = span * (u(0.03, 0.1) if framing != "full" else u(0.02, 0.06))
    middle = np.array(
        [u(-0.07, 0.07) * span, float(body.joint["root"][1]), top + margin - span / 2]
    )
    eye = middle + np.array([u(-0.1, 0.1) * distance, -distance, above])
    forward = (middle - eye) / np.linalg.norm(middle - eye)
    roll = rng.normal(0, 0.02)
    right = np.cross(forward, [np.sin(roll), 0.0, np.cos(roll)])
    right /= np.linalg.norm(right)
    axes = np.stack([right, np.cross(forward, right), forward])
    return Camera(eye, axes, float(HEIGHT * np.linalg.norm(middle - eye) / span))


def _pixels(height: int, width: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    y, x = np.mgrid[:height, :width]
    return x.ravel() + 0.5, y.ravel() + 0.5
