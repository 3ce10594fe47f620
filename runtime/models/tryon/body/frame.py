"""A person's body as try-on sees it: joints by the picture's side, and the frame that they span."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np

from ..arrays import Points, Vector, between, length, unit

Side = Literal["l", "r"]  # of the picture; a person who faces us has the right arm at "l"
SIDES: tuple[Side, Side] = ("l", "r")
OUTWARD: Mapping[Side, int] = {"l": -1, "r": 1}
JOINTS = ("shoulder", "elbow", "wrist", "hip", "knee", "ankle")  # as rows of ``Body.joints``

# Of an arm that hangs down, in body heights from shoulders to hips: where nothing is seen of it.
_UPPER_ARM, _FOREARM, _OUT = 0.56, 0.46, 0.12
_THIGH, _SHIN = 0.82, 0.80  # of a leg that stands, in the same unit
# Shoulders of somebody who faces us are about this much of the height from them to the hips. Of
# somebody turned away they seem narrower, and lengths that are measured in them would shrink.
_LEAST_WIDTH = 0.5


@dataclass(frozen=True, eq=False)
class Body:
    """Joints of one person, (2, 6, 2) px: sides of the picture, `JOINTS`, x and y.

    ``arms_seen`` and ``legs_seen`` are by side; joints of a limb that is not seen hang straight
    down. ``turned`` says that the person's right is at the picture's right: seen from behind.
    """

    joints: Points
    arms_seen: tuple[bool, bool] = (True, True)
    legs_seen: tuple[bool, bool] = (True, True)
    turned: bool = False

    def at(self, side: Side, joint: str) -> Vector:
        """Return where a joint is, px."""
        where: Vector = self.joints[SIDES.index(side), JOINTS.index(joint)]
        return where

    @cached_property
    def neck(self) -> Vector:
        """The middle between the shoulders."""
        return between(self.joints[0, 0], self.joints[1, 0])

    @cached_property
    def seat(self) -> Vector:
        """The middle between the hips."""
        return between(self.joints[0, 3], self.joints[1, 3])

    @cached_property
    def down(self) -> Vector:
        """The direction from the shoulders to the hips."""
        return unit(self.seat - self.neck)

    @cached_property
    def across(self) -> Vector:
        """The direction to the picture's right along the shoulders."""
        return unit(self.joints[1, 0] - self.joints[0, 0])

    @cached_property
    def height(self) -> float:
        """From the shoulders to the hips, px."""
        return max(1.0, length(self.seat - self.neck))

    @cached_property
    def width(self) -> float:
        """From shoulder to shoulder, px: the unit of what is measured on a body."""
        seen = length(self.joints[1, 0] - self.joints[0, 0])
        return max(seen, _LEAST_WIDTH * self.height)

    @cached_property
    def hips(self) -> float:
        """Half of the way from hip joint to hip joint, px."""
        seen = length(self.joints[1, 3] - self.joints[0, 3]) / 2
        return max(seen, 0.2 * self.width)

    def out(self, side: Side) -> Vector:
        """Return the direction away from the middle on a side."""
        return self.across * np.float32(OUTWARD[side])

    def arm_length(self, side: Side) -> float:
        """Return the way from shoulder over elbow to wrist, px."""
        shoulder, elbow, wrist = self.joints[SIDES.index(side), :3]
        return length(elbow - shoulder) + length(wrist - elbow)


def hung(body: Body) -> Body:
    """Return a body whose unseen limbs hang down beside it."""
    joints = body.joints.copy()
    for side, (arm, leg) in enumerate(zip(body.arms_seen, body.legs_seen, strict=True)):
        outward = body.across * np.float32((-1, 1)[side])
        if not arm:
            joints[side, 1] = joints[side, 0] + _stretch(body, _UPPER_ARM) + outward * _out(body)
            joints[side, 2] = joints[side, 1] + _stretch(body, _FOREARM)
        if not leg:
            joints[side, 4] = joints[side, 3] + _stretch(body, _THIGH)
            joints[side, 5] = joints[side, 4] + _stretch(body, _SHIN)
    return Body(joints, body.arms_seen, body.legs_seen, body.turned)


def _stretch(body: Body, share: float) -> Vector:
    return body.down * np.float32(share * body.height)


def _out(body: Body) -> np.float32:
    return np.float32(_OUT * body.width)
