"""From a pose, and from a user's corrections, to a body."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from ...perception.pose import Pose
from ..arrays import Points, Vector
from .frame import JOINTS, SIDES, Body, hung

# BlazePose's numbers of `JOINTS`, of the person's right and left.
_RIGHT, _LEFT = (12, 14, 16, 24, 26, 28), (11, 13, 15, 23, 25, 27)
_SEEN = 0.5  # of presence: below it a joint is a guess (visibility is high for hidden ones, too)
_BEYOND = 0.12  # of the picture's size: further outside of it a joint is a guess


def body_of(pose: Pose, size: tuple[int, int], joints: Mapping[str, Vector] | None = None) -> Body:
    """Return the body of a pose in a picture of this width and height, px.

    ``joints`` are a user's corrections by name, as "elbow_l", px: a limb that one is named of is
    seen.
    """
    turned = _from_behind(pose)
    picked = (_LEFT, _RIGHT) if turned else (_RIGHT, _LEFT)
    points = np.stack([pose.points[list(ids)] for ids in picked]).astype(np.float32)
    present = np.stack([pose.presence[list(ids)] for ids in picked])
    named = np.zeros((2, len(JOINTS)), bool)
    for name, where in (joints or {}).items():
        joint, _, side = name.rpartition("_")
        row = SIDES.index("l" if side == "l" else "r"), JOINTS.index(joint)
        points[row], named[row] = where, True
    seen = (_near(points, size) & (present >= _SEEN)) | named
    arms, legs = ([bool(side[limb].all()) for side in seen] for limb in (slice(1, 3), slice(4, 6)))
    return hung(Body(points, (arms[0], arms[1]), (legs[0], legs[1]), turned))


def _from_behind(pose: Pose) -> bool:
    """Return whether the right shoulder is where a left one is seen, however the head points."""
    right, left = pose.points[12], pose.points[11]
    across, down = left - right, pose.points[23:25].mean(0) - (left + right) / 2
    return bool(across[0] * down[1] < across[1] * down[0])


def _near(points: Points, size: tuple[int, int]) -> NDArray[np.bool_]:
    edge = np.float32(_BEYOND) * np.array(size, np.float32)
    inside = (points > -edge) & (points < np.array(size, np.float32) + edge)
    return inside[..., 0] & inside[..., 1]


def named(body: Body, size: tuple[int, int]) -> dict[str, list[float]]:
    """Return a body's joints by name as fractions of the picture, for people to correct."""
    whole = np.array(size, np.float32)
    return {
        f"{joint}_{side}": [round(float(part), 4) for part in body.at(side, joint) / whole]
        for side in SIDES
        for joint in JOINTS
    }
