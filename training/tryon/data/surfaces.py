"""What meshes need: normals, smoothing, the noise that folds are made of."""

from __future__ import annotations

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray
from scipy import sparse

from .cast import Floats, Ints

WAVES, STEEP = 9, (14.0, 60.0)  # how many waves a fold noise adds up; radians a metre


def normals(points: Floats, faces: Ints) -> Floats:
    """Return the unit normals (v, 3) of vertices, each face by its area."""
    a, b, c = (points[faces[:, k]] for k in range(3))
    face = np.cross(b - a, c - a)
    total = np.zeros_like(points)
    for k in range(3):
        for axis in range(3):
            total[:, axis] += np.bincount(faces[:, k], face[:, axis], len(points))
    return np.asarray(total / np.maximum(np.linalg.norm(total, axis=1), 1e-12)[:, None], np.float32)


def smoothing(faces: Ints, count: int) -> sparse.csr_matrix:
    """Return the operator (v, v) that takes each vertex half the way to its neighbours' mean."""
    i = np.r_[faces[:, 0], faces[:, 1], faces[:, 2]]
    j = np.r_[faces[:, 1], faces[:, 2], faces[:, 0]]
    both = np.unique(np.stack([np.r_[i, j], np.r_[j, i]], 1), axis=0)
    near = sparse.csr_matrix((np.ones(len(both)), (both[:, 0], both[:, 1])), (count, count))
    degree = np.maximum(np.asarray(near.sum(1)).ravel(), 1)
    mean = sparse.diags(0.5 / degree) @ near
    return sparse.csr_matrix(mean + 0.5 * sparse.identity(count), dtype=np.float32)


def fold_noise(points: Floats, rng: Generator) -> NDArray[np.float64]:
    """Return smooth noise (v,) of about -1 to 1 over points: waves that bend each other."""
    total = np.zeros(len(points))
    for _ in range(WAVES):
        along = rng.normal(size=3) * [1.0, 0.6, 0.55]  # folds hang: they change slower downwards
        along *= rng.uniform(*STEEP) / np.linalg.norm(along)
        bend = 1.5 * np.sin(points @ rng.normal(0, 9, 3) + rng.uniform(0, 6.28))
        total += np.sin(points @ along + rng.uniform(0, 6.28) + bend)
    return total / WAVES * 2
