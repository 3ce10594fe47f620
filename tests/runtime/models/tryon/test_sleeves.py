"""How far sleeves reach, and how far out elbows may be whose old sleeves go."""

from dataclasses import replace

import numpy as np
import pytest
from tests.runtime.models.tryon.dolls import SHIRT, STANDING, Doll, garment

from livedraft.runtime.models.tryon.body.frame import SIDES, Side
from livedraft.runtime.models.tryon.fit.targets import targets
from livedraft.runtime.models.tryon.garment import Garment
from livedraft.runtime.models.tryon.wear.layers import Fitted, Sheets
from livedraft.runtime.models.tryon.wear.wear import wear

AKIMBO = [
    [[142, 150], [60, 215], [140, 285], *STANDING[0][3:]],
    [[242, 150], [324, 215], [244, 285], *STANDING[1][3:]],
]


def cut_to(sleeve: float, whole: Garment) -> Garment:
    """Return a garment whose sleeves are this share as long, cuffs as wide."""
    points = dict(whole.points)
    for side in SIDES:
        for start, end in (("shoulder", "cuff_out"), ("pit", "cuff_in")):
            at, to = (np.array(whole.points[f"{name}_{side}"]) for name in (start, end))
            x, y = at + (to - at) * sleeve
            points[f"{end}_{side}"] = (float(x), float(y))
    return replace(whole, points=points)


def cuff(doll: Doll, worn: Garment, side: Side) -> tuple[float, float]:
    """Return how far down the outer and the inner edge of a cuff are, px."""
    parts = targets(worn, doll.body, doll.look.outline(doll.body), None)
    sleeve = next(part for part in parts if part.layer == f"sleeve_{side}")
    out, in_ = (sleeve.body[sleeve.names.index(f"sleeve_{e}100_{side}")] for e in ("out", "in"))
    return float(out[1]), float(in_[1])


@pytest.mark.parametrize("side", SIDES)
def test_a_short_sleeve_ends_above_the_elbow_by_what_goes_around_the_shoulder(side: Side) -> None:
    doll, worn = Doll(), garment("upper", "short")
    out, in_ = cuff(doll, worn, side)
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
        assert cuff(doll, cut_to(length, long), side) == pytest.approx((wrist, wrist), abs=12)
    assert max(cuff(doll, cut_to(0.5, long), side)) < wrist - 25


def test_old_sleeves_go_from_elbows_that_stand_out_further_than_hands_and_new_clothes() -> None:
    doll = Doll(AKIMBO)
    worn = garment("upper", "none")
    parts = targets(worn, doll.body, doll.look.outline(doll.body), None)
    made = wear(doll.image, doll.look, doll.body, [Fitted(Sheets(worn), parts)])
    for side in SIDES:
        x, y = doll.body.at(side, "elbow").astype(int)
        near = made.picture[y - 6 : y + 7, x - 6 : x + 7].astype(int)
        assert np.abs(near - SHIRT).max(-1).mean() > 40  # skin, and no cloth of the old shirt
