"""Where trousers and shorts come to lie, whatever the girth and the gap between their legs."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.runtime.models.tryon.dolls import STANDING, Doll, garment

from livedraft.runtime.models.tryon.fit.controls import in_frame
from livedraft.runtime.models.tryon.fit.targets import targets
from livedraft.runtime.models.tryon.garment import Garment

DOLL = Doll()
BODY = DOLL.body
HEIGHT = BODY.height / BODY.width  # from shoulders to hips, in the shoulders' width


def down(worn: Garment, on: Doll = DOLL) -> dict[str, float]:
    """Return how far below the shoulders control points lie, in the shoulders' width."""
    parts = targets(worn, on.body, on.look.outline(on.body))
    return {
        name: float(y)
        for part in parts
        for name, (_, y) in zip(part.names, in_frame(part.body, on.body), strict=True)
    }


def shortened(worn: Garment, by: float) -> Garment:
    """Cut trousers' legs to a share of their length, and all of them as wide as trousers are."""
    crotch = worn.points["crotch"][1]
    points = {
        name: (150 + (x - 150) * 1.45, crotch + (y - crotch) * (by if y > crotch else 1))
        for name, (x, y) in worn.points.items()
    }
    return replace(worn, points=points)


def touching(worn: Garment, by: float) -> Garment:
    """Move the crotch that is found down to where the legs part, px."""
    x, y = worn.points["crotch"]
    return replace(worn, points={**worn.points, "crotch": (x, y + by)})


def test_a_waistband_lies_at_the_waist() -> None:
    at = down(garment("lower"))
    assert 0.7 * HEIGHT < at["waist_l"] < 0.98 * HEIGHT
    assert at["crotch"] == pytest.approx(1.19 * HEIGHT, abs=0.02)


def test_legs_that_touch_as_they_lie_lengthen_no_rise() -> None:
    plain, low = down(garment("lower")), down(touching(garment("lower"), 40))
    assert low["waist_l"] == pytest.approx(plain["waist_l"], abs=0.3)
    assert low["crotch"] > plain["crotch"] + 0.1  # it lies where the legs part
    assert low["crotch"] < low["knee_in_l"]
    assert low["hem_out_l"] == pytest.approx(plain["hem_out_l"], abs=0.1)


def test_shorts_end_in_their_own_proportion() -> None:
    trousers = down(shortened(garment("lower"), 1))
    long, short = (down(shortened(garment("lower"), by)) for by in (0.4, 0.25))
    whole = trousers["hem_out_l"] - trousers["crotch"]
    own = long["hem_out_l"] - long["crotch"], short["hem_out_l"] - short["crotch"]
    assert own[1] / own[0] == pytest.approx(0.25 / 0.4, rel=0.05)
    assert own[0] < 0.7 * whole
    assert long["waist_l"] == pytest.approx(short["waist_l"], abs=0.01)


def test_a_dress_is_hardly_shorter_on_somebody_who_is_turned_a_little() -> None:
    turned = Doll([[[192 + (x - 192) * 0.85, y] for x, y in side] for side in STANDING])
    ends = [
        down(garment("dress"), doll)["hem_l"] * doll.body.width / doll.body.height
        for doll in (DOLL, turned)
    ]
    assert turned.body.width == pytest.approx(0.85 * BODY.width)
    assert 0.9 < ends[1] / ends[0] < 1  # of a scale by shoulders alone .85 would be left
