"""Where sleeves come to lie along arms that hang, are raised, or laid across the body; how far."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import ArrayLike, NDArray
from tests.runtime.models.tryon.dolls import CROSSED, STANDING, Doll, garment

from livedraft.runtime.models.tryon.body.frame import SIDES, Side
from livedraft.runtime.models.tryon.body.outline import Outline
from livedraft.runtime.models.tryon.fit.sleeves import enclosing
from livedraft.runtime.models.tryon.fit.targets import targets
from livedraft.runtime.models.tryon.garment import Garment, Sleeves

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


def cut_to(sleeve: float, whole: Garment) -> Garment:
    """Return a garment whose sleeves are this share as long, cuffs as wide."""
    points = dict(whole.points)
    for side in SIDES:
        for start, end in (("shoulder", "cuff_out"), ("pit", "cuff_in")):
            at, to = (np.array(whole.points[f"{name}_{side}"]) for name in (start, end))
            x, y = at + (to - at) * sleeve
            points[f"{end}_{side}"] = (float(x), float(y))
    return replace(whole, points=points)


def cuff_rows(doll: Doll, worn: Garment, side: Side) -> tuple[float, float]:
    """Return how far down the outer and the inner edge of a cuff are, px."""
    parts = targets(worn, doll.body, doll.look.outline(doll.body), None)
    sleeve = next(part for part in parts if part.layer == f"sleeve_{side}")
    out, in_ = (sleeve.body[sleeve.names.index(f"sleeve_{e}100_{side}")] for e in ("out", "in"))
    return float(out[1]), float(in_[1])


@pytest.mark.parametrize("side", SIDES)
def test_a_short_sleeve_ends_above_the_elbow_by_what_goes_around_the_shoulder(side: Side) -> None:
    doll, worn = Doll(), garment("upper", "short")
    out, in_ = cuff_rows(doll, worn, side)
    # Flat it is .63 of the shoulders' width long, as drawn; the arm hangs almost straight.
    flat = np.hypot(28, 70) / 120 * doll.body.width
    shoulder = doll.body.at(side, "shoulder")[1]
    assert out < shoulder + flat - 0.1 * doll.body.width
    assert out > shoulder + 0.2 * doll.body.width
    assert abs(out - in_) < 0.35 * doll.body.width


@pytest.mark.parametrize("side", SIDES)
def test_a_long_sleeve_ends_at_the_wrist_with_both_edges_and_a_shorter_one_does_not(
    side: Side,
) -> None:
    doll, long = Doll(), garment("upper", "long")
    wrist = doll.body.at(side, "wrist")[1]
    for length in (1.0, 1.15):
        assert cuff_rows(doll, cut_to(length, long), side) == pytest.approx((wrist, wrist), abs=12)
    assert max(cuff_rows(doll, cut_to(0.5, long), side)) < wrist - 25


def test_nothing_of_a_bare_arm_is_left_in_sight_beside_a_slim_sleeve() -> None:
    away = [
        [[142, 150], [82, 225], [42, 290], *STANDING[0][3:]],
        [[242, 150], [302, 225], [342, 290], *STANDING[1][3:]],
    ]
    doll = Doll(away, sleeved=False)
    outline = doll.look.outline(doll.body)
    _, *sleeves = targets(garment("upper", "long"), doll.body, outline)
    for part in sleeves:
        middle = part.body.mean(0)
        slim = replace(part, body=(middle + (part.body - middle) * 0.5).astype(np.float32))
        made = enclosing(slim, doll.body, outline)
        for station in (50, 75):
            at = made.body[made.names.index(f"sleeve_out{station}_{part.layer[-1]}")]
            was = slim.body[made.names.index(f"sleeve_out{station}_{part.layer[-1]}")]
            above = np.array([0, -1], np.float32)
            now, before = (outline.reach("person", one, above, 60)[0] for one in (at, was))
            assert now <= 7.5  # a sleeve's cloth lies a little beyond its control points
            assert now < before


def test_wide_worn_sleeves_widen_no_slim_new_one() -> None:
    doll = Doll()
    wide = np.ones(doll.kinds.shape, bool)
    outline = Outline(wide, wide, np.eye(2, 3, dtype=np.float32), wide)
    _, part, _ = targets(garment("upper", "long"), doll.body, doll.look.outline(doll.body))
    np.testing.assert_array_equal(enclosing(part, doll.body, outline).body, part.body)
