"""Whose face speaks, and what is shown of the picture around it: head and shoulders."""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from livedraft.errors import InvalidImage
from livedraft.protocol.messages import Note

from ...base import Pixels
from ...perception.contours import CHIN, FOREHEAD
from ...perception.mesh import Mesh, meshes
from ...perception.networks import FaceNetworks
from ...perception.overlay import flat
from ..expression import SIZE
from . import notes

LEAST_FACE_PX = 56  # from forehead to chin: of less no lips can be told from teeth
MOST_TURN = math.radians(28)  # to the side; beyond, half of the mouth is hidden
_LOOKED_PX = 1600  # a picture's longer side, as it is searched
_SOFT_FACE_PX, _TURNED = 100, math.radians(18)
_DARK_FACE, _DARK = 38, 120  # levels: of most of a face, and of the lightest around it
_SHARE = 0.38  # of the frame's side that a face takes
_HIGH = 0.46  # of the frame's side, where its middle lies
_TIGHT = 1.45  # faces' heights that a frame has at least, where the picture has no more
_FLAT = 0.45  # share of a face's pixels that equal their neighbours, from where it is drawn


@dataclass(frozen=True, eq=False)
class Portrait:
    """A face with what is around it, as frames show it."""

    pixels: Pixels  # (SIZE, SIZE, 3)
    mesh: Mesh  # of these pixels, from their centres: what lies on the first has x = 0
    notes: tuple[Note, ...]


def framed(picture: Pixels, networks: FaceNetworks) -> Portrait:
    """Return the portrait in a picture, uint8 (H, W, 3 | 4), of any size; clear parts are white.

    Raises InvalidImage where no face can speak in it, and says why and what to do.
    """
    small = _shrunk(picture)
    scale = picture.shape[1] / small.shape[1]
    found = meshes(small, networks)
    if not found:
        raise InvalidImage(
            "no face is seen in the portrait",
            fix="send a picture of one person's or drawn person's face from the front, upright",
        )
    mesh = max(found, key=lambda each: _counts(each, small))
    said = [notes.SEVERAL_FACES] if _others(mesh, found) else []
    height = _height(mesh) * scale
    if height < LEAST_FACE_PX:
        raise InvalidImage(
            f"the portrait's face is {height:.0f} px high, of at least {LEAST_FACE_PX}",
            fix="send a larger picture, or one taken from nearer",
        )
    if abs(mesh.turn.yaw) > MOST_TURN:
        raise InvalidImage(
            f"the portrait's face is turned aside by {abs(math.degrees(mesh.turn.yaw)):.0f}°",
            fix=f"send one that looks at the camera, turned by {math.degrees(MOST_TURN):.0f}° "
            "at most",
        )
    said += [notes.FACE_SMALL] if height < _SOFT_FACE_PX else []
    said += [notes.FACE_TURNED] if abs(mesh.turn.yaw) > _TURNED else []
    pixels, moved = _cut(picture, mesh, scale)
    face = _face(pixels, moved)
    said += [notes.TOO_DARK] if _dark(pixels, face) else []
    said += [notes.DRAWING] if _drawn(face) else []
    return Portrait(pixels, moved, tuple(said))


def _shrunk(picture: Pixels) -> Pixels:
    height, width = picture.shape[:2]
    scale = max(height, width) / _LOOKED_PX
    if scale <= 1:
        return flat(picture)
    size = max(1, round(width / scale)), max(1, round(height / scale))
    return flat(np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), np.uint8))


def _height(mesh: Mesh) -> float:
    return float(np.linalg.norm(mesh.points[CHIN] - mesh.points[FOREHEAD]))


def _counts(mesh: Mesh, picture: Pixels) -> float:
    """Return how large a face is, less what it is off the middle."""
    middle = np.array(picture.shape[1::-1], np.float32) / 2
    off = float(np.linalg.norm(mesh.points.mean(axis=0) - middle)) / float(middle.max())
    return _height(mesh) * (1 - 0.4 * min(off, 1.0))


def _others(chosen: Mesh, found: list[Mesh]) -> bool:
    """Say whether there are faces large enough to be meant instead."""
    return any(each is not chosen and _height(each) > 0.4 * _height(chosen) for each in found)


