"""`ink` and what nobody meant it for: a sensible picture each time, and never noise.

How much a picture flickers from pixel to pixel tells noise from art: on white paper neighbouring
pixels of the training art differ by 0.007 of the range in the median and by 0.021 at most, those of
uniform noise by 0.24 and more.
"""

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageDraw
from pydantic import ValidationError
from skimage import data

from livedraft.protocol.messages import Stage
from livedraft.runtime.models.base import Pixels, Plan, Request
from livedraft.runtime.models.ink import WEIGHTS, Ink, InkParams
from livedraft.runtime.models.ink.words.emoji import spell_emoji
from livedraft.runtime.models.ink.words.text import TextTable

MOST = 0.03  # mean difference of neighbouring pixels, of the range
PHOTO: Pixels = data.astronaut()
SIDES = {Stage.DRAFT: 256, Stage.FINAL: 512}


@pytest.fixture(scope="module")
def ink() -> Ink:
    return Ink.load(plan=Plan(threads=1))


@pytest.fixture(scope="module")
def words() -> TextTable:
    return TextTable.load(WEIGHTS)


def ring(side: int = 256) -> Pixels:
    image = Image.new("RGBA", (side, side))
    box = [side * 0.2, side * 0.2, side * 0.8, side * 0.8]
    ImageDraw.Draw(image).ellipse(box, outline=(0, 0, 0, 255), width=max(1, side // 64))
    return np.array(image)


def full(height: int, width: int, *colour: int) -> Pixels:
    return np.full((height, width, len(colour)), colour, np.uint8)


def noise(*shape: int) -> Pixels:
    return np.random.default_rng(0).integers(0, 256, shape, np.uint8)


def paint(
    model: Ink, sketch: Pixels, stage: Stage = Stage.DRAFT, prompt: str = "a red fox"
) -> Pixels:
    """Make one picture and see that it is one: its shape, and that it is no noise."""
    request = Request(InkParams(prompt=prompt), {"sketch": sketch}, stage, 1 + (stage != "draft"))
    job = model.prepare([(model.open(), request)])[0]
    while not job.done:
        model.step([job])
    picture = model.emit([job])[0][0].pixels
    assert picture.shape == (SIDES[stage], SIDES[stage], 4)
    assert picture.dtype == np.uint8
    assert flicker(picture) < MOST
    return picture


def flicker(picture: Pixels) -> float:
    """Return how far neighbouring pixels differ on white paper, 0..1."""
    alpha = picture[..., 3:] / 255
    seen: NDArray[np.float64] = picture[..., :3] / 255 * alpha + 1 - alpha
    return float(np.mean([np.abs(np.diff(seen, axis=axis)).mean() for axis in (0, 1)]))


def painted(picture: Pixels) -> float:
    """Return the share of the picture that is painted."""
    return float((picture[..., 3] > 127).mean())


def test_noise_would_be_found_out() -> None:
    assert flicker(noise(256, 256, 4)) > 5 * MOST


@pytest.mark.parametrize("stage", SIDES)
@pytest.mark.parametrize("blank", [full(256, 256, 0, 0, 0, 0), full(200, 300, 255, 255, 255)])
def test_an_empty_canvas_is_an_empty_picture(ink: Ink, blank: Pixels, stage: Stage) -> None:
    assert paint(ink, blank, stage).max() == 0


@pytest.mark.parametrize("stage", SIDES)
@pytest.mark.parametrize(
    "canvas",
    [full(256, 256, 0, 0, 0, 255), full(64, 64, 200, 30, 60), full(1, 1, 0, 0, 0, 255)],
    ids=["black", "red", "one pixel"],
)
def test_a_canvas_painted_full_is_a_full_picture(ink: Ink, canvas: Pixels, stage: Stage) -> None:
    assert painted(paint(ink, canvas, stage)) > 0.9


@pytest.mark.parametrize("stage", SIDES)
@pytest.mark.parametrize("photo", [PHOTO, noise(300, 300, 3)], ids=["photo", "noise"])
def test_a_photograph_is_painted_over(ink: Ink, photo: Pixels, stage: Stage) -> None:
    assert painted(paint(ink, photo, stage)) > 0.9


@pytest.mark.parametrize("side", [4096, 24])
def test_a_sketch_of_any_size_is_painted_where_it_is_drawn(ink: Ink, side: int) -> None:
    alpha = paint(ink, ring(side))[..., 3]
    assert alpha[128, 70:186].min() > 200
    assert alpha[: 40 - 256 // side].max() < 50, (
        "no more than a pixel of the sketch beyond its line"
    )


@pytest.mark.parametrize("shape", [(3000, 1), (1, 3000), (4096, 8), (8, 4096)])
def test_a_sliver_is_painted_in_its_proportions(ink: Ink, shape: tuple[int, int]) -> None:
    sliver = full(*shape, 0, 0, 0, 0)
    third = max(shape) // 3
    middle = slice(third, -third)
    sliver[(middle, slice(None)) if shape[0] > shape[1] else (slice(None), middle)] = (0, 0, 0, 255)
    assert painted(paint(ink, sliver)) < 0.3


@pytest.mark.parametrize(
    "prompt",
    [
        *("un zorro rojo", "красная лиса", "赤い狐", "ثعلب أحمر"),
        *("🦊", "a 🦊 in ❤️", "👨‍👩‍👧‍👦", "\x00\x07", "{}%s<b>\\", "x" * 1000, "fox " * 250),
    ],
)
def test_a_prompt_of_any_kind_paints_the_drawing(ink: Ink, prompt: str) -> None:
    alpha = paint(ink, ring(), prompt=prompt)[..., 3]
    assert alpha[128, 70:186].min() > 200
    assert alpha[:40].max() < 50


def test_a_longer_prompt_is_an_error_that_says_so() -> None:
    with pytest.raises(ValidationError, match="at most 1000 characters"):
        InkParams(prompt="x" * 1001)


@pytest.mark.parametrize(
    ("emoji", "said"),
    [("🦊", "fox face"), ("a ❤️ balloon", "a heart balloon"), ("red🚗", "red automobile")],
)
def test_an_emoji_is_read_by_its_name(words: TextTable, emoji: str, said: str) -> None:
    assert words.ids(emoji) == words.ids(said) != []


@pytest.mark.parametrize("said", ["fox", "© 2026 -> 20°", "café", "赤い狐"])
def test_other_text_stays(words: TextTable, said: str) -> None:
    assert spell_emoji(said) == said
    assert words.ids(said + "🏽") == words.ids(said), "a skin tone alone says nothing"
    assert words.ids(said + "\U0001faff") == words.ids(said), "an emoji to come says nothing yet"
