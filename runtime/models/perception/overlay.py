"""What was seen, drawn over the picture: bones and joints, parts of a person, faces' points."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from ..base import Pixels
from .contours import CONTOURS
from .joints import BONES, Joint
from .mesh import Mesh
from .parse import Parse, Part
from .pose import Pose

# Told apart by eyes that see no red or no green: the palette of Okabe and Ito.
_LEFT, _RIGHT, _MIDDLE = (230, 159, 0), (86, 180, 233), (240, 240, 240)
_PARTS = {
    Part.HAIR: (204, 121, 167),
    Part.SKIN: (230, 159, 0),
    Part.FACE: (240, 228, 66),
    Part.CLOTHES: (0, 114, 178),
    Part.OTHER: (0, 158, 115),
}
_THERE = 0.5  # presence from which a joint is drawn
_TINT = 0.55
_ROOMY = 30  # px, of a face, from where on its single points can be told apart
_FINE = 3  # bits of a coordinate below the pixel


def flat(picture: Pixels) -> Pixels:
    """Return a picture, (H, W, 3 | 4), as it is seen on white, (H, W, 3)."""
    if picture.shape[2] == 3:
        return picture
    alpha = picture[..., 3:].astype(np.float32) / 255
    seen: Pixels = (picture[..., :3] * alpha + 255 * (1 - alpha) + 0.5).astype(np.uint8)
    return seen


def with_bones(picture: Pixels, poses: Iterable[Pose]) -> Pixels:
    """Return a picture, (H, W, 3), with the bones of people; their left is orange."""
    drawn = np.array(picture)
    for pose in poses:
        width = max(1, round(pose.scale / 25))
        for one, other in BONES:
            if min(pose.presence[[one, other]]) >= _THERE:
                _line(drawn, pose, (one, other), width)
        for joint in Joint:
            if pose.presence[joint] >= _THERE:
                radius = max(1, round(width * (0.5 if joint < Joint.LEFT_SHOULDER else 0.9)))
                place = _fine(pose.points[joint])
                cv2.circle(drawn, place, radius << _FINE, _colour(joint), -1, cv2.LINE_AA, _FINE)
    return drawn


def with_mesh(picture: Pixels, meshes: Iterable[Mesh]) -> Pixels:
    """Return a picture, (H, W, 3), with the points and contours of faces; their left is orange."""
    drawn = np.array(picture)
    for mesh in meshes:
        fine = max(1, round(mesh.scale / 100))
        for x, y in mesh.points if mesh.scale > _ROOMY else ():
            place = _fine(np.array([x, y], np.float32))
            cv2.circle(drawn, place, fine << (_FINE - 1), _MIDDLE, -1, cv2.LINE_AA, _FINE)
        for name, numbers in CONTOURS.items():
            colour = _MIDDLE
            if name.startswith(("left", "right")):
                colour = _LEFT if name.startswith("left") else _RIGHT
            line = np.array([_fine(mesh.points[i]) for i in numbers], np.int32)
            cv2.polylines(drawn, [line], name == "oval", colour, fine, cv2.LINE_AA, _FINE)
    return drawn


def with_parts(picture: Pixels, parses: Sequence[Parse]) -> Pixels:
    """Return a picture, (H, W, 3), tinted by what its pixels are."""
    tinted = picture.astype(np.float32)
    for parse in parses:
        colour = np.zeros_like(tinted)
        shown = np.zeros(picture.shape[:2], np.float32)
        for part, each in _PARTS.items():
            likely = parse.of(part)
            colour += likely[..., None] * np.array(each, np.float32)
            shown += likely
        tinted += _TINT * (colour - shown[..., None] * tinted)
    shades: Pixels = np.clip(tinted + 0.5, 0, 255).astype(np.uint8)
    return shades


def cut_out(picture: Pixels, parses: Sequence[Parse]) -> Pixels:
    """Return the people of a picture, (H, W, 3), without the rest: (H, W, 4)."""
    shown = np.zeros(picture.shape[:2], np.float32)
    for parse in parses:
        shown = np.maximum(shown, 1 - parse.of(Part.BACKGROUND))
    alpha: NDArray[np.uint8] = (np.clip(shown, 0, 1) * 255 + 0.5).astype(np.uint8)
    return np.dstack([picture, alpha])


def _line(drawn: Pixels, pose: Pose, bone: tuple[Joint, Joint], width: int) -> None:
    start, end = (_fine(pose.points[joint]) for joint in bone)
    colours = {_colour(joint) for joint in bone}
    colour = colours.pop() if len(colours) == 1 else _MIDDLE
    cv2.line(drawn, start, end, colour, width, cv2.LINE_AA, _FINE)


def _colour(joint: Joint) -> tuple[int, int, int]:
    if "LEFT" in joint.name:
        return _LEFT
    return _RIGHT if "RIGHT" in joint.name else _MIDDLE


def _fine(point: NDArray[np.float32]) -> tuple[int, int]:
    """Return a place as OpenCV draws finely: in parts of a pixel, from pixels' centres."""
    x, y = (round((float(each) - 0.5) * 2**_FINE) for each in np.clip(point, -1e6, 1e6))
    return x, y
