"""What is worn, and what stays: pictures of dolls in garments whose every pixel is known."""

from dataclasses import replace

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import ArrayLike, NDArray
from tests.runtime.models.tryon.dolls import (
    CROSSED,
    SIZE,
    SKIN,
    STANDING,
    TROUSERS,
    Doll,
    Floats,
    Pixels,
    garment,
)

from livedraft.runtime.models.perception.parse import Part
from livedraft.runtime.models.tryon.body.frame import Body
from livedraft.runtime.models.tryon.body.worn import firm
from livedraft.runtime.models.tryon.fit.controls import ORDER
from livedraft.runtime.models.tryon.fit.targets import targets
from livedraft.runtime.models.tryon.fit.tops import Ease
from livedraft.runtime.models.tryon.garment import Garment, Kind, Sleeves
from livedraft.runtime.models.tryon.wear.layers import Fitted, Sheets
from livedraft.runtime.models.tryon.wear.limbs import Limbs
from livedraft.runtime.models.tryon.wear.wear import Worn, wear

YELLOW, GREEN = (240, 200, 40), (40, 160, 70)


def fitted(doll: Doll, worn: Garment, fit: float = 0.0) -> Fitted:
    look, body = doll.look, doll.body
    hem = None if look.hem is None else look.hem * body.height
    return Fitted(Sheets(worn), targets(worn, body, look.outline(body), hem, Ease(fit)))


def dressed(doll: Doll, *worn: Garment, fit: float = 0.0, allowed: Floats | None = None) -> Worn:
    parts = [fitted(doll, each, fit) for each in worn]
    return wear(doll.image, doll.look, doll.body, parts, allowed)


def near(picture: Pixels, colour: tuple[int, int, int], by: int = 60) -> NDArray[np.bool_]:
    return np.asarray(np.abs(picture.astype(int) - np.array(colour)).max(-1) < by, bool)


KINDS: list[tuple[Kind, Sleeves]] = [
    ("upper", "none"),
    ("upper", "short"),
    ("upper", "long"),
    ("lower", "none"),
    ("dress", "short"),
]


@pytest.mark.parametrize(("kind", "sleeves"), KINDS)
@pytest.mark.parametrize("joints", [STANDING, CROSSED])
def test_outside_of_the_mask_nothing_changes(
    joints: ArrayLike, kind: Kind, sleeves: Sleeves
) -> None:
    doll = Doll(joints)
    worn = dressed(doll, garment(kind, sleeves))
    changed = (worn.picture != doll.image).any(-1)
    assert changed.any()
    assert not changed[~worn.mask].any()


@pytest.mark.parametrize(("kind", "sleeves"), KINDS)
def test_the_mask_holds_old_and_new_clothes_and_their_rims_alone(
    kind: Kind, sleeves: Sleeves
) -> None:
    doll = Doll()
    worn = dressed(doll, garment(kind, sleeves))
    x0, y0, x1, y1 = worn.box
    new = np.zeros(worn.mask.shape, np.float32)
    new[y0:y1, x0:x1] = worn.garment
    may = cv2.dilate(
        np.maximum(doll.clothes, new > 0).astype(np.uint8), np.ones((25, 25), np.uint8)
    )
    assert not (worn.mask & (may == 0)).any()


def test_who_fills_a_picture_is_not_painted_over_in_it() -> None:
    doll, worn = Doll(STANDING), garment("upper", "long")
    left, right = 96, 288  # the clothes reach both sides
    body = replace(doll.body, joints=doll.body.joints - np.array([left, 0], np.float32))
    crop = np.s_[..., left:right]
    look = replace(
        doll.look, body=body, planes=doll.look.planes[crop], person=doll.look.person[:, left:right]
    )
    image = np.ascontiguousarray(doll.image[:, left:right])
    before = image.copy()
    dressed_ = wear(
        image, look, body, [Fitted(Sheets(worn), targets(worn, body, look.outline(body)))]
    )
    assert (dressed_.box[0], dressed_.box[2]) == (0, right - left)
    assert (dressed_.picture != image).any()
    assert (image == before).all()


