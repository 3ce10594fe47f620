"""Skirts: tubes that hang from the hips and follow both legs."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray

from .bodies import ARMS, Body
from .cast import Floats, Ints

AROUND, ROWS = 72, 28
OVER = 0.002  # metres that it stands off what it hangs over


class Tube(NamedTuple):
    """A skirt in the rest pose; its points are moved by hips and thighs, weighted."""

    points: Floats  # (n, 3)
    outward: Floats  # (n, 3)
    faces: Ints  # (f, 3)
    weights: Floats  # (n, 3): root, left thigh, right thigh

    def posed(self, rest: Floats, body: Body, transforms: torch.Tensor) -> Floats:
        """Return its points (n, 3), given as they rest, in a pose."""
        names = ("root", "upperleg01.L", "upperleg01.R")
        moves = np.stack([transforms[0, body.bodies.bones.index(name)].numpy() for name in names])
        mixed = np.einsum("nk,kij->nij", self.weights, moves)
        return np.asarray(
            np.einsum("nij,nj->ni", mixed[:, :3, :3], rest) + mixed[:, :3, 3], np.float32
        )


def tube(body: Body, cloth: Floats, top: float, length: float, flare: float) -> Tube:
    """Hang a skirt of `length` metres from `top` down, around the outline of the `cloth` (v, 3)."""
    angle = np.linspace(0, 2 * np.pi, AROUND, endpoint=False)
    way = np.stack([np.cos(angle), np.sin(angle)], 1)
    heights = np.linspace(top, top - length, ROWS)
    own = cloth[~np.isin(body.bodies.part, ARMS)]
    centre = np.array([0.0, float(body.joint["root"][1]) + 0.02])
    reach = np.zeros((ROWS, AROUND))
    for row, z in enumerate(heights):
        near = own[np.abs(own[:, 2] - z) < 0.02]
        if len(near):
            reach[row] = ((near[:, :2] - centre) @ way.T).max(0)
    hips = int(np.searchsorted(-heights, -(float(body.joint["upperleg01.L"][2]) - 0.06)))
    held = np.maximum.accumulate(reach[: hips + 1])
    hanging = np.repeat(held[-1:], ROWS - hips - 1, 0)
    radius = np.concatenate([held, hanging]) + OVER
    fallen = np.clip((np.arange(ROWS) - hips) / max(ROWS - 1 - hips, 1), 0, 1)[:, None]
    radius = np.maximum(radius * (1 + (flare - 1) * fallen), (reach + 0.01) * (fallen < 0.5))
    xy = centre + radius[..., None] * way
    points = np.concatenate([xy, np.repeat(heights[:, None, None], AROUND, 1)], 2)
    outward = np.concatenate([way, np.zeros((AROUND, 1))], 1)
    return Tube(
        points.reshape(-1, 3).astype(np.float32),
        np.tile(outward, (ROWS, 1)).astype(np.float32),
        _faces(),
        _weights(points.reshape(-1, 3), float(body.joint["upperleg01.L"][2])),
    )


def _faces() -> Ints:
    """Return the tube's triangles, their front sides outwards."""
    row, column = np.meshgrid(np.arange(ROWS - 1), np.arange(AROUND), indexing="ij")
    a, b = row * AROUND + column, row * AROUND + (column + 1) % AROUND
    c, d = a + AROUND, b + AROUND
    return np.stack([a, c, b, b, c, d], -1).reshape(-1, 3).astype(np.int32)


def _weights(points: NDArray[np.float64], hip: float) -> Floats:
    leg = np.clip((hip + 0.02 - points[:, 2]) / 0.15, 0, 1)
    left = np.clip(points[:, 0] / 0.2 + 0.5, 0, 1)
    return np.stack([1 - leg, leg * left, leg * (1 - left)], 1).astype(np.float32)
