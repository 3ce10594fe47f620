"""What shows where the old clothes were: nothing of them, and what goes on beside them."""

from dataclasses import replace

import cv2
import numpy as np
from numpy.typing import NDArray
from tests.runtime.models.tryon.dolls import (
    GROUND,
    SHIRT,
    SKIN,
    STANDING,
    TROUSERS,
    Doll,
    Pixels,
    garment,
)

from livedraft.runtime.models.perception.parse import Part
from livedraft.runtime.models.tryon.body.frame import SIDES
from livedraft.runtime.models.tryon.body.look import Look
from livedraft.runtime.models.tryon.fit.targets import targets
from livedraft.runtime.models.tryon.garment import Garment
from livedraft.runtime.models.tryon.repair.net import Under
from livedraft.runtime.models.tryon.wear.layers import Fitted, Sheets
from livedraft.runtime.models.tryon.wear.wear import Worn, wear

AKIMBO = [
    [[142, 150], [60, 215], [140, 285], *STANDING[0][3:]],
    [[242, 150], [324, 215], [244, 285], *STANDING[1][3:]],
]

YELLOW = (240, 200, 40)
HAIR = (30, 25, 20)


def dressed(doll: Doll, look: Look, worn: Garment) -> Pixels:
    return worn_by(doll, look, worn).picture


def worn_by(doll: Doll, look: Look, worn: Garment) -> Worn:
    hem = None if look.hem is None else look.hem * doll.body.height
    parts = targets(worn, doll.body, look.outline(doll.body), hem)
    return wear(doll.image, look, doll.body, [Fitted(Sheets(worn), parts)])


def near(picture: Pixels, colour: tuple[int, int, int], by: int = 45) -> NDArray[np.bool_]:
    return np.asarray(np.abs(picture.astype(int) - np.array(colour)).max(-1) < by, bool)


def test_no_strip_of_an_old_top_is_seen_below_a_new_one() -> None:
    doll = Doll()
    read = doll.look
    assert read.hem is not None
    higher = replace(read, hem=read.hem - 12 / doll.body.height)  # as a parse errs at a ribbed hem
    worn = dressed(doll, higher, garment("upper", "long", YELLOW))
    strip = near(worn[280:325, 165:220], SHIRT)
    assert strip.mean() < 0.01


def test_hair_goes_on_where_the_old_collar_hid_it() -> None:
    doll = Doll()
    shoulders = np.array([[150, 128], [170, 112], [214, 112], [234, 128], [234, 150], [150, 150]])
    cv2.fillPoly(doll.image, [shoulders.astype(np.int32)], SHIRT)
    cv2.fillPoly(doll.kinds, [shoulders.astype(np.int32)], int(Part.CLOTHES))
    for x in (150, 216):
        cv2.rectangle(doll.image, (x, 62), (x + 18, 124), HAIR, -1)
        cv2.rectangle(doll.kinds, (x, 62), (x + 18, 124), int(Part.HAIR), -1)
    worn = dressed(doll, doll.look, garment("upper", "long", YELLOW))
    for x in (153, 219):
        below = worn[127:132, x : x + 12]
        assert not near(below, SHIRT).any()
        assert near(below, HAIR, 60).mean() > near(below, GROUND).mean()


def test_painted_skin_begins_in_the_tone_of_the_skin_beside_it() -> None:
    doll = Doll()
    height, width = doll.kinds.shape
    skin, ground, shares = (np.zeros((height, width, 3), np.uint8) for _ in range(3))
    skin[:] = 235, 190, 170  # what a net takes for skin, far from what is seen
    ground[:] = GROUND
    shares[..., :2] = 255
    shares[..., 2] = doll.clothes * 255
    look = replace(doll.look, under=Under(skin, ground, shares, (0, 0)))
    worn = dressed(doll, look, garment("upper", "short", YELLOW)).astype(float)
    hand = doll.body.at("l", "wrist")
    x, y = (round(float(at)) for at in hand)
    wrist = worn[y : y + 4, x - 4 : x + 4].reshape(-1, 3)
    assert np.abs(np.median(wrist, 0) - SKIN).max() < 50
    upper = worn[232:240, 114:122].reshape(-1, 3)  # far from any skin the net's counts
    assert np.median(upper, 0)[0] > SKIN[0] + 40


