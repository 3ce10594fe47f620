"""Colour words of parts: which part a prompt means, where it is in a drawing, and what wins."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from PIL import Image, ImageDraw

from livedraft.protocol.messages import Note, Stage
from livedraft.runtime.models.base import Pixels, Request
from livedraft.runtime.models.ink import WEIGHTS, Ink, InkParams
from livedraft.runtime.models.ink.colour import srgb_to_oklab
from livedraft.runtime.models.ink.drawing import parts
from livedraft.runtime.models.ink.drawing.parts import Parts
from livedraft.runtime.models.ink.drawing.segments import MOST, segments
from livedraft.runtime.models.ink.state import InkJob, InkState
from livedraft.runtime.models.ink.words.colour_words import COLOUR_WORDS, SKIN, read_colour
from livedraft.runtime.models.ink.words.part_words import PartWords

TEN = ("red", "orange", "yellow", "green", "blue", "purple", "pink", "brown", "black", "white")
NAMES = {colour: word for word, colour in COLOUR_WORDS.items() if word in TEN}
ROOF, WINDOW, DOOR, WALL = (130, 90), (95, 165), (155, 200), (75, 215)

SAID = {
    "an apple tree with red apples and a brown trunk": "fruit red, trunk brown",
    "red apples, green crown, brown trunk": "fruit red, crown green, trunk brown",
    "Red apples on a green tree": "fruit red",
    "an apple with a red leaf": "leaf red",
    "a girl with brown hair": "hair brown",
    "a brown-haired girl": "hair brown",
    "a girl whose hair is brown": "hair brown",
    "a girl, hair brown, dress red": "hair brown, dress red",
    "a gnome with a red hat": "hat red",
    "trunk brown, crown green": "trunk brown, crown green",
    "a house with a red roof and blue windows": "roof red, windows blue",
    "🏠 with a red roof": "roof red",
    "a car with black and white wheels": "wheels white",
    "a cat with green eyes and green eyes": "eyes green",
    "a red car": "",
    "a red car and a blue house": "",
    "a pink cherry blossom": "",
    "a red dragon face": "",
    "a red bottle with a cork": "",
    "red": "",
    "roof": "",
    "red and blue": "",
    "": "",
}


def drawing(draw: Callable[[ImageDraw.ImageDraw], object]) -> Pixels:
    image = Image.new("RGBA", (256, 256))
    draw(ImageDraw.Draw(image))
    return np.array(image)


def _house(draw: ImageDraw.ImageDraw) -> None:
    draw.rectangle((60, 120, 200, 230), outline="black", width=4)
    draw.polygon([(50, 120), (130, 40), (210, 120)], outline="black", width=4)
    draw.rectangle((80, 150, 110, 180), outline="black", width=4)
    draw.rectangle((140, 170, 170, 230), outline="black", width=4)


HOUSE = drawing(_house)


def prepared(
    model: Ink, said: str, sketch: Pixels | None, state: InkState | None = None, **params: Any
) -> InkJob:
    asked = InkParams.model_validate({"prompt": said, "lines": 0.0} | params)
    inputs = {} if sketch is None else {"sketch": sketch}
    return model.prepare([(state or model.open(), Request(asked, inputs, Stage.DRAFT, 1))])[0]


def painted(model: Ink, *jobs: InkJob) -> list[Pixels]:
    model.step(jobs)
    return [stills[0].pixels for stills in model.emit(jobs)]


def word_at(picture: Pixels, place: tuple[int, int]) -> str:
    """Name a picture's colour at a place, of ten words."""
    rgb = picture[place[1], place[0], :3].astype(np.float32) / np.float32(255)
    found = srgb_to_oklab(np.asarray(rgb, np.float32))
    away = {word: float(np.linalg.norm(found - lab)) for lab, word in NAMES.items()}
    return min(away, key=lambda word: away[word])


def codes(notes: Sequence[Note]) -> list[str]:
    return [note["code"] for note in notes]


@pytest.fixture(scope="module")
def words() -> PartWords:
    return Parts.load(WEIGHTS / "parts.json").words


