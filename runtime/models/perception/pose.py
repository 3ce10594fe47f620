"""A person's joints: BlazePose's landmarks, within the square where a person was found."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from ..base import Pixels
from ..onnx import Floats
from .detection import Region, square_of
from .joints import FACE, HIPS, SHOULDERS, TORSO, Joint
from .networks import PoseNetworks
from .shots import sigmoid
from .squares import Matrix, Points, cut, moved

SIDE = 256  # px, what the network looks at
LEAST_SCORE = 0.5  # below it there is no person
# Of the distance between the ears; of those who face us they are some 3 to 5, and 2 to 3.
_LEAST_TORSO, _LEAST_SHOULDERS = 2.2, 1.5
_WIDER, _GROWS = 2.2, 1.5
_JOINTS = len(Joint)
_HIPS, _REACH = 33, 34  # landmarks beside the joints, that say where to look next
_RIGID = (*TORSO, *FACE)
_WEIGHTS = np.array([1.0] * len(TORSO) + [0.1] * len(FACE))
_NUMBERS = 5  # of a landmark: x, y, depth, visibility, presence


@dataclass(frozen=True, slots=True, eq=False)
class Pose:
    """A person's 33 joints, see `Joint`.

    One that is hidden is present and not visible; one beyond the picture's edge is not present,
    and where it is said to be is a guess.
    """

    points: Points  # (33, 2), px
    depth: Floats  # (33,), px in front of the hips (negative: nearer); rough
    visibility: Floats  # (33,), 0..1
    presence: Floats  # (33,), 0..1
    score: float = 1.0  # how surely there is a person

    @property
    def scale(self) -> float:
        """How large the person is: the root mean square reach of the torso's joints, px."""
        torso = self.points[list(TORSO)]
        return max(1.0, float(np.sqrt(np.square(torso - torso.mean(axis=0)).sum(axis=1).mean())))

    def moved(self, points: Points) -> Pose:
        """Return the same joints at other places."""
        return replace(self, points=points)


@dataclass(frozen=True, slots=True, eq=False)
class Seen:
    """What the network saw: a pose, and the landmarks that say where to look in the next frame."""

    pose: Pose
    guides: Points  # (2, 2), px: the middle of the hips, and how far the body reaches

    @property
    def region(self) -> Region:
        """Where to look for the same person next."""
        return Region(square_of(*self.guides), self.pose.score)


def landmarks(picture: Pixels, region: Region, networks: PoseNetworks) -> tuple[Pose, Region]:
    """Return the pose of the person in a region of a picture, and the region to look at next.

    Where ``score`` of the pose is below ``LEAST_SCORE`` there is nobody, and the rest means
    nothing.
    """
    found = first_look(picture, region, networks)
    return found.pose, found.region


def first_look(picture: Pixels, region: Region, networks: PoseNetworks) -> Seen:
    """Return the same of a region that nobody was followed to, with what the next one comes from.

    In the dark a detector may take a head for a whole person, in whose square the network finds a
    body as small as that: then it looks further around.
    """
    found = look(picture, region, networks)
    if found.pose.score >= LEAST_SCORE and _dwarfed(found.pose):
        square = replace(region.square, side=region.square.side * _WIDER)
        wider = look(picture, replace(region, square=square), networks)
        if wider.pose.score >= LEAST_SCORE and _outgrows(wider.pose, found.pose):
            return wider
    return found


def look(picture: Pixels, region: Region, networks: PoseNetworks) -> Seen:
    """Return the same, with what the next region comes from, for who filters it."""
    given = cut(picture, region.square, SIDE)[None]
    raw, person = networks.landmarks.run_all(["landmarks", "person"], picture=given)
    marks = raw.reshape(-1, _NUMBERS)
    matrix = region.square.matrix(SIDE)
    points = moved(marks[:, :2], matrix)
    body = marks[:_JOINTS]
    pose = Pose(
        points[:_JOINTS],
        (body[:, 2] * _scale(matrix)).astype(np.float32),
        sigmoid(body[:, 3]),
        sigmoid(body[:, 4]),
        float(person.reshape(())),
    )
    return Seen(pose, points[[_HIPS, _REACH]])


def similarity(before: Pose, now: Pose) -> Matrix:
    """Return the turn, growth and shift, (2, 3), that takes one pose's torso to another's.

    The least squares of Umeyama (1991), in the plane. Joints count as far as they are in the
    picture, and the head a little, for who shows little else.
    """
    one, other = (pose.points[list(_RIGID)].astype(np.float64) for pose in (before, now))
    weight = np.minimum(before.presence, now.presence)[list(_RIGID)] ** 2 * _WEIGHTS
    weight = (weight / max(float(weight.sum()), 1e-9))[:, None]
    middle, target = (weight * one).sum(axis=0), (weight * other).sum(axis=0)
    a, b = one - middle, other - target
    spread = max(float((weight * a * a).sum()), 1e-6)
    cos = float((weight * a * b).sum()) / spread
    sin = float((weight[:, 0] * (a[:, 0] * b[:, 1] - a[:, 1] * b[:, 0])).sum()) / spread
    turned: NDArray[np.float64] = np.array([[cos, -sin], [sin, cos]])
    return np.concatenate([turned, (target - turned @ middle)[:, None]], axis=1)


def _dwarfed(pose: Pose) -> bool:
    """Return whether a torso is too short and too narrow for its head, though seen from the front.

    Who bends down is short, who turns away narrow, and their ears come together.
    """
    shoulders, hips = pose.points[list(SHOULDERS)], pose.points[list(HIPS)]
    ears = pose.points[[Joint.LEFT_EAR, Joint.RIGHT_EAR]]
    tall = np.linalg.norm(shoulders.mean(0) - hips.mean(0))
    head, wide = (np.linalg.norm(one - other) for one, other in (ears, shoulders))
    return bool(tall < _LEAST_TORSO * head and wide < _LEAST_SHOULDERS * head)


def _outgrows(wider: Pose, found: Pose) -> bool:
    """Return whether shoulders are much wider in another look, and turned the same way."""
    one, other = (np.subtract(*pose.points[list(SHOULDERS)]) for pose in (wider, found))
    return not _dwarfed(wider) and bool(one @ other > _GROWS * (other @ other))


def _scale(matrix: Matrix) -> float:
    return float(np.hypot(*matrix[:, 0]))
