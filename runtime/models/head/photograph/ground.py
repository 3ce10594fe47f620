"""What is behind a head: the background without it, and where the person begins."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from ...base import Pixels
from ...onnx import Graph
from ...perception.contours import CHIN, FOREHEAD, OVAL
from ...perception.mesh import Mesh
from ...perception.parse import Parse, Part, parse
from ...perception.squares import Box
from ..expression import SIZE

Bytes = NDArray[np.uint8]

_RIM, _SOFT = 7, 2.5  # px around a person that move along, hair for the most, and their soft end
_COARSE = 4  # px: what nobody sees but at its edge is filled at a quarter of the size
_SEEN = 0.35  # of a face's height around it: of less a person was not told from the ground


def parsed(pixels: Pixels, parser: Graph) -> Parse:
    """Return what the pixels of a frame are."""
    return parse(pixels, Box(0, 0, SIZE, SIZE), parser)


def person(seen: Parse, mesh: Mesh) -> Bytes:
    """Return where the person is in a frame, (SIZE, SIZE) 0..255, with a soft rim beyond it."""
    sure = (seen.of(Part.BACKGROUND) < 0.5).astype(np.uint8) * 255
    face = np.zeros((SIZE, SIZE), np.uint8)
    oval = mesh.points[list(OVAL)]
    cv2.fillPoly(face, [np.round(oval).astype(np.int32)], 255)
    if (sure[face > 0] > 0).mean() < 0.9:
        sure = _guessed(mesh)  # a drawing, or a costume: the net saw nobody
    sure = np.maximum(sure, face)
    count, labels, *_ = cv2.connectedComponentsWithStats(sure)
    if count > 2:  # others in the background stay there
        own = int(np.bincount(labels[face > 0]).argmax())
        sure = (labels == own).astype(np.uint8) * 255
    side = 2 * _RIM + 1
    wide = cv2.dilate(sure, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side)))
    return np.asarray(cv2.GaussianBlur(wide, (0, 0), _SOFT), np.uint8)


def _guessed(mesh: Mesh) -> Bytes:
    """Return a head with shoulders around a face of which nothing else is known."""
    top, chin = mesh.points[FOREHEAD], mesh.points[CHIN]
    tall = float(np.linalg.norm(chin - top))
    x, y = (float(each) for each in (top + chin) / 2)
    made = np.zeros((SIZE, SIZE), np.uint8)
    head = (int(0.62 * tall), int(0.9 * tall))
    cv2.ellipse(made, (int(x), int(y - 0.12 * tall)), head, 0, 0, 360, 255, -1)
    body = (int(1.3 * tall), int(0.9 * tall))
    cv2.ellipse(made, (int(x), int(y + 1.5 * tall)), body, 0, 0, 360, 255, -1)
    return made


def background(pixels: Pixels, covered: Bytes) -> Pixels:
    """Return a frame without the person, (SIZE, SIZE, 3): what is covered is filled from around.

    Also the rim around them is, where hair ends: it would else stay when the head turns.
    Telea, *An Image Inpainting Technique Based on the Fast Marching Method* (2004).
    """
    small = SIZE // _COARSE
    hole = (cv2.resize(covered, (small, small), interpolation=cv2.INTER_AREA) > 0).astype(np.uint8)
    if hole.all() or not hole.any():
        return pixels
    coarse = cv2.resize(pixels, (small, small), interpolation=cv2.INTER_AREA)
    told = cv2.inpaint(np.asarray(coarse, np.uint8), hole, 3, cv2.INPAINT_TELEA)
    wide = cv2.resize(told, (SIZE, SIZE), interpolation=cv2.INTER_CUBIC)
    share = np.clip(covered.astype(np.float32) / 12, 0, 1)[..., None]
    mixed = pixels + (wide.astype(np.float32) - pixels) * share
    return np.clip(mixed + 0.5, 0, 255).astype(np.uint8)
