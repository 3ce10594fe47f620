"""The shipped net: arms in the person's own tone, of every lightness, and nothing elsewhere."""

from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
from tests.runtime.models.tryon.dolls import STANDING, Doll, garment
from tests.runtime.models.tryon.repair.test_skin import TONES, lab

from livedraft.errors import WeightsError
from livedraft.runtime.models.base import Plan
from livedraft.runtime.models.perception.parse import Part
from livedraft.runtime.models.tryon.arrays import Mask
from livedraft.runtime.models.tryon.body.frame import Body
from livedraft.runtime.models.tryon.body.look import Look, look
from livedraft.runtime.models.tryon.fit.targets import targets
from livedraft.runtime.models.tryon.repair.net import Repair
from livedraft.runtime.models.tryon.repair.view import CHANNELS, SIDE, Frame, fill, view
from livedraft.runtime.models.tryon.wear.layers import Fitted, Sheets
from livedraft.runtime.models.tryon.wear.wear import Worn, wear


@pytest.fixture(scope="module")
def repair() -> Repair:
    return Repair.read(plan=Plan(threads=1))


def of_tone(tone: tuple[int, int, int]) -> Doll:
    doll = Doll()
    doll.image[np.isin(doll.kinds, (Part.SKIN, Part.FACE))] = tone
    return doll


def seen(doll: Doll, repair: Repair) -> Look:
    return look(doll.image, doll.parse, doll.body, repair)


def forearms() -> Mask:
    lines = np.zeros((512, 384), np.uint8)
    for _, elbow, wrist in np.array(STANDING)[:, :3]:
        a, b = elbow + (wrist - elbow) // 5, wrist - (wrist - elbow) // 4
        cv2.line(lines, a.tolist(), b.tolist(), 1, 5)
    return lines > 0


def dressed(doll: Doll, known: Look, body: Body | None = None) -> Worn:
    body = body or doll.body
    top = garment("upper", "short")
    parts = targets(top, body, known.outline(body), None)
    return wear(doll.image, known, body, [Fitted(Sheets(top), parts)])


@pytest.mark.parametrize("tone", TONES)
def test_bared_arms_have_the_tone_that_is_seen(tone: tuple[int, int, int], repair: Repair) -> None:
    doll = of_tone(tone)
    arms = lab(np.median(dressed(doll, seen(doll, repair)).picture[forearms()], 0))
    assert abs(arms[0] - lab(tone)[0]) < 10
    assert np.linalg.norm(arms[1:] - lab(tone)[1:]) < 8


def test_outside_of_the_mask_nothing_changes(repair: Repair) -> None:
    doll = Doll()
    worn = dressed(doll, seen(doll, repair))
    changed = (worn.picture != doll.image).any(-1)
    assert changed.any()
    assert not changed[~worn.mask].any()


def test_it_is_asked_only_where_a_top_and_skin_are_seen(repair: Repair) -> None:
    assert seen(Doll(hands=False), repair).under is None
    bare = Doll()
    bare.kinds[bare.kinds == Part.CLOTHES] = Part.BACKGROUND
    assert seen(bare, repair).under is None
    assert Doll().look.under is None  # nor where nobody asked


def test_what_is_under_moves_with_the_body(repair: Repair) -> None:
    doll = Doll()
    known = seen(doll, repair)
    moved = replace(doll.body, joints=doll.body.joints + np.array([12, -7], np.float32))
    there = known.repaired((0, 0, 384, 512), doll.body)
    later = known.repaired((12, 0, 384, 505), moved)
    assert there is not None
    assert later is not None
    np.testing.assert_allclose(later.arm[: 505 - 7], there.arm[7:505, :372], atol=0.01)
    assert there.hidden[300, 20] == 0


def test_a_view_shows_nothing_of_what_is_hidden() -> None:
    doll = Doll()
    hidden = np.zeros(doll.image.shape[:2], np.float32)
    hidden[150:300, 100:280] = 1
    other = doll.image.copy()
    other[150:300, 100:280] = 255 - other[150:300, 100:280] // 2 * 2  # of one lightness each
    person = (doll.kinds > 0).astype(np.float32)
    frame = Frame.around(hidden)
    tone = np.array([150, 105, 80], np.float32)
    arms = doll.body.joints[:, :3]
    views = [
        view(image, hidden, person, person * 0, tone, arms, doll.body.width, frame).inputs
        for image in (doll.image, other)
    ]
    assert views[0].shape == (CHANNELS, SIDE, SIDE)
    inside = views[0][3] > 0.999
    light = 10  # the one channel that may: the old clothes' lightness against their mean
    rest = [index for index in range(CHANNELS) if index != light]
    np.testing.assert_allclose(views[0][rest][:, inside], views[1][rest][:, inside], atol=0.02)


@pytest.mark.parametrize("corner", [(-40, -20), (300, 400), (100, 120)])
def test_a_frame_goes_there_and_back(corner: tuple[int, int]) -> None:
    frame = Frame(*corner, 200)
    smooth = np.linspace(0, 200, 384, dtype=np.float32)[None] + np.zeros((512, 1), np.float32)
    rows, columns = frame.region(smooth.shape)
    back = frame.back(np.asarray(frame.cut(smooth), np.float32), smooth.shape)
    np.testing.assert_allclose(back, smooth[rows, columns], atol=1.5)


def test_gaps_are_filled_by_what_is_around() -> None:
    picture = np.zeros((64, 64, 3), np.float32)
    picture[:, :32], picture[:, 32:] = 50, 200
    known = np.ones((64, 64), np.float32)
    known[20:44, 4:60] = 0
    picture[20:44, 4:60] = -999
    filled, near = fill(picture, known)
    assert filled.min() >= 49
    assert filled[32, 8, 0] < 110
    assert filled[32, 55, 0] > 140
    assert near[32, 32] < near[0, 0] == 1


def test_a_missing_net_names_the_way_out(tmp_path: Path) -> None:
    with pytest.raises(WeightsError, match="repair net"):
        Repair.read(tmp_path / "none.onnx")
