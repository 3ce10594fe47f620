"""From a pose to a body: which limbs count as seen."""

import numpy as np
import pytest

from livedraft.runtime.models.perception.pose import Pose
from livedraft.runtime.models.tryon.body.reading import body_of

SIZE = 400, 600


def pose(elbow: float) -> Pose:
    """Return somebody in the middle of the picture, one elbow of whom is there so surely."""
    points = np.full((33, 2), (200.0, 300.0), np.float32)
    points[[12, 11]], points[[24, 23]] = [[120, 150], [280, 150]], [[150, 350], [250, 350]]
    presence = np.ones(33, np.float32)
    presence[14] = elbow
    level = np.zeros(33, np.float32)
    return Pose(points, level, np.ones(33, np.float32), presence)


@pytest.mark.parametrize(("presence", "seen"), [(0.43, False), (0.6, True)])
def test_an_arm_that_is_rather_not_there_hangs_down_instead(presence: float, seen: bool) -> None:
    body = body_of(pose(presence), SIZE)
    assert body.arms_seen == (seen, True)
    hangs = body.at("l", "wrist")[1] > body.at("l", "elbow")[1] > body.at("l", "shoulder")[1]
    assert hangs or seen
