"""Photographs that nobody meant try-on for: a word with a way out, or a sane picture."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image
from skimage import data

from livedraft.errors import InvalidImage
from livedraft.media.chunks import Still, VideoChunk
from livedraft.protocol.messages import Stage
from livedraft.runtime.models.base import Request
from livedraft.runtime.models.tryon.model import TryOn
from livedraft.runtime.models.tryon.params import TryOnParams
from livedraft.runtime.models.tryon.state import TryOnJob

Pixels = NDArray[np.uint8]
pictures: Any = data  # has no types

TOP, TROUSERS, DRESS = "breton-navy", "jeans-blue", "dress-wine"


def person(name: str) -> Pixels:
    """Return one of the drawn people, see ``people/make.py``: 512 px high."""
    return np.asarray(Image.open(Path(__file__).parent / f"people/{name}.webp").convert("RGB"))


def astronaut() -> Pixels:
    return np.asarray(pictures.astronaut(), np.uint8)  # NASA, public domain


def lit(picture: Pixels, gain: float, more: float = 0) -> Pixels:
    return np.asarray(cv2.convertScaleAbs(picture, alpha=gain, beta=more), np.uint8)


def within(picture: Pixels, height: int, size: tuple[int, int], left: int, top: int) -> Pixels:
    """Return a picture at a height, in a wall of this width and height."""
    wall = np.random.default_rng(1).normal(150, 12, (size[1], size[0], 3))
    width = picture.shape[1] * height // picture.shape[0]
    small = cv2.resize(picture, (width, height), interpolation=cv2.INTER_AREA)
    wall[top : top + height, left : left + width] = small
    return np.clip(wall, 0, 255).astype(np.uint8)


def childs_drawing() -> Pixels:
    paper = np.full((600, 450, 3), 255, np.uint8)
    ink = 20, 20, 20
    cv2.circle(paper, (225, 110), 60, ink, 5)
    for eye in (205, 245):
        cv2.circle(paper, (eye, 100), 5, ink, -1)
    cv2.ellipse(paper, (225, 125), (25, 15), 0, 0, 180, ink, 4)
    for end in ((120, 310), (330, 310)):
        cv2.line(paper, (225, 230), end, ink, 5)
    cv2.fillPoly(paper, [np.array([[180, 190], [270, 190], [300, 400], [150, 400]])], (220, 60, 60))
    return paper


@pytest.fixture(scope="module")
def model() -> TryOn:
    return TryOn.tiny()


def worn(model: TryOn, picture: Pixels, sku: str = TOP, **params: Any) -> TryOnJob:
    """Dress somebody; see that nothing changed but what is told, and that all is told well."""
    asked = TryOnParams.model_validate({"sku": sku} | params)
    (job,) = model.prepare([(model.open(), Request(asked, {"person": picture}, Stage.DRAFT, 1))])
    model.step([job])
    ((made,),) = model.emit([job])
    assert isinstance(made, Still)
    assert job.image is not None
    changed = (made.pixels != job.image).any(-1)
    assert not changed.any() if job.worn is None else not changed[~job.worn.mask].any()
    for note in job.notes:
        assert note["message"].count(". ") >= 1, "what is wrong, and what to do about it"
    return job


def codes(job: TryOnJob) -> set[str]:
    return {note["code"] for note in job.notes}


def changed(job: TryOnJob) -> NDArray[np.bool_]:
    assert job.worn is not None
    return job.worn.mask


NOBODY: dict[str, Callable[[], Any]] = {
    "a cat": lambda: pictures.chelsea(),
    "a cup": lambda: pictures.coffee(),
    "a rocket": lambda: pictures.rocket(),
    "stars": lambda: pictures.hubble_deep_field(),
    "a child's drawing": childs_drawing,
    "legs alone": lambda: person("front")[300:],
}


@pytest.mark.parametrize("name", NOBODY)
def test_where_nobody_can_be_dressed_nobody_is(model: TryOn, name: str) -> None:
    job = worn(model, np.asarray(NOBODY[name](), np.uint8))
    assert codes(job) == {"no_person"}
    assert job.worn is None


def test_a_back_view_is_told(model: TryOn) -> None:
    job = worn(model, person("back"))
    assert "back_view" in codes(job)
    assert "side_view" not in codes(job)


@pytest.mark.parametrize("sku", [TOP, TROUSERS, DRESS])
@pytest.mark.parametrize(
    "picture",
    [person("side"), np.ascontiguousarray(person("front")[:, 220:])],
    ids=["from the side", "cut in two by the edge"],
)
def test_nobody_wears_a_front_on_their_side(model: TryOn, picture: Pixels, sku: str) -> None:
    job = worn(model, picture, sku)
    assert codes(job) in ({"side_view"}, {"no_person"})
    assert job.worn is None


@pytest.mark.parametrize("turns", [1, 2, 3])
@pytest.mark.parametrize("who", ["front", "dark"])
def test_a_picture_that_lies_on_its_side_or_head_is_dressed_as_one_that_stands(
    model: TryOn, who: str, turns: int
) -> None:
    upright = worn(model, person(who))
    turned = worn(model, np.ascontiguousarray(np.rot90(person(who), turns)))
    assert not {"back_view", "side_view"} & codes(turned)
    one, other = changed(upright), np.rot90(changed(turned), -turns)
    assert (one & other).sum() / (one | other).sum() > 0.65


def test_without_legs_in_sight_no_trousers_are_worn(model: TryOn) -> None:
    half = person("front")[:260]
    bare = worn(model, half, TROUSERS)
    assert codes(bare) == {"legs_unseen"}
    assert bare.worn is None
    assert bare.data["category"] == "lower"
    both = worn(model, half, TOP, lower_sku=TROUSERS)
    assert "legs_unseen" in codes(both)
    one, other = changed(both), changed(worn(model, half, TOP))
    assert (one & other).sum() / (one | other).sum() > 0.8, "the look at a whole person is another"
    gown = worn(model, half, DRESS)
    assert "legs_unseen" not in codes(gown)
    assert changed(gown).any()
    knees = worn(model, person("front")[:400], TROUSERS)
    assert "legs_unseen" not in codes(knees)
    assert changed(knees).any()
    request = Request(TryOnParams(sku=TROUSERS), {"person": half}, Stage.FINAL, 1)
    with pytest.raises(InvalidImage, match="too little of the person"):
        model.hand_over(model.open(), request)


def test_somebody_far_away_is_found_and_told_to_come_closer(model: TryOn) -> None:
    job = worn(model, within(person("front"), 260, (1200, 1000), 700, 500))
    assert "person_small" in codes(job)
    assert changed(job).any()
    smaller = worn(model, within(person("front"), 150, (1200, 1000), 700, 500))
    assert codes(smaller) == {"no_person"}


def test_in_a_panorama_people_are_as_large_as_elsewhere(model: TryOn) -> None:
    job = worn(model, within(person("front"), 640, (4000, 700), 1700, 40))
    assert job.image is not None
    assert min(job.image.shape[:2]) == 205
    assert not {"clothes_unseen", "no_person"} & codes(job)
    columns = np.flatnonzero(changed(job).any(0)) / job.image.shape[1]
    assert 0.42 < columns.min() < columns.max() < 0.56


def test_a_dark_head_is_not_taken_for_a_whole_person(model: TryOn) -> None:
    """The detector found the head alone, and a doll's top was hung around its neck."""
    columns = np.flatnonzero(changed(worn(model, person("dwarfed"))).any(0))
    assert np.ptp(columns) > 145  # its shoulders are 145 px apart