def test_a_top_covers_the_torso_and_leaves_face_and_trousers() -> None:
    doll = Doll()
    worn = dressed(doll, garment("upper", "long", YELLOW))
    yellow = near(worn.picture, YELLOW, 75)
    assert yellow[160:280, 150:235].mean() > 0.97
    assert np.array_equal(worn.picture[40:110, 150:235], doll.image[40:110, 150:235])
    assert near(worn.picture[380:460, 150:165], TROUSERS).mean() > 0.95


def test_sleeves_that_go_leave_the_persons_own_skin() -> None:
    doll = Doll()
    worn = dressed(doll, garment("upper", "short", YELLOW))
    arm = worn.picture[255:280, 110:120].reshape(-1, 3).astype(float)
    assert np.abs(np.median(arm, 0) - SKIN).max() < 30


def test_without_any_skin_in_sight_old_sleeves_stay() -> None:
    doll = Doll(hands=False)
    assert doll.look.tone is None
    worn = dressed(doll, garment("upper", "short", YELLOW))
    assert np.array_equal(worn.picture[255:280, 112:118], doll.image[255:280, 112:118])


def test_arms_before_the_chest_stay_before_a_new_top() -> None:
    bare = Doll(CROSSED, sleeved=False)
    worn = dressed(bare, garment("upper", "short", YELLOW))
    assert near(worn.picture[212:222, 185:200], SKIN).mean() > 0.9


def test_sleeved_arms_before_the_chest_become_bare_ones() -> None:
    doll = Doll(CROSSED)
    worn = dressed(doll, garment("upper", "short", YELLOW))
    assert near(worn.picture[212:222, 185:200], SKIN, 75).mean() > 0.8


def test_trousers_go_under_the_top_that_stays() -> None:
    doll = Doll()
    worn = dressed(doll, garment("lower", "none", GREEN))
    assert near(worn.picture[340:440, 150:165], GREEN, 75).mean() > 0.95
    assert np.array_equal(worn.picture[160:270, 160:225], doll.image[160:270, 160:225])


def test_trousers_are_seen_in_an_open_jacket_and_no_button_is_a_hole() -> None:
    doll = Doll()
    doll.image[252:292, 175:210] = TROUSERS  # they are worn higher than the jacket ends
    doll.image[262:266, 158:162] = TROUSERS
    worn = dressed(doll, garment("lower", "none", GREEN))
    assert near(worn.picture[272:290, 180:205], GREEN, 75).mean() > 0.9
    assert np.array_equal(worn.picture[262:266, 158:162], doll.image[262:266, 158:162])


def test_a_ring_around_the_neck_goes_with_the_old_clothes() -> None:
    doll = Doll()
    black = 5, 5, 5
    ring = np.zeros(doll.kinds.shape, np.uint8)
    cv2.ellipse(ring, (192, 138), (62, 18), 0, 0, 360, 1, -1)
    ring[doll.kinds == Part.FACE] = 0
    doll.image[ring > 0], doll.kinds[ring > 0] = black, Part.OTHER
    worn = dressed(doll, garment("upper", "short", YELLOW))
    assert not near(worn.picture[118:158, 125:260], black, 30).any()


def test_faint_skin_along_an_outline_is_no_skin() -> None:
    share = np.zeros((40, 40), np.float32)
    share[5:20, 5:20], share[:, 30] = 0.9, 0.35
    found = firm(share, 50)
    assert found[10, 10] == share[10, 10]
    assert not found[:, 28:].any()


