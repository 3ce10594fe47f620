"""Where tops come to lie: garments that are cut to a body's measure lie on it as they were cut."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from tests.runtime.models.tryon.dolls import Doll, garment

from livedraft.runtime.models.tryon.fit.controls import in_frame
from livedraft.runtime.models.tryon.fit.targets import targets
from livedraft.runtime.models.tryon.garment import Garment, Sleeves

DOLL = Doll()
BODY = DOLL.body


def cut(sleeves: Sleeves, shoulders: float, fall: float, long: float) -> Garment:
    """Cut a top: how wide its shoulders are, how far they fall of that, how deep its hem lies."""
    plain = garment("upper", sleeves)
    half, top = shoulders / 2, 30 + fall * shoulders
    points = dict(plain.points)
    for side, sign in (("l", -1), ("r", 1)):
        points[f"shoulder_{side}"] = (150 + sign * half, top)
        points[f"pit_{side}"] = (150 + sign * 55, top + 60)
        points[f"hem_{side}"] = (150 + sign * 55, top + long)
    return replace(plain, points=points)


def placed(worn: Garment, hem: float | None = None) -> dict[str, tuple[float, float]]:
    """Return the body's control points across and down from the neck, in the shoulders' width."""
    part = targets(worn, BODY, DOLL.look.outline(BODY), hem)[0]
    framed = in_frame(part.body, BODY)
    return {name: (float(x), float(y)) for name, (x, y) in zip(part.names, framed, strict=True)}


def length(at: dict[str, tuple[float, float]]) -> float:
    return at["hem_l"][1] - at["shoulder_l"][1]


def test_a_top_without_sleeves_is_no_longer_than_one_with_sleeves() -> None:
    # The same cloth: the armhole takes of the shoulders, not of the length.
    sleeved = placed(cut("short", 112, 0.09, 170))
    bare = placed(cut("none", 86, 0.09, 170))
    assert length(bare) == pytest.approx(length(sleeved), rel=0.06)
    assert abs(bare["shoulder_l"][0]) < 0.45 < abs(sleeved["shoulder_l"][0])


def test_shoulders_that_fall_lie_further_out() -> None:
    usual, dropped = (
        abs(placed(cut("long", 112, fall, 170))["shoulder_l"][0]) for fall in (0.07, 0.2)
    )
    assert usual == pytest.approx(0.46, abs=0.03)
    assert dropped - usual == pytest.approx(1.2 * 0.13, abs=0.02)


def test_a_seam_keeps_to_the_outline_of_the_shoulder() -> None:
    part = targets(cut("short", 112, 0.09, 170), BODY, DOLL.look.outline(BODY))[0]
    x, y = part.body[part.names.index("shoulder_l")].round().astype(int)
    body = DOLL.look.person[..., 0] > 127
    assert not body[y - 6, x]
    assert body[y + 8, x]


def test_a_hem_reaches_down_over_the_worn_one_as_far_as_cloth_may_stretch() -> None:
    worn = cut("short", 112, 0.09, 150)
    own = length(placed(worn))
    ends = np.array([0.8, 1.15, 2.0]) * own * BODY.width
    reached = [
        placed(worn, float(end) + placed(worn)["shoulder_l"][1] * BODY.width)["hem_l"][1]
        * BODY.width
        for end in ends
    ]
    start = placed(worn)["shoulder_l"][1] * BODY.width
    short, covering, stretched = (np.array(reached) - start) / (own * BODY.width)
    assert 0.95 <= short < 1  # old trousers need nothing invented: it is hardly drawn up
    assert covering >= 1.15  # no rim of the old hem is left
    assert 1.15 < stretched < 1.32
