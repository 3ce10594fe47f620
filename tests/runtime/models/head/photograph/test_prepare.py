"""Every picture that somebody may send as a portrait has an answer: a face, or what to do."""

from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image
from skimage import data
from tests.runtime.models.head.photograph.conftest import Prepare

from livedraft.errors import InvalidImage
from livedraft.runtime.models.base import Pixels
from livedraft.runtime.models.head.expression import SIZE, Expression
from livedraft.runtime.models.head.photograph import PhotographFace, prepare
from livedraft.runtime.models.head.visemes import POSES, VISEMES

TALKING = Expression(mouth=POSES[VISEMES.index("aa")])
_SHIPPED = Path(__file__).parents[5] / "demos/tryon/people"
_DRAWN = Path(__file__).parents[2] / "tryon/people"


def codes(face: PhotographFace) -> list[str]:
    return [note["code"] for note in face.notes]


def moves(face: PhotographFace) -> bool:
    """Say whether a face draws whole frames whose mouths differ."""
    quiet, talking = face.render(Expression()), face.render(TALKING)
    assert quiet.shape == talking.shape == (SIZE, SIZE, 3)
    assert quiet.dtype == np.uint8
    return int((quiet != talking).any(axis=-1).sum()) > 300


def read(path: Path, larger: int = 1) -> Pixels:
    with Image.open(path) as image:
        size = (image.width * larger, image.height * larger)
        return np.asarray(image.convert("RGB").resize(size, Image.Resampling.BICUBIC))


def test_a_good_portrait_has_no_notes(face: PhotographFace) -> None:
    assert codes(face) == []
    assert moves(face)


def test_networks_are_opened_where_none_are_given(person: Pixels) -> None:
    assert moves(prepare(person))


NOBODY: dict[str, Pixels] = {
    "black": np.zeros((480, 640, 3), np.uint8),
    "a pixel": np.zeros((1, 1, 3), np.uint8),
    "a line": np.zeros((1, 2000, 4), np.uint8),
    "nothing but transparency": np.zeros((300, 200, 4), np.uint8),
    "a cat": data.chelsea(),
    "a cup": data.coffee(),
    "a profile": read(_DRAWN / "side.webp", 3),
    "a back": read(_DRAWN / "back.webp", 3),
    "40 px": cv2.resize(data.astronaut(), (40, 40), interpolation=cv2.INTER_AREA).astype(np.uint8),
}


@pytest.mark.parametrize("name", NOBODY)
def test_where_no_face_is_seen_it_is_refused(prepared: Prepare, name: str) -> None:
    with pytest.raises(InvalidImage, match="no face") as refused:
        prepared(NOBODY[name])
    assert "front" in str(refused.value.fix)


def test_a_tiny_face_is_refused(prepared: Prepare, person: Pixels) -> None:
    small = cv2.resize(person, (200, 200), interpolation=cv2.INTER_AREA).astype(np.uint8)
    with pytest.raises(InvalidImage, match=r"\d+ px high") as refused:
        prepared(small)
    assert "larger" in str(refused.value.fix)


def test_a_face_that_is_turned_away_is_refused(prepared: Prepare, face: PhotographFace) -> None:
    aside = face.render(Expression(yaw=0.56))
    with pytest.raises(InvalidImage, match="turned aside") as refused:
        prepared(aside)
    assert "camera" in str(refused.value.fix)


def test_a_face_that_is_turned_somewhat_is_told(prepared: Prepare) -> None:
    turned = prepared(read(_DRAWN / "crossed.webp", 4))
    assert codes(turned) == ["face_turned"]
    assert moves(turned)


def test_a_small_face_is_told(prepared: Prepare, person: Pixels) -> None:
    small = cv2.resize(person, (320, 320), interpolation=cv2.INTER_AREA).astype(np.uint8)
    assert codes(prepared(small)) == ["face_small"]