@pytest.mark.parametrize(("said", "right"), SAID.items())
def test_colours_belong_to_the_parts_that_a_prompt_names(
    words: PartWords, said: str, right: str
) -> None:
    told = [(one.part, NAMES[one.colour]) for one in words.read(said).colours if one.word]
    assert ", ".join(f"{part} {word}" for part, word in told) == right


def test_what_is_said_of_parts_is_no_word_of_the_thing(words: PartWords) -> None:
    assert words.read("an apple tree with red apples and a brown trunk").rest == "an apple tree"
    assert words.read("red apples, green crown, brown trunk").rest == "tree"
    assert words.read("a white cat with a red collar at night").rest == "a white cat at night"
    assert words.read("a red car").rest == "a red car"


def test_the_thing_s_own_colour_is_that_of_its_main_parts(words: PartWords) -> None:
    told = {one.part: one.colour for one in words.read("a pink tree with a black trunk").colours}
    assert NAMES[told["crown"]] == "pink"
    told = {one.part: one.colour for one in words.read("a black and white cat, red tail").colours}
    assert list(told) == ["tail"], "of two colours none is the thing's"


def test_a_face_has_skin_unless_told_otherwise(words: PartWords) -> None:
    for said in ("face", "a face", "a girl with brown hair"):
        told = {one.part: one.colour for one in words.read(said).colours}
        assert told["face"] == SKIN
    told = {one.part: one.colour for one in words.read("a green face with blue eyes").colours}
    assert NAMES[told["face"]] == "green"


@pytest.mark.parametrize("said", ["sky", "grass", "water", "snow", "sun"])
def test_what_everybody_knows_the_colour_of_has_one(words: PartWords, said: str) -> None:
    assert words.read(f"a {said}").colours
    assert words.read(f"a house with {said}").colours


@pytest.mark.parametrize(
    ("said", "lab"),
    [
        ("light blue sky", COLOUR_WORDS["light blue"]),
        ("skin", SKIN),
        ("blue", COLOUR_WORDS["blue"]),
    ],
)
def test_colours_of_two_words_are_read(said: str, lab: tuple[float, float, float]) -> None:
    found = read_colour(said.split())
    assert found is not None
    assert found[0] == lab


def test_shades_are_lighter_and_darker() -> None:
    plain, light, dark = (read_colour(said.split()) for said in ("red", "pale red", "dark red"))
    assert plain is not None
    assert light is not None
    assert dark is not None
    assert light[0][0] > plain[0][0] > dark[0][0]


@given(st.text(max_size=300))
def test_any_text_is_read(words: PartWords, said: str) -> None:
    named = words.read(said)
    assert bool(named.colours) == bool(named.kind)
    assert named.colours or named.rest == said


@given(
    st.lists(st.sampled_from("red blue and with a , roof house hair girl is of tree on".split()))
)
def test_any_order_of_words_is_read(words: PartWords, said: list[str]) -> None:
    named = words.read(" ".join(said))
    parts = [one.part for one in named.colours if one.part]
    assert len(parts) == len(set(parts)), "a part has one colour"


def test_a_prompt_as_long_as_may_be_is_read(words: PartWords) -> None:
    named = words.read("a house with a" + " very" * 190 + " red roof")
    assert [one.part for one in named.colours if one.word] == ["roof"]


@given(arrays(bool, (128, 128), elements=st.booleans(), fill=st.just(False)))
def test_pieces_do_not_overlap_ink_or_the_outside(walls: np.ndarray) -> None:
    outside = np.zeros_like(walls)
    outside[:20] = ~walls[:20]
    found = segments(walls, outside)
    assert len(found) <= MOST
    assert not found.labels[walls | outside].any()
    assert found.area.tolist() == np.bincount(found.labels.ravel())[1:].tolist()
    assert (np.diff(found.area) <= 0).all()


def test_hatching_has_no_more_pieces_than_are_looked_at() -> None:
    walls = np.zeros((128, 128), bool)
    walls[::5] = walls[:, ::5] = True
    found = segments(walls, np.zeros_like(walls))
    assert 0 < len(found) <= MOST


