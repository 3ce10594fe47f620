"""`ink`: how sketches are read, whose colours win, and what the shipped weights draw."""

from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from PIL import Image, ImageDraw
from pydantic import ValidationError

from livedraft.errors import InvalidParams, WeightsError
from livedraft.protocol.messages import Stage
from livedraft.runtime.models.base import Pixels, Request
from livedraft.runtime.models.ink import WEIGHTS, Ink, InkParams
from livedraft.runtime.models.ink.colour import oklab_to_srgb, srgb_to_oklab
from livedraft.runtime.models.ink.drawing.regions import read_regions
from livedraft.runtime.models.ink.drawing.sketch import read_sketch
from livedraft.runtime.models.ink.tuning.nets import colour as torch_colour
from livedraft.runtime.models.ink.words.text import TextTable

Colour = tuple[int, int, int]


@pytest.fixture(scope="module")
def tiny() -> Ink:
    return Ink.tiny()


@pytest.fixture(scope="module")
def shipped() -> Ink:
    return Ink.load()


@pytest.fixture(scope="module")
def words() -> TextTable:
    return TextTable.load(WEIGHTS)


def circle(colour: Colour = (0, 0, 0), paper: Colour | None = None, size: int = 256) -> Pixels:
    """Return a drawn circle on transparent or painted paper."""
    image = Image.new("RGBA", (size, size), (*paper, 255) if paper else (0, 0, 0, 0))
    box = [size * 0.2, size * 0.2, size * 0.8, size * 0.8]
    ImageDraw.Draw(image).ellipse(box, outline=(*colour, 255), width=max(1, size // 64))
    return np.array(image)


def draw(model: Ink, sketch: Pixels | None, steps: int = 1, **params: object) -> Pixels:
    inputs = {} if sketch is None else {"sketch": sketch}
    asked = Request(InkParams.model_validate(params), inputs, Stage.DRAFT, steps)
    job = model.prepare([(model.open(), asked)])[0]
    while not job.done:
        model.step([job])
    return model.emit([job])[0][0].pixels


def test_oklab_and_back() -> None:
    colours = np.random.default_rng(1).random((50, 3), np.float32)
    np.testing.assert_allclose(oklab_to_srgb(srgb_to_oklab(colours)), colours, atol=1e-3)
    tensors = torch_colour.srgb_to_oklab(torch.from_numpy(colours))
    np.testing.assert_allclose(srgb_to_oklab(colours), tensors.numpy(), atol=1e-3)


@pytest.mark.parametrize("paper", [None, (255, 255, 255)])
def test_dark_strokes_are_lines_and_say_no_colour(paper: Colour | None) -> None:
    sketch = read_sketch(circle(paper=paper))
    assert sketch.lines[0, 0, 128, 52:58].max() > 0.9
    assert sketch.lines[0, 0, 128, 128] == 0
    assert sketch.hints.max() < 0.01


@pytest.mark.parametrize("paper", [None, (255, 255, 255)])
def test_coloured_strokes_are_lines_and_hints(paper: Colour | None) -> None:
    sketch = read_sketch(circle((220, 20, 20), paper))
    assert sketch.lines[0, 0, 128, 52:58].max() > 0.8
    red, green, _, cover = sketch.hints[0, :, 32, 12:15].max(-1)
    assert cover > 0.5
    assert red > 2 * green


def test_a_white_stroke_on_transparent_paper_says_white() -> None:
    hints = read_sketch(circle((255, 255, 255))).hints
    assert hints[0, :, 32, 12:15].max() > 0.5


def test_a_wide_picture_is_letterboxed() -> None:
    wide = np.zeros((50, 200, 4), np.uint8)
    wide[..., 3] = 255
    wide[:, 100:] = 0
    lines = read_sketch(wide).lines[0, 0]
    assert lines[:90].max() == 0
    assert lines[128, 60] > 0.9
    assert lines[128, 200] == 0


def test_a_photograph_gives_edges_and_its_colours() -> None:
    photo = np.full((300, 300, 3), (40, 90, 160), np.uint8)
    photo[100:200, 100:200] = (200, 160, 40)
    sketch = read_sketch(photo)
    assert sketch.lines.mean() < 0.1
    assert sketch.lines[0, 0, 128, 80:92].max() > 0.5
    assert sketch.hints[0, 3].min() > 0.5


def test_prompts_without_words_are_zeros(words: TextTable) -> None:
    for prompt in ("", "   "):
        encoded = words.encode([prompt])
        assert not encoded.mask.any()
        assert not encoded.mean.any()


def test_meaning_is_near_meaning(words: TextTable) -> None:
    mean = words.encode(["kitten", "cat", "bulldozer"]).mean
    kitten, cat, bulldozer = mean / np.linalg.norm(mean, axis=1, keepdims=True)
    assert kitten @ cat > kitten @ bulldozer + 0.1


def test_a_short_prompt_reads_alike_beside_a_long_one(words: TextTable) -> None:
    alone = words.encode(["cat"])
    beside = words.encode(["cat", "a very long prompt about a dog"])
    np.testing.assert_allclose(alone.mean[0], beside.mean[0], rtol=1e-5)


def test_strength_one_takes_strokes_for_lines_only(tiny: Ink) -> None:
    red, black = circle((220, 20, 20)), circle()
    np.testing.assert_array_equal(
        draw(tiny, red, strength=1.0, prompt="sun"), draw(tiny, black, strength=1.0, prompt="sun")
    )
    assert (draw(tiny, red, prompt="sun") != draw(tiny, black, prompt="sun")).any()


def test_another_seed_another_palette(tiny: Ink) -> None:
    first, second = (draw(tiny, circle(), seed=seed, prompt="cat") for seed in (1, 2))
    assert (first != second).any()


def test_unchanged_parts_are_not_read_again(tiny: Ink) -> None:
    state, sketch = tiny.open(), circle()
    jobs = [
        tiny.prepare([(state, Request(InkParams(prompt=p), {"sketch": sketch}, Stage.DRAFT, 1))])[0]
        for p in ("cat", "dog", "cat")
    ]
    assert jobs[0].sketch.outline is jobs[1].sketch.outline
    assert jobs[0].text is jobs[2].text
    assert len(state.palettes) == 2


def test_an_empty_canvas_gives_an_empty_picture(shipped: Ink) -> None:
    blank = np.zeros((256, 256, 4), np.uint8)
    assert draw(shipped, blank, prompt="a red apple").max() == 0
    assert draw(shipped, None).max() == 0


@pytest.mark.parametrize(
    "canvas",
    [
        np.full((64, 64, 4), 255, np.uint8),
        np.full((64, 64, 3), (200, 30, 60), np.uint8),
        np.random.default_rng(0).integers(0, 256, (300, 200, 4), np.uint8),
    ],
    ids=["white", "full", "noise"],
)
def test_odd_canvases_give_finite_pictures(shipped: Ink, canvas: Pixels) -> None:
    assert draw(shipped, canvas, steps=2, prompt="猫 🐈 кот").shape == (256, 256, 4)


def main_colour(picture: Pixels) -> NDArray[np.float32]:
    solid = picture[picture[..., 3] > 200][:, :3]
    return srgb_to_oklab(np.asarray(np.median(solid, axis=0) / 255, np.float32))


@pytest.mark.parametrize(
    ("prompt", "hue"),
    [("orange cat", 55), ("red apple", 29), ("blue fish", 262), ("green car", 143)],
)
def test_a_colour_word_wins(shipped: Ink, prompt: str, hue: float) -> None:
    _, a, b = main_colour(draw(shipped, circle(), prompt=prompt))
    off = (np.degrees(np.arctan2(b, a)) - hue + 180) % 360 - 180
    assert abs(off) < 30
    assert np.hypot(a, b) > 0.08


def test_the_silhouette_follows_the_line(shipped: Ink) -> None:
    alpha = draw(shipped, circle(), prompt="orange")[..., 3]
    assert alpha[128, 60:196].min() > 200
    assert alpha[:40].max() < 50
    assert alpha[:, :40].max() < 50


def test_params_are_checked() -> None:
    for wrong in ({"palette": ("red",)}, {"style": "oil"}, {"steps": 5}, {"prompt": "x" * 1001}):
        with pytest.raises(ValidationError):
            InkParams.model_validate(wrong)


def test_a_folder_without_weights_is_an_error_with_a_fix(tmp_path: Path) -> None:
    with pytest.raises(WeightsError) as caught:
        Ink.load(source=str(tmp_path))
    assert "weights.safetensors" in caught.value.fix


def test_kept_lines_are_dark_and_opaque_where_they_were_drawn(tiny: Ink) -> None:
    rim = np.s_[128, 53:55]
    bare, kept = (draw(tiny, circle(), lines=lines) for lines in (0, 1))
    assert kept[*rim, 3].min() > 240
    assert kept[*rim, :3].max() < 80
    assert (kept[128, 100:150] == bare[128, 100:150]).all(), "nothing is drawn beside the lines"


def test_coloured_strokes_leave_no_line(tiny: Ink) -> None:
    red = circle((220, 20, 20))
    np.testing.assert_array_equal(draw(tiny, red, lines=1), draw(tiny, red, lines=0))


def test_a_prompt_alone_paints_the_nearest_drawing(shipped: Ink) -> None:
    fox, again, burger = (
        draw(shipped, None, prompt=p) for p in ("red fox", "red fox", "a juicy burger")
    )
    np.testing.assert_array_equal(fox, again)
    assert 0.2 < (fox[..., 3] > 128).mean() < 0.9
    assert (fox != burger).any()


def test_a_prompt_alone_that_names_nothing_known_is_an_error_with_a_fix(shipped: Ink) -> None:
    with pytest.raises(InvalidParams) as caught:
        draw(shipped, None, prompt="asdfgh")
    assert "send a sketch" in caught.value.fix


@pytest.mark.parametrize("size", [512, 1024])
def test_a_refine_is_large_and_its_edges_are_sharp(shipped: Ink, size: int) -> None:
    asked = InkParams.model_validate({"prompt": "orange", "size": size, "lines": 0})
    request = Request(asked, {"sketch": circle(size=512)}, Stage.FINAL, 1)
    job = shipped.prepare([(shipped.open(), request)])[0]
    shipped.step([job])
    picture = shipped.emit([job])[0][0].pixels
    assert picture.shape == (size, size, 4)
    row = picture[size // 2, :, 3]
    assert row[size // 2] == 255
    between = ((row > 20) & (row < 235)).sum()
    assert between <= 12, "two edges, few pixels each"


def test_a_coloured_stroke_fills_its_region(shipped: Ink) -> None:
    sketch = circle()
    sketch[120:130, 100:160] = (30, 90, 220, 255)
    filled = draw(shipped, sketch, prompt="orange", lines=0)[70:190, 90:170, :3]
    blue = (filled[..., 2].astype(int) - filled[..., 0]) > 60
    assert blue.mean() > 0.9


def test_open_lines_enclose_nothing_and_closed_ones_do() -> None:
    closed = np.asarray(circle()[..., 3] / 255, np.float32)
    ajar = closed.copy()
    ajar[120:136] = 0
    assert read_regions(closed)[1].sum() > 1000
    assert read_regions(ajar)[1].sum() == 0
    assert read_regions(closed)[:20].sum(0).max() <= 1


def test_a_single_line_is_no_body_yet(shipped: Ink) -> None:
    line = np.zeros((256, 256, 4), np.uint8)
    line[126:130, 60:200, 3] = 255
    assert (draw(shipped, line, prompt="red apple", lines=0)[..., 3] > 20).mean() < 0.02


def test_a_large_refine_takes_strokes_for_lines_as_a_draft_does(shipped: Ink) -> None:
    red, black = (circle(colour, size=512) for colour in ((220, 20, 20), (0, 0, 0)))
    asked = InkParams.model_validate({"prompt": "sun", "size": 512, "strength": 1, "lines": 1})

    def refined(sketch: Pixels) -> Pixels:
        job = shipped.prepare(
            [(shipped.open(), Request(asked, {"sketch": sketch}, Stage.FINAL, 1))]
        )[0]
        shipped.step([job])
        return shipped.emit([job])[0][0].pixels

    np.testing.assert_array_equal(refined(red), refined(black))