def _cut(picture: Pixels, mesh: Mesh, scale: float) -> tuple[Pixels, Mesh]:
    """Return the frame, and the mesh within it."""
    points = mesh.points * scale
    tall = _height(mesh) * scale
    middle = (points[CHIN] + points[FOREHEAD]) / 2
    height, width = picture.shape[:2]
    side = max(min(tall / _SHARE, float(min(height, width))), _TIGHT * tall)
    left = _placed(float(middle[0]) - side / 2, side, width)
    top = _placed(float(middle[1]) - side * _HIGH, side, height)
    pixels = _sampled(picture, left, top, side)
    by = SIZE / side
    moved = (points - (left, top)) * by - 0.5
    depth = (mesh.depth * scale * by).astype(np.float32)
    return pixels, Mesh(moved.astype(np.float32), depth, mesh.presence)


def _placed(start: float, side: float, length: int) -> float:
    """Return where a frame begins so that it lies in the picture, in its middle if it is longer."""
    if side >= length:
        return (length - side) / 2
    return min(max(start, 0.0), length - side)


def _sampled(picture: Pixels, left: float, top: float, side: float) -> Pixels:
    """Return the pixels of a frame; beyond the picture its edges go on, out of focus."""
    height, width = picture.shape[:2]
    x0, y0 = max(0, math.floor(left)), max(0, math.floor(top))
    x1, y1 = min(width, math.ceil(left + side)), min(height, math.ceil(top + side))
    part = flat(np.ascontiguousarray(picture[y0:y1, x0:x1]))
    shrink = side / SIZE
    if shrink > 1.5:
        size = max(1, round(part.shape[1] / shrink)), max(1, round(part.shape[0] / shrink))
        part = np.asarray(cv2.resize(part, size, interpolation=cv2.INTER_AREA), np.uint8)
    sx, sy = (x1 - x0) / part.shape[1], (y1 - y0) / part.shape[0]
    matrix = np.array(
        [
            [shrink / sx, 0, (left - x0 + shrink / 2) / sx - 0.5],
            [0, shrink / sy, (top - y0 + shrink / 2) / sy - 0.5],
        ]
    )
    flags = (cv2.INTER_CUBIC if shrink < 1 else cv2.INTER_LINEAR) | cv2.WARP_INVERSE_MAP
    whole = cv2.warpAffine(part, matrix, (SIZE, SIZE), flags=flags, borderMode=cv2.BORDER_REPLICATE)
    inside = cv2.warpAffine(
        np.full(part.shape[:2], 255, np.uint8), matrix, (SIZE, SIZE), flags=cv2.WARP_INVERSE_MAP
    )
    if inside.min() == 255:
        return np.asarray(whole, np.uint8)
    soft = cv2.GaussianBlur(whole, (0, 0), 12, borderType=cv2.BORDER_REPLICATE)
    share = cv2.GaussianBlur(cv2.erode(inside, np.ones((9, 9), np.uint8)), (0, 0), 3) / 255.0
    mixed = soft + (whole.astype(np.float32) - soft) * share[..., None]
    return np.clip(mixed + 0.5, 0, 255).astype(np.uint8)


def _face(pixels: Pixels, mesh: Mesh) -> NDArray[np.uint8]:
    low, high = (
        edge.clip(0, SIZE - 1).astype(int) for edge in (mesh.points.min(0), mesh.points.max(0))
    )
    return pixels[low[1] : high[1] + 1, low[0] : high[0] + 1]


def _dark(pixels: Pixels, face: NDArray[np.uint8]) -> bool:
    """Say whether a picture is dark, and not only somebody's skin."""
    lightest = float(np.percentile(pixels.max(axis=-1), 95))
    return float(np.median(face)) < _DARK_FACE and lightest < _DARK


def _drawn(face: NDArray[np.uint8]) -> bool:
    """Say whether a face consists of plain areas: photographs have grain or shades everywhere."""
    values = face.astype(np.int16)
    across, down = np.abs(np.diff(values, axis=1)), np.abs(np.diff(values, axis=0))
    return float(((across.max(-1)[1:] == 0) & (down.max(-1)[:, 1:] == 0)).mean()) > _FLAT
