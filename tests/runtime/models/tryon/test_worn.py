"""What is read of worn clothes where that is hard: stripes, pale tops, dim faces."""

from __future__ import annotations

import numpy as np
import pytest
from tests.runtime.models.tryon.dolls import SIZE, SKIN, STANDING, Doll, garment

from livedraft.runtime.models.perception.parse import Part
from livedraft.runtime.models.tryon.arrays import Mask
from livedraft.runtime.models.tryon.body.frame import SIDES
from livedraft.runtime.models.tryon.body.look import look
from livedraft.runtime.models.tryon.fit.targets import targets

Colour = tuple[int, int, int]

WHITE, NAVY, PURPLE, ROSE = (235, 235, 235), (25, 30, 70), (90, 50, 140), (220, 160, 190)
HEM = 300  # px from the top: where the doll's shirt ends


def down_to(doll: Doll, row: int) -> float:
    return (row - float(doll.body.neck[1])) / doll.body.height


def striped(doll: Doll, top: tuple[Colour, Colour], bottom: tuple[Colour, Colour]) -> None:
    """Paint clothes anew in stripes of 14 px, above the hem and below it."""
    cloth = doll.kinds == Part.CLOTHES
    rows = np.arange(SIZE[1])[:, None] + np.zeros(SIZE[0], int)
    for (one, other), where in ((top, rows < HEM), (bottom, rows >= HEM)):
        doll.image[cloth & where & (rows // 14 % 2 == 0)] = one
        doll.image[cloth & where & (rows // 14 % 2 == 1)] = other


@pytest.mark.parametrize(
    ("top", "bottom"),
    [
        ((PURPLE, NAVY), (ROSE, NAVY)),  # one colour is of both
        ((ROSE, PURPLE), (WHITE, NAVY)),
        ((NAVY, NAVY), (WHITE, ROSE)),
    ],
)
def test_a_hem_is_found_between_stripes(
    top: tuple[Colour, Colour], bottom: tuple[Colour, Colour]
) -> None:
    doll = Doll()
    striped(doll, top, bottom)
    assert doll.look.hem == pytest.approx(down_to(doll, HEM), abs=0.1)


def test_a_hem_is_found_though_a_parse_takes_the_top_for_background() -> None:
    doll = Doll()
    rows = np.arange(SIZE[1])[:, None] + np.zeros(SIZE[0], int)
    doll.kinds[(doll.kinds == Part.CLOTHES) & (rows < HEM)] = Part.BACKGROUND
    assert doll.look.hem == pytest.approx(down_to(doll, HEM), abs=0.1)


def test_of_clothes_of_one_colour_no_hem_is_told() -> None:
    doll = Doll()
    striped(doll, (NAVY, WHITE), (WHITE, NAVY))
    assert doll.look.hem is None


def test_a_white_top_that_is_taken_for_skin_is_clothes() -> None:
    doll = Doll()
    rows = np.arange(SIZE[1])[:, None] + np.zeros(SIZE[0], int)
    shirt = (doll.kinds == Part.CLOTHES) & (rows < HEM)
    shaded = shirt & (np.arange(SIZE[0]) > 200)
    doll.image[shirt], doll.kinds[shirt] = (250, 250, 240), Part.SKIN
    doll.image[shaded] = (170, 170, 163)
    read = doll.look
    assert read.planes[2][shirt].mean() > 200
    assert read.planes[1][shirt].mean() < 40
    face = doll.kinds == Part.FACE
    assert read.tone is not None
    np.testing.assert_allclose(read.tone, SKIN, atol=25)
    assert read.planes[0][face].mean() > 200


def test_skin_stays_skin_where_arms_and_legs_are_bare() -> None:
    doll = Doll(sleeved=False)
    bare = doll.kinds == Part.SKIN
    assert doll.look.planes[1][bare].mean() > 200


def test_features_tell_the_tone_of_a_face_that_a_parse_does_not_know() -> None:
    doll = Doll()
    for part in (Part.FACE, Part.SKIN):
        doll.kinds[doll.kinds == part] = Part.HAIR
    assert doll.look.tone is None
    eyes_and_mouth = np.array([[172, 72], [212, 72], [180, 98], [204, 98]], np.float32)
    read = look(doll.image, doll.parse, doll.body, features=eyes_and_mouth)
    assert read.tone is not None
    np.testing.assert_allclose(read.tone, SKIN, atol=12)


@pytest.mark.parametrize("off", [-7, 7])
def test_a_sleeve_lies_on_the_arm_that_is_seen_where_joints_are_off(off: int) -> None:
    away = [
        [[142, 150], [82, 225], [42, 290], *STANDING[0][3:]],
        [[242, 150], [302, 225], [342, 290], *STANDING[1][3:]],
    ]
    doll = Doll(away, sleeved=False)
    wrong = np.array(away, np.float32)
    wrong[:, 1:3, 0] += off  # both elbows and wrists
    worn = garment("upper", "long")
    true, seen = (
        targets(worn, Doll(joints, sleeved=False).body, doll.look.outline(doll.body))
        for joints in (away, wrong)
    )
    for one, other, _ in zip(true[1:], seen[1:], SIDES, strict=True):
        for station in (50, 75):
            names = [f"sleeve_{edge}{station}_{one.layer[-1]}" for edge in ("out", "in")]
            middles = [
                np.mean([part.body[part.names.index(name)] for name in names], axis=0)
                for part in (one, other)
            ]
            way = np.array([-0.78, 0.62]) if one.layer.endswith("l") else np.array([0.78, 0.62])
            normal = np.array([-way[1], way[0]])
            assert abs(float((middles[0] - middles[1]) @ normal)) < 0.35 * abs(off)


VERY_DEEP, TEAL = (48, 38, 33), (40, 80, 90)


def hands_taken_for_clothes(skin: Colour, hand: Colour) -> tuple[Doll, Mask]:
    """Return somebody with skin of a tone, whose hands a parse takes for clothes."""
    doll = Doll()
    bare = (doll.kinds == Part.SKIN) | (doll.kinds == Part.FACE)
    doll.image[bare] = skin
    doll.image[doll.kinds == Part.HAIR] = (5, 5, 5)
    rows = np.arange(SIZE[1])[:, None] + np.zeros(SIZE[0], int)
    hands = (doll.kinds == Part.SKIN) & (rows > 250)
    doll.image[hands], doll.kinds[hands] = hand, Part.CLOTHES
    return doll, hands


def test_very_dark_hands_that_a_parse_takes_for_clothes_are_skin() -> None:
    doll, hands = hands_taken_for_clothes(VERY_DEEP, VERY_DEEP)
    read = doll.look
    assert read.planes[1][hands].mean() > 180
    assert read.planes[2][hands].mean() < 60


@pytest.mark.parametrize(
    ("skin", "hand"),
    [
        (VERY_DEEP, TEAL),  # of another colour than skin
        (SKIN, SKIN),  # lighter skin is left to the parse, as beige cloth and metal are like it
    ],
)
def test_what_else_lies_by_a_wrist_stays_as_it_was_parsed(skin: Colour, hand: Colour) -> None:
    doll, hands = hands_taken_for_clothes(skin, hand)
    assert doll.look.planes[2][hands].mean() > 180


def test_a_cuff_of_the_top_s_own_colour_is_no_hand_though_skin_is_as_dark() -> None:
    doll, hands = hands_taken_for_clothes(VERY_DEEP, VERY_DEEP)
    rows = np.arange(SIZE[1])[:, None] + np.zeros(SIZE[0], int)
    doll.image[(doll.kinds == Part.CLOTHES) & (rows < HEM)] = VERY_DEEP
    assert doll.look.planes[2][hands].mean() > 180
