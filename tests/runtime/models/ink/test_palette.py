"""Palettes of `ink`: what swatches and strokes make of the one that the words chose."""

import numpy as np
import pytest

from livedraft.runtime.models.base import Pixels
from livedraft.runtime.models.ink.colour import Floats, hex_to_srgb, oklab_to_srgb, srgb_to_oklab
from livedraft.runtime.models.ink.drawing.sketch import read_sketch
from livedraft.runtime.models.ink.inference.palette import with_strokes, with_swatches

Colour = tuple[int, int, int]  # sRGB

GREYS = np.zeros((1, 6, 4), np.float32)
GREYS[0, :, 0] = np.linspace(0.2, 0.9, 6)
GREYS[..., 3] = [0.5, 0.2, 0.1, 0.1, 0.07, 0.03]
RED, BLUE, GREEN = (220, 20, 20), (30, 60, 220), (20, 160, 60)


def test_swatches_come_first() -> None:
    palette = np.full((1, 6, 4), 1 / 6, np.float32)
    mixed = with_swatches(palette, ("#ff0000", "#00ff00"))
    np.testing.assert_allclose(oklab_to_srgb(mixed[0, 0, :3]), hex_to_srgb("#ff0000"), atol=0.01)
    assert mixed[0, 0, 3] > 0.6
    assert mixed[..., 3].sum() == pytest.approx(1)


def boxes(*colours: Colour) -> Pixels:
    """Draw four boxes in a row; the first ones have a stroke of a colour in them."""
    picture = np.zeros((256, 256, 4), np.uint8)
    for index in range(4):
        left = 8 + 60 * index
        picture[90:166, left : left + 56] = (0, 0, 0, 255)
        picture[94:162, left + 4 : left + 52] = 0
        if index < len(colours):
            picture[120:136, left + 16 : left + 40] = (*colours[index], 255)
    return picture


def lab(rgb: Colour) -> Floats:
    return srgb_to_oklab(np.array([c / 255 for c in rgb], np.float32))


def share_of(palette: Floats, rgb: Colour) -> float:
    wanted = lab(rgb)
    near = np.linalg.norm(palette[0, :, :3] - wanted, axis=1) < 0.05
    return float(palette[0, near, 3].sum())


def mixed(*colours: Colour, chosen: bool = False) -> Floats:
    sketch = read_sketch(boxes(*colours))
    return with_strokes(GREYS, sketch.hints, sketch.regions, chosen)


def test_strokes_tell_the_more_of_the_palette_the_more_of_the_picture_they_fill() -> None:
    one, three = mixed(RED), mixed(RED, BLUE, GREEN)
    assert 0.1 < share_of(one, RED) < 0.3, "one stroke leaves the words' colours in charge"
    told = [share_of(three, colour) for colour in (RED, BLUE, GREEN)]
    assert sum(told) > 0.8
    assert max(told) - min(told) < 0.1
    for palette in (one, three):
        assert palette.shape == (1, 6, 4)
        assert palette[..., 3].sum() == pytest.approx(1)
        assert (np.diff(palette[0, :, 3]) <= 0).all(), "the main colour comes first"


def test_a_palette_that_was_chosen_keeps_its_place_beside_strokes() -> None:
    chosen = mixed(RED, BLUE, GREEN, chosen=True)
    assert sum(share_of(chosen, colour) for colour in (RED, BLUE, GREEN)) < 0.2


def test_a_stroke_of_a_colour_that_the_palette_has_adds_no_second_entry() -> None:
    once = mixed(RED)
    sketch = read_sketch(boxes(RED))
    again = with_strokes(once, sketch.hints, sketch.regions)
    red = lab(RED)
    near = np.linalg.norm(again[0, :, :3] - red, axis=1) < 0.05
    assert near.sum() == 1


def test_strokes_of_seven_colours_fill_the_palette() -> None:
    hints = np.zeros((1, 4, 64, 64), np.float32)
    for index in range(7):
        hints[0, :3, 4:8, index * 8 : index * 8 + 4] = np.eye(3)[index % 3, :, None, None] * (
            1 - index / 10
        )
        hints[0, 3, 4:8, index * 8 : index * 8 + 4] = 1
    mix = with_strokes(GREYS, hints, np.zeros((1, 32, 64, 64), np.float32))
    assert mix.shape == (1, 6, 4)
    assert (np.hypot(mix[0, :, 1], mix[0, :, 2]) > 0.05).all()
