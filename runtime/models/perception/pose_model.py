"""``pose``: the joints of people in pictures, and of one person before a camera."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Self

from pydantic import Field

from livedraft.protocol.messages import Note

from ..base import DEFAULT_PLAN, ModelInfo, Params, Pixels, Plan
from .detection import MOST_PEOPLE, everybody
from .joints import Joint
from .networks import PoseNetworks
from .overlay import with_bones
from .pose import LEAST_SCORE, Pose, landmarks
from .seeing import NO_PERSON, Seeing, Seen, more, seer, share
from .tracker import Tracker

_THERE = 0.5  # presence from which a joint counts for the box


class PoseParams(Params):
    """How many people are looked at."""

    people: int = Field(
        default=4,
        ge=1,
        le=MOST_PEOPLE,
        title="People",
        description="At most so many people in a picture; before a camera it is one.",
    )


class PoseModel(Seeing[PoseParams, Tracker]):
    """Find people and their 33 joints; of a camera's one is followed, and steadied."""

    info: ModelInfo = seer(
        "pose", "pose-estimation", "Pose", "Finds the joints of people in a picture or a camera."
    )
    params: ClassVar[type[Params]] = PoseParams

    def __init__(self, networks: PoseNetworks) -> None:
        self._networks = networks

    @classmethod
    def load(cls, source: str = "", plan: Plan = DEFAULT_PLAN) -> Self:
        """Load what ships, or a folder with pose_detection.onnx and pose_landmarks.onnx.

        Raises WeightsError where they are missing or damaged.
        """
        return cls(PoseNetworks.read(source, plan))

    def follower(self) -> Tracker:
        """Return a tracker that follows nobody yet."""
        return Tracker(self._networks)

    def look(self, picture: Pixels, params: PoseParams) -> Seen:
        """Find everybody in a picture, up to as many as are asked for."""
        regions = everybody(picture, self._networks)
        looks = (landmarks(picture, region, self._networks)[0] for region in regions)
        poses = [pose for pose in looks if pose.score >= LEAST_SCORE]
        return _seen(picture, poses[: params.people], len(poses))

    def follow(self, follower: Tracker, frame: Pixels, at_us: int, params: PoseParams) -> Seen:
        """Follow one person."""
        pose = follower.follow(frame, at_us)
        return _seen(frame, [pose] if pose else [], 1)


def _seen(picture: Pixels, poses: Sequence[Pose], found: int) -> Seen:
    people = [described(pose, (picture.shape[1], picture.shape[0])) for pose in poses]
    notes: tuple[Note, ...] = () if poses else (NO_PERSON,)
    if found > len(poses) > 0:
        notes = (more("people", found, len(poses)),)
    return Seen(with_bones(picture, poses), {"people": people}, notes)


def described(pose: Pose, size: tuple[int, int]) -> Mapping[str, Any]:
    """Return a pose as clients have it: places in 0..1 of the picture's width and height.

    ``depth`` is in widths, negative where a joint is nearer than the hips.
    """
    width, height = size
    there = pose.points[pose.presence >= _THERE]
    points = there if len(there) else pose.points
    low, high = points.min(axis=0).clip(0, size), points.max(axis=0).clip(0, size)
    joints = {
        joint.label: {
            "x": share(pose.points[joint, 0], width),
            "y": share(pose.points[joint, 1], height),
            "depth": share(pose.depth[joint], width),
            "visibility": round(float(pose.visibility[joint]), 3),
            "presence": round(float(pose.presence[joint]), 3),
        }
        for joint in Joint
    }
    return {
        "score": round(pose.score, 3),
        "box": [
            share(low[0], width),
            share(low[1], height),
            share(high[0], width),
            share(high[1], height),
        ],
        "joints": joints,
    }