def test_of_two_the_larger_and_nearer_to_the_middle_speaks(
    prepared: Prepare, person: Pixels, face: PhotographFace
) -> None:
    other = cv2.resize(person, (460, 460), interpolation=cv2.INTER_AREA).astype(np.uint8)
    beside = np.vstack([other, np.full((52, 460, 3), 200, np.uint8)])
    both = prepared(np.hstack([person, beside]))
    assert codes(both) == ["several_people"]
    apart = face.render(Expression()).astype(int) - both.render(Expression())
    assert np.abs(apart[60:400, 150:360]).mean() < 4, "it is she"


def test_60_megapixels_are_framed(prepared: Prepare, person: Pixels, face: PhotographFace) -> None:
    huge = person.repeat(15, axis=0).repeat(15, axis=1)
    assert huge.shape[0] * huge.shape[1] > 58e6
    framed = prepared(huge)
    apart = face.render(Expression()).astype(int) - framed.render(Expression())
    assert np.abs(apart).mean() < 6


def test_what_is_clear_is_white(prepared: Prepare, person: Pixels) -> None:
    alpha = np.zeros((512, 512, 1), np.uint8)
    alpha[:, 60:360] = 255
    frame = prepared(np.dstack([person, alpha])).render(Expression())
    assert frame[:100, -6:].min() > 250


def test_a_grey_portrait_stays_grey(prepared: Prepare, person: Pixels) -> None:
    grey = np.repeat(cv2.cvtColor(person, cv2.COLOR_RGB2GRAY)[..., None], 3, axis=2)
    frame = prepared(grey.astype(np.uint8)).render(TALKING)
    assert np.ptp(frame.astype(int), axis=-1).max() <= 1


def test_the_dark_is_told(prepared: Prepare, person: Pixels) -> None:
    dark = prepared((person * 0.12).astype(np.uint8))
    assert codes(dark) == ["too_dark"]
    assert dark.render(TALKING)[180:330].max() < 60, "nor do teeth shine in it"


def test_light_from_a_side_is_no_matter(prepared: Prepare, person: Pixels) -> None:
    light = np.linspace(0.25, 1.1, 512)[None, :, None]
    lit = prepared(np.clip(person * light, 0, 255).astype(np.uint8))
    assert codes(lit) == []
    assert moves(lit)


def test_very_deep_skin_is_not_the_dark(prepared: Prepare) -> None:
    assert codes(prepared(read(_DRAWN / "dark.webp", 4))) == []


def test_a_hand_before_the_mouth_is_refused(prepared: Prepare, person: Pixels) -> None:
    covered = person.copy()
    covered[135:185, 195:262] = (205, 150, 125)
    with pytest.raises(InvalidImage, match="mouth") as refused:
        prepared(covered)
    assert "whole face" in str(refused.value.fix)


def test_a_mouth_that_is_covered_in_part_is_told(prepared: Prepare, person: Pixels) -> None:
    covered = person.copy()
    covered[140:240, 229:300] = (40, 60, 160)
    assert codes(prepared(covered)) == ["mouth_hidden"]


def test_a_drawing_with_a_face_is_told(prepared: Prepare, person: Pixels) -> None:
    flat = (cv2.bilateralFilter(person, 9, 60, 9) // 32 * 32).astype(np.uint8)
    large = flat.repeat(2, axis=0).repeat(2, axis=1)
    drawn = prepared(large)
    assert "drawing" in codes(drawn)
    assert moves(drawn)


@pytest.mark.parametrize("name", ["rear-admiral", "young-woman-in-mauve"])
def test_glasses_hats_and_paintings_speak(prepared: Prepare, name: str) -> None:
    assert moves(prepared(read(_SHIPPED / f"{name}.jpg")))


@pytest.mark.parametrize(
    "part", [np.s_[40:200, 150:300], np.s_[40:300, 150:], np.s_[60:190], np.s_[:, 160:290]]
)
def test_any_framing_fills_the_frame(prepared: Prepare, person: Pixels, part: slice) -> None:
    cropped = prepared(person[part])
    assert moves(cropped)
    edges = cropped.render(Expression())
    assert all(edge.std() > 0 for edge in (edges[0], edges[-1], edges[:, 0], edges[:, -1]))