@pytest.mark.parametrize("who", [person("front"), astronaut()], ids=["drawn", "astronaut"])
def test_in_the_dark_people_are_seen_and_no_cloth_shines(model: TryOn, who: Pixels) -> None:
    bright, dark = worn(model, who), worn(model, lit(who, 0.08))
    assert "too_dark" in codes(dark)
    assert "too_dark" not in codes(bright)
    one, other = changed(bright), changed(dark)
    assert (one & other).sum() / (one | other).sum() > 0.65
    assert dark.worn is not None
    assert dark.worn.picture.max() <= 2 * lit(who, 0.08).max()


@pytest.mark.parametrize(
    "picture",
    [
        lit(person("front"), 1.7, 30),
        np.repeat(cv2.cvtColor(person("front"), cv2.COLOR_RGB2GRAY)[..., None], 3, 2),
        person("front")[30:],
        np.ascontiguousarray(person("front")[::3, ::3]),
        person("crossed"),
        within(person("front"), 500, (420, 1600), 10, 900),
    ],
    ids=["overexposed", "grey", "cropped head", "a thumbnail", "crossed arms", "a tall strip"],
)
@pytest.mark.parametrize("sku", [TOP, DRESS])
def test_what_is_bad_but_not_hopeless_is_dressed(model: TryOn, picture: Pixels, sku: str) -> None:
    job = worn(model, np.ascontiguousarray(picture), sku)
    assert 0.03 < changed(job).mean() < 0.6
    assert not {"no_person", "side_view", "back_view"} & codes(job)


@pytest.mark.parametrize("clear", [False, True], ids=["white on black", "white on nothing"])
@pytest.mark.parametrize("size", [(3, 5), (900, 40)])
def test_a_hand_made_mask_of_any_size_and_kind_binds(
    model: TryOn, clear: bool, size: tuple[int, int]
) -> None:
    mask = np.full((*size, 4), 255, np.uint8)
    mask[:, size[1] // 2 :] = (255, 255, 255, 0) if clear else (0, 0, 0, 255)
    inputs = {"person": person("front"), "mask": mask}
    (job,) = model.prepare([(model.open(), Request(TryOnParams(sku=TOP), inputs, Stage.DRAFT, 1))])
    model.step([job])
    columns = np.flatnonzero(changed(job).any(0)) / changed(job).shape[1]
    assert columns.max() <= 0.5 + 0.5 / size[1] + 0.01


def test_a_camera_may_change_its_pictures_size_at_any_frame(model: TryOn) -> None:
    state, at = model.open(), 0
    sizes = [(384, 512), (200, 266), (30, 40), (1, 1), (1200, 640), (384, 512)]
    for number, size in enumerate([*sizes, *sizes]):
        frame = cv2.resize(person("front"), size, interpolation=cv2.INTER_AREA)
        chunk = VideoChunk(np.stack([frame] * (1 + number % 2)).astype(np.uint8), at, 66_000)
        at += 66_000
        asked = TryOnParams(sku=TOP)
        request = Request(asked, {}, Stage.DRAFT, 1, video={"camera": [chunk]})
        (job,) = model.prepare([(state, request)])
        model.step([job])
        ((made,),) = model.emit([job])
        assert isinstance(made, VideoChunk)
        assert (codes(job) == {"no_person"}) == (min(size) < 48)
        assert job.image is not None
        assert made.frames.shape == (1, *job.image.shape)
        assert (made.frames[0] != job.image).any() == (min(size) >= 48)
    model.close(state)
