"""The person of a picture: who is there, and how they stand."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import cv2
import numpy as np

from ..perception.joints import Joint
from ..perception.pose import Pose
from .arrays import Pixels, Vector
from .body.frame import Body
from .body.look import Look, look
from .body.reading import body_of
from .exposure import brightened
from .eyes import Eyes

FEATURES = (
    Joint.LEFT_EYE_OUTER,
    Joint.RIGHT_EYE_OUTER,
    Joint.MOUTH_LEFT,
    Joint.MOUTH_RIGHT,
)
LEAST_PX = 48  # of a side: on less nobody is seen well enough to be dressed

Box = tuple[float, float, float, float]  # left, top, right, bottom as shares of a picture


@dataclass(frozen=True, eq=False)
class Person:
    """Somebody in a picture."""

    image: Pixels  # (H, W, 3), as it is worked on
    pose: Pose
    body: Body
    people: tuple[Box, ...] = ()  # all who are seen in it, the surest first

    def look(self, eyes: Eyes, whole: bool, still: bool = True) -> Look:
        """Return what they wear: ``whole`` for trousers, too, else the upper body, seen closer.

        Where it is no ``still`` but a camera's nothing is looked at twice, and no net is asked what
        the worn top hides: both would take too long.
        """
        parse = eyes.parse(brightened(self.image), self.pose, whole, still)
        features = np.asarray(self.pose.points[list(FEATURES)], np.float32)
        return look(self.image, parse, self.body, eyes.repair if still else None, features)


def sized(image: Pixels, side: int) -> Pixels:
    """Return a picture as RGB, its longest side this many px at most; clear parts are white."""
    if image.shape[2] == 4:
        alpha = image[..., 3:].astype(np.uint16)
        image = ((image[..., :3] * alpha + 255 * (255 - alpha) + 127) // 255).astype(np.uint8)
    height, width = image.shape[:2]
    if max(height, width) <= side:
        return np.ascontiguousarray(image)
    scale = side / max(height, width)
    size = max(1, round(width * scale)), max(1, round(height * scale))
    return np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA), np.uint8)


def found(
    eyes: Eyes, image: Pixels, subject: Vector | None, joints: Mapping[str, Vector]
) -> Person | None:
    """Return who is in a picture; ``subject`` and ``joints`` are a user's, as shares of it."""
    height, width = image.shape[:2]
    if min(height, width) < LEAST_PX:
        return None
    bright = brightened(image)
    regions = list(eyes.people(bright))
    if subject is not None:
        x, y = float(subject[0]) * width, float(subject[1]) * height
        regions.sort(key=lambda one: float(np.hypot(one.square.x - x, one.square.y - y)))
    poses = (eyes.pose(bright, region) for region in regions)
    pose = next((each for each in poses if each is not None), None)
    if pose is None:
        return None
    boxes = tuple(region.box(width, height) for region in regions)
    return Person(image, pose, placed(pose, image, joints), boxes)


def placed(pose: Pose, image: Pixels, joints: Mapping[str, Vector]) -> Body:
    """Return the body of a pose, with a user's corrections as shares of the picture."""
    height, width = image.shape[:2]
    size = np.array([width, height], np.float32)
    return body_of(pose, (width, height), {name: at * size for name, at in joints.items()})