def test_trousers_go_down_to_their_hem_below_the_ankles() -> None:
    doll = Doll()
    worn = dressed(doll, doll.look, garment("lower", "none", YELLOW))
    assert not near(worn[466:475, 148:164], TROUSERS).any()
    assert np.array_equal(worn[480:488, 148:164], doll.image[480:488, 148:164])  # shoes


def test_a_sharply_bent_sleeve_has_no_hole() -> None:
    bent = [[[142, 150], [122, 230], [200, 200], *STANDING[0][3:]], STANDING[1]]
    doll, worn = Doll(bent), garment("upper", "long", YELLOW)
    cloth = (worn_by(doll, doll.look, worn).garment > 0.5).astype(np.uint8)
    rings, levels = cv2.findContours(cloth, cv2.RETR_CCOMP, cv2.CHAIN_APPROX_NONE)
    holes = [cv2.contourArea(ring) for ring, of in zip(rings, levels[0], strict=True) if of[3] >= 0]
    assert sorted(holes)[-2] < 60  # one is what is seen between the arm and the trunk


def test_old_sleeves_go_from_elbows_that_stand_out_further_than_hands_and_new_clothes() -> None:
    doll = Doll(AKIMBO)
    worn = garment("upper", "none")
    parts = targets(worn, doll.body, doll.look.outline(doll.body), None)
    made = wear(doll.image, doll.look, doll.body, [Fitted(Sheets(worn), parts)])
    for side in SIDES:
        x, y = doll.body.at(side, "elbow").astype(int)
        elbow = made.picture[y - 6 : y + 7, x - 6 : x + 7].astype(int)
        assert np.abs(elbow - SHIRT).max(-1).mean() > 40  # skin, and no cloth of the old shirt


def test_a_bulky_old_sleeve_is_not_cut_off_where_limbs_end() -> None:
    doll = Doll()
    joints = doll.body.joints
    for side in (0, 1):  # as a space suit: twice as far from the bone as any limb
        line = joints[side, :2].round().astype(np.int32)
        cv2.polylines(doll.image, [line], False, SHIRT, 120)
        cv2.polylines(doll.kinds, [line], False, int(Part.CLOTHES), 120)
    worn = dressed(doll, doll.look, garment("upper", "none", YELLOW))
    assert near(doll.image[150:225, 62:90], SHIRT).mean() > 0.5
    assert near(worn[150:225, 50:90], SHIRT).mean() < 0.01


def test_what_is_taken_for_a_face_on_a_chest_is_part_of_the_top() -> None:
    doll = Doll()
    brooch = np.s_[205:225, 205:225]
    doll.image[brooch], doll.kinds[brooch] = HAIR, Part.FACE
    worn = dressed(doll, doll.look, garment("upper", "short", YELLOW))
    assert not near(worn[200:230, 200:230], HAIR, 60).any()


def test_a_beard_stays_part_of_the_head() -> None:
    doll = Doll()
    beard = np.s_[100:170, 180:204]
    doll.image[beard], doll.kinds[beard] = HAIR, Part.HAIR
    worn = dressed(doll, doll.look, garment("upper", "short", YELLOW))
    assert near(worn[104:166, 184:200], HAIR, 40).all()


def test_beside_a_neck_nothing_is_skin_through_a_collar() -> None:
    doll, cut = Doll(), garment("upper", "short", YELLOW)
    ring = np.array([[140, 100], [244, 100], [250, 150], [134, 150]], np.int32)  # a wide old collar
    neck = doll.kinds == Part.SKIN
    cv2.fillPoly(doll.kinds, [ring], int(Part.CLOTHES))
    cv2.fillPoly(doll.image, [ring], SHIRT)
    doll.kinds[neck], doll.image[neck] = Part.SKIN, SKIN
    wide = cut.opening.copy()
    wide[:60, 100:200] = 1  # what is above a neckline, up to the picture's edge
    worn = dressed(doll, doll.look, replace(cut, opening=wide))
    assert not near(worn[102:114, 144:158], SKIN, 30).any()
    assert near(worn[120:134, 186:198], SKIN, 40).all(), "the neck is"