def test_parts_have_the_colours_that_words_say(model: Ink) -> None:
    said = "a yellow house with a red roof, blue windows and a purple door"
    (picture,) = painted(model, job := prepared(model, said, HOUSE))
    found = [word_at(picture, place) for place in (ROOF, WINDOW, DOOR, WALL)]
    assert found == ["red", "blue", "purple", "yellow"]
    assert not job.notes


@pytest.mark.parametrize("params", [{"seed": 7}, {"style": "noto"}, {"palette": ["#00c8c8"]}])
def test_they_have_them_whatever_else_is_asked(model: Ink, params: dict[str, Any]) -> None:
    (picture,) = painted(model, prepared(model, "house with a red roof", HOUSE, **params))
    assert word_at(picture, ROOF) == "red"


def test_they_have_them_in_the_voice_of_a_lora(model: Ink) -> None:
    job = prepared(model, "house with a green roof", HOUSE, loras={"pastel": 1.0})
    (picture,) = painted(model, job)
    assert word_at(picture, ROOF) == "green"


def test_several_jobs_are_painted_as_each_alone(model: Ink) -> None:
    said = ["house with a red roof", "a house", "house with a blue door"]
    together = painted(model, *(prepared(model, one, HOUSE) for one in said))
    for one, picture in zip(said, together, strict=True):
        (alone,) = painted(model, prepared(model, one, HOUSE))
        assert np.abs(picture.astype(int) - alone).max() <= 2


def test_a_stroke_of_the_user_s_wins(model: Ink) -> None:
    sketch = HOUSE.copy()
    sketch[84:94, 115:145] = (0, 0, 255, 255)
    said = "a house with a red roof and a green door"
    (picture,) = painted(model, prepared(model, said, sketch))
    assert word_at(picture, (95, 100)) == "blue"
    assert word_at(picture, DOOR) == "green"


def test_words_win_over_strokes_that_count_as_lines(model: Ink) -> None:
    sketch = HOUSE.copy()
    sketch[84:94, 115:145] = (0, 0, 255, 255)
    state = model.open()
    for strength, right in ((0.5, "blue"), (1.0, "red"), (0.5, "blue")):
        job = prepared(model, "a house with a red roof", sketch, state, strength=strength)
        (picture,) = painted(model, job)
        assert word_at(picture, (95, 100)) == right


def test_a_colour_without_a_place_is_told_and_painted_nowhere(model: Ink) -> None:
    (plain,) = painted(model, prepared(model, "a house", HOUSE))
    for part in ("sail", "chimney"):
        job = prepared(model, f"a house with a purple {part}", HOUSE)
        (note,) = job.notes
        assert note["code"] == "unplaced_colour"
        assert f"“{part}”" in note["message"]
        assert note["param"] == "prompt"
        np.testing.assert_array_equal(painted(model, job)[0], plain)


def test_an_open_line_has_no_part_yet(model: Ink) -> None:
    line = drawing(lambda draw: draw.line((20, 20, 200, 120), fill="black", width=4))
    assert codes(prepared(model, "a house with a red roof", line).notes) == ["unplaced_colour"]


def test_an_empty_canvas_and_a_photograph_are_not_told_of(model: Ink) -> None:
    said = "a house with a red roof"
    empty = np.zeros((256, 256, 4), np.uint8)
    photograph = np.random.default_rng(1).integers(0, 255, (200, 300, 3), np.uint8)
    assert not prepared(model, said, empty).notes
    assert codes(prepared(model, said, photograph).notes) == ["photograph"]


def test_pieces_are_looked_for_once_and_only_for_parts(
    model: Ink, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked = list[int]()
    found = segments

    def counted(walls: np.ndarray, outside: np.ndarray) -> object:
        looked.append(1)
        return found(walls, outside)

    monkeypatch.setattr(parts, "segments", counted)
    state = model.open()
    prepared(model, "a red house", HOUSE, state)
    assert not looked
    for seed in (1, 2, 3):
        prepared(model, "a house with a red roof", HOUSE, state, seed=seed)
    assert len(looked) == 1
    prepared(model, "a house with a red roof", HOUSE.copy(), state)
    assert len(looked) == 2, "another drawing"
