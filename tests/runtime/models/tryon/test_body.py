"""From a pose to a body: which limbs count as seen."""

import numpy as np
import pytest
from tests.runtime.models.tryon.dolls import SKIN, TROUSERS, Doll

from livedraft.runtime.models.perception.parse import Part
from livedraft.runtime.models.perception.pose import Pose
from livedraft.runtime.models.tryon.body.reading import body_of
from livedraft.runtime.models.tryon.fit.tops import Ease, flank

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


@pytest.mark.parametrize(("wide", "most"), [(58, 60), (65, 67)])
def test_a_seat_is_as_wide_as_its_clothes_are_up_to_a_hand(wide: int, most: int) -> None:
    doll = Doll()
    neck, height = doll.body.neck, doll.body.height
    row = int(neck[1] + 1.1 * height)
    band = np.s_[row - 25 : row + 25]
    doll.kinds[band], doll.image[band] = Part.SKIN, SKIN  # hands, all the way to both edges
    seat = band, slice(int(neck[0]) - wide, int(neck[0]) + wide)
    doll.kinds[seat], doll.image[seat] = Part.CLOTHES, TROUSERS
    at = flank("r", height, 1.0, doll.body, doll.look.outline(doll.body), Ease())
    assert wide - 4 < at[0] - neck[0] < most