def test_a_wide_skirt_falls_away_from_the_hips_in_one_line() -> None:
    cut = garment("dress", "none")
    points = dict(cut.points) | {"hip_l": (70.0, 190.0), "hip_r": (230.0, 190.0)}
    points |= {"hem_l": (10.0, 290.0), "hem_r": (290.0, 290.0)}
    names = ("neck", "shoulder", "pit", "waist", "hip", "hem")
    ring = [points[f"{n}_l"] for n in names] + [points[f"{n}_r"] for n in reversed(names)]
    inside = np.zeros((300, 300), np.uint8)
    cv2.fillPoly(inside, [np.array(ring, np.int32)], (1,))
    cloth = inside.astype(np.float32)
    body = fitted(Doll(), replace(cut, points=points, alpha=cloth, body=cloth)).parts[0]
    hip, skirt, hem = (body.body[body.names.index(f"{name}_r")] for name in ("hip", "skirt", "hem"))
    slopes = [(b - a)[0] / (b - a)[1] for a, b in ((hip, skirt), (skirt, hem))]
    assert abs(slopes[0] - slopes[1]) < 0.15


def test_a_walkers_foot_keeps_no_trousers_on_the_other_leg() -> None:
    walking = [[list(at) for at in side] for side in STANDING]
    walking[1][5] = [214, 415]  # lifted, behind the leg that stands
    feet = Limbs(Doll(walking).body, (0, 0, *SIZE)).feet
    assert (feet[400:460, 150:162] > 1).all()
    assert (feet[425:440, 210:220] < 1).all()


def test_two_garments_lie_one_over_the_other() -> None:
    doll = Doll()
    worn = dressed(doll, garment("lower", "none", GREEN), garment("upper", "long", YELLOW))
    assert near(worn.picture[160:280, 150:235], YELLOW, 75).mean() > 0.97
    assert near(worn.picture[350:440, 150:165], GREEN, 75).mean() > 0.95


def test_fit_makes_it_wider_and_slimmer() -> None:
    areas = [dressed(Doll(), garment("upper", "long"), fit=fit).garment.sum() for fit in (-1, 0, 1)]
    assert areas[0] < areas[1] < areas[2]


def test_a_hand_made_mask_binds() -> None:
    doll = Doll()
    allowed = np.zeros(doll.image.shape[:2], np.float32)
    allowed[:, 192:] = 1
    worn = dressed(doll, garment(), allowed=allowed)
    assert not worn.mask[:, :192].any()
    assert worn.mask[:, 192:].any()


def test_a_layer_over_the_picture_is_the_worn_picture() -> None:
    doll = Doll()
    worn = dressed(doll, garment())
    x0, y0, x1, y1 = worn.box
    veil = worn.veil[..., None]
    laid = doll.image[y0:y1, x0:x1] * (1 - veil) + worn.layer(doll.image) * veil
    assert np.abs(laid - worn.picture[y0:y1, x0:x1]).max() <= 1.5


spot = st.tuples(st.floats(-60, 450), st.floats(-60, 580))


@settings(max_examples=25, deadline=None)
@given(joints=st.lists(spot, min_size=12, max_size=12), which=st.sampled_from(KINDS))
def test_any_joints_give_finite_maps_and_a_picture(
    joints: list[tuple[float, float]], which: tuple[Kind, Sleeves]
) -> None:
    doll = Doll()
    body = Body(np.array(joints, np.float32).reshape(2, 6, 2))
    look = doll.look
    worn_garment = garment(*which)
    parts = targets(worn_garment, body, look.outline(body), None)
    assert all(np.isfinite(part.body).all() for part in parts)
    worn = wear(doll.image, look, body, [Fitted(Sheets(worn_garment), parts)])
    assert np.isfinite(worn.map).all()
    assert np.array_equal(worn.picture[~worn.mask], doll.image[~worn.mask])


@pytest.mark.parametrize(("kind", "sleeves"), KINDS)
def test_control_points_have_names_in_an_order_that_stays(kind: Kind, sleeves: Sleeves) -> None:
    names = [name for part in fitted(Doll(), garment(kind, sleeves)).parts for name in part.names]
    assert set(names) <= set(ORDER[kind])
    assert len(set(ORDER[kind])) == len(ORDER[kind])
