"""A tone is the person's own: of skin that is seen, in the light, and of no default."""

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.runtime.models.tryon.dolls import STANDING, Doll

from livedraft.runtime.models.perception.parse import Part
from livedraft.runtime.models.tryon.arrays import Floats, Pixels
from livedraft.runtime.models.tryon.repair import skin

TONES = (
    (58, 38, 30),
    (96, 65, 52),
    (141, 96, 70),
    (190, 142, 112),
    (224, 184, 158),
    (244, 222, 206),
)
WIDTH = 100.0


def lab(tone: object) -> Floats:
    pixel = np.array(tone, np.float32).reshape(1, 1, 3) / 255
    return np.asarray(cv2.cvtColor(pixel, cv2.COLOR_RGB2LAB)[0, 0], np.float32)


def told(image: Pixels, face: object = None, skin_at: object = None) -> skin.Skin | None:
    none = np.zeros(image.shape[:2], np.float32)
    masks = [none if mask is None else np.asarray(mask, np.float32) for mask in (face, skin_at)]
    arms = np.array(STANDING, np.float32)[:, :3]
    return skin.seen(image, masks[0], masks[1], arms, WIDTH)


def painted(doll: Doll, part: Part, colour: tuple[int, int, int]) -> Pixels:
    image = doll.image.copy()
    image[doll.kinds == part] = colour
    return image


@pytest.mark.parametrize("tone", TONES)
def test_each_tone_is_told_alike(tone: tuple[int, int, int]) -> None:
    doll = Doll()
    image = painted(doll, Part.SKIN, tone)
    image[doll.kinds == Part.FACE] = tone
    found = told(image, doll.kinds == Part.FACE, doll.kinds == Part.SKIN)
    assert found is not None
    assert np.abs(lab(found.tone) - lab(tone)).max() < 1


@pytest.mark.parametrize("tone", TONES)
def test_lips_brows_and_a_shadow_do_not_change_it(tone: tuple[int, int, int]) -> None:
    doll = Doll()
    face = doll.kinds == Part.FACE
    image = painted(doll, Part.FACE, tone)
    rows, columns = np.nonzero(face)
    shadow = face & (np.arange(image.shape[1]) < np.quantile(columns, 0.25))
    image[shadow] = (np.array(tone) * 0.55).astype(np.uint8)
    middle = round(float(columns.mean()))
    image[rows.max() - 14 : rows.max() - 6, middle - 10 : middle + 10] = (170, 40, 60)
    found = told(image, face=face)
    assert found is not None
    assert np.linalg.norm(lab(found.tone) - lab(tone)) < 2.5


def test_bare_arms_tell_more_than_hands_and_face() -> None:
    doll = Doll(sleeved=False)
    tan, pale = (150, 105, 80), (215, 175, 150)
    image = painted(doll, Part.FACE, pale)
    image[doll.kinds == Part.SKIN] = tan
    found = told(image, doll.kinds == Part.FACE, doll.kinds == Part.SKIN)
    only_face = told(image, face=doll.kinds == Part.FACE)
    assert found is not None
    assert only_face is not None
    a = np.linalg.norm(lab(found.tone)[1:] - lab(tan)[1:])
    assert a < np.linalg.norm(lab(only_face.tone)[1:] - lab(tan)[1:])
    assert found.spread > 10  # said, as face and arms differ


def test_a_wall_that_was_taken_for_skin_does_not_pale_it() -> None:
    doll = Doll()
    tone = (96, 65, 52)
    image = painted(doll, Part.FACE, tone)
    wall = np.zeros(image.shape[:2], bool)
    wall[200:, :60] = True
    image[wall] = (225, 215, 190)
    found = told(image, doll.kinds == Part.FACE, wall)
    assert found is not None
    assert np.abs(lab(found.tone) - lab(tone)).max() < 1


def test_too_little_skin_is_no_tone() -> None:
    doll = Doll(hands=False)
    assert told(doll.image, doll.kinds == Part.FACE, doll.kinds == Part.SKIN) is None
    few = np.zeros(doll.image.shape[:2], np.float32)
    few[100:104, 100:104] = 1
    assert told(doll.image, face=few) is None


@given(
    st.lists(st.integers(0, 255), min_size=3, max_size=3),
    st.lists(st.integers(0, 255), min_size=3, max_size=3),
)
def test_relative_colours_come_back(colour: list[int], tone: list[int]) -> None:
    colours, own = (np.array(each, np.float32) for each in (colour, tone))
    back = skin.absolute(skin.relative(colours[None], own), own)
    np.testing.assert_allclose(back[0], colours, atol=0.01)
    assert skin.relative(own[None], own).max() == 0
