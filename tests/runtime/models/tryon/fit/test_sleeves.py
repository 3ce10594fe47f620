"""Where sleeves come to lie along arms that hang, are raised, or laid across the body."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import ArrayLike, NDArray
from tests.runtime.models.tryon.dolls import CROSSED, STANDING, Doll, garment

from livedraft.runtime.models.tryon.fit.targets import targets
from livedraft.runtime.models.tryon.garment import Sleeves

RAISED = [
    [side[0], [side[0][0] + out * 45, 95], [side[0][0] + out * 15, 25], *side[3:]]
    for side, out in zip(STANDING, (-1, 1), strict=True)
]
FOLDED = [
    [side[0], side[1], [side[1][0] - out * 8, 165], *side[3:]]
    for side, out in zip(STANDING, (-1, 1), strict=True)
]


def cuff(joints: ArrayLike, sleeves: Sleeves) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return the outer and the inner end of the sleeve at the picture's right, px."""
    doll = Doll(joints)
    part = targets(garment("upper", sleeves), doll.body, doll.look.outline(doll.body))[2]
    assert part.layer == "sleeve_r"
    outer, inner = (part.body[part.names.index(f"sleeve_{edge}100_r")] for edge in ("out", "in"))
    return outer, inner


@pytest.mark.parametrize(
    ("joints", "outer_lies"),
    [
        (STANDING, (1, 0)),  # beside the body
        (RAISED, (-1, 0)),  # the edge from the shoulder's tip lies towards the head
        (CROSSED, (0, 1)),  # it turns around the elbow, and lies below the forearm
        (FOLDED, (1, 0)),  # a hand that is held up before the shoulder turns nothing
    ],
)
def test_the_outer_edge_stays_on_its_side_of_the_arm(
    joints: ArrayLike, outer_lies: tuple[int, int]
) -> None:
    outer, inner = cuff(joints, "long")
    assert float((outer - inner) @ np.array(outer_lies)) > 0.5 * float(np.hypot(*(outer - inner)))


@pytest.mark.parametrize("joints", [STANDING, RAISED])
def test_cuffs_are_square_to_the_arm(joints: ArrayLike) -> None:
    outer, inner = cuff(joints, "short")
    arm = np.array(joints, np.float32)[1]
    along = (arm[1] - arm[0]) / np.linalg.norm(arm[1] - arm[0])
    across = (outer - inner) / np.linalg.norm(outer - inner)
    assert abs(float(across @ along)) < 0.5
