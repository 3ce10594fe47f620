"""Where the lips of a portrait truly begin: a mesh is off by what decides how they part."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from ...base import Pixels
from ...perception.contours import LOWER_LIP_INNER, UPPER_LIP, UPPER_LIP_INNER
from ...perception.mesh import Mesh
from .motion import Frame

Floats = NDArray[np.floating[Any]]

_EDGE = 0.028  # of a mouth's width: how far teeth shine onto parted lips
_SHUT = 0.05  # of a mouth: up to such a gap lips meet
_REACH, _STEPS = 0.085, 25  # of a mouth: how far from the mesh's the line is looked for
_PULL = 14.0  # levels of grey that the line must be darker by, at that distance
_PLAIN = 5.0  # levels: a line that is no darker is none


def corrected(pixels: Pixels, mesh: Mesh) -> Mesh:
    """Return the mesh with its lips' inner edges where the portrait, (SIZE, SIZE, 3), has them."""
    face = Frame.of(mesh.points.astype(np.float32))
    upper, lower = mesh.points[list(UPPER_LIP_INNER)], mesh.points[list(LOWER_LIP_INNER)]
    if float(np.linalg.norm(lower[5] - upper[5])) < _SHUT * face.mouth:
        return _met(pixels, mesh, face)
    return _loosened(mesh)


def _met(pixels: Pixels, mesh: Mesh, face: Frame) -> Mesh:
    """Return a mesh whose lips meet where it is darkest between them."""
    points = mesh.points.copy()
    upper, lower = points[list(UPPER_LIP_INNER)], points[list(LOWER_LIP_INNER)]
    middle, down = (upper + lower) / 2, face.down.astype(np.float32)
    offs = np.linspace(-_REACH, _REACH, _STEPS, dtype=np.float32) * np.float32(face.mouth)
    places = middle[:, None] + offs[None, :, None] * down
    grey = cv2.GaussianBlur(cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY), (0, 0), 1.0)
    light = cv2.remap(
        grey.astype(np.float32),
        np.ascontiguousarray(places[..., 0]),
        np.ascontiguousarray(places[..., 1]),
        cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_REPLICATE,
    )
    cost = light + _PULL * (offs / (_REACH * face.mouth)) ** 2
    cost = cv2.blur(cost.astype(np.float32), (1, 3), borderType=cv2.BORDER_REPLICATE)
    best = offs[cost.argmin(axis=1)]
    dark = np.median(light, axis=1) - light.min(axis=1) > _PLAIN
    shift = cv2.GaussianBlur(np.where(dark, best, 0).astype(np.float32)[None], (5, 1), 1.0)[0]
    shift[[0, -1]] /= 2  # corners are where the mesh has them, or nearly so
    moved = shift[:, None] * down
    points[list(UPPER_LIP_INNER)] += moved
    points[list(LOWER_LIP_INNER)[1:-1]] += moved[1:-1]
    return mesh.moved(points)


def _loosened(mesh: Mesh) -> Mesh:
    """Return a mesh whose parted lips begin where no light of the teeth falls on their edges."""
    points = mesh.points.copy()
    upper, lower = points[list(UPPER_LIP_INNER)], points[list(LOWER_LIP_INNER)]
    wide = float(np.linalg.norm(points[UPPER_LIP[-1]] - points[UPPER_LIP[0]]))
    apart = lower - upper
    gap = np.linalg.norm(apart, axis=1, keepdims=True)
    parted = np.clip((gap.max() / wide - 0.03) / 0.05, 0, 1)
    way = apart / np.maximum(gap, 1e-3) * np.minimum(gap / (0.04 * wide), 1) * parted
    points[list(UPPER_LIP_INNER)] -= way * (_EDGE / 2) * wide
    points[list(LOWER_LIP_INNER)] += way * _EDGE * wide
    return mesh.moved(points)
