"""Metrics: what they say of pictures whose figures are known."""

import numpy as np
import pytest
from training.ink.data.regions import closed_regions
from training.ink.evaluate.metrics import (
    alpha_iou,
    colour_distance,
    colour_error,
    main_word,
    mean_scores,
    median_colour,
    nearest_word,
    score,
    unevenness,
)

from livedraft.runtime.models.base import Pixels


def square(colour: tuple[int, int, int], side: int = 100) -> Pixels:
    picture = np.zeros((256, 256, 4), np.uint8)
    picture[50 : 50 + side, 50 : 50 + side] = (*colour, 255)
    return picture


def outline() -> Pixels:
    sketch = np.zeros((256, 256, 4), np.uint8)
    sketch[49:151, 49:151, 3] = 255
    sketch[52:148, 52:148, 3] = 0
    return sketch


def test_a_picture_equals_itself() -> None:
    red = square((200, 30, 30))
    assert alpha_iou(red, red) == 1
    assert colour_error(red, red) == 0


def test_half_a_silhouette() -> None:
    half = square((0, 0, 0))
    half[100:] = 0
    assert alpha_iou(half, square((0, 0, 0))) == 0.5


def test_another_colour_costs() -> None:
    assert colour_error(square((200, 30, 30)), square((30, 30, 200))) > 30


def test_edges_on_lines_are_precise_and_recalled() -> None:
    red = square((200, 30, 30))
    good = score(red, outline(), red)
    assert good["edge_precision"] > 0.99
    assert good["edge_recall"] > 0.99
    assert good["edge_f1"] > 0.99
    assert good["reference_f1"] == 1
    stripes = square((200, 30, 30))
    stripes[50:150, 70:140:10] = (30, 30, 200, 255)
    bad = score(stripes, outline(), red)
    assert bad["edge_precision"] < 0.5
    assert bad["reference_f1"] < 0.7


def test_an_inner_line_is_seen_or_not() -> None:
    sketch, halves = outline(), square((200, 30, 30))
    sketch[99:102, 50:150, 3] = 255
    halves[100:150, 50:150] = (30, 30, 200, 255)
    assert score(halves, sketch, halves)["inner_recall"] > 0.95
    assert score(square((200, 30, 30)), sketch, halves)["inner_recall"] < 0.1
    assert np.isnan(score(halves, outline(), halves)["inner_recall"]), "it has no inner line"


def test_the_mean_is_over_those_that_have_the_figure() -> None:
    assert mean_scores([{"a": 1.0, "b": float("nan")}, {"a": 3.0, "b": 4.0}]) == {"a": 2, "b": 4}


def test_a_distance_to_one_colour() -> None:
    colours = np.array([[200, 30, 30], [30, 30, 200]], np.uint8)
    one, other = colour_distance(colours, np.array([200, 30, 30], np.uint8))
    assert one == 0
    assert other > 30


def test_an_empty_picture_has_figures() -> None:
    nothing = np.zeros((256, 256, 4), np.uint8)
    figures = score(nothing, outline(), square((200, 30, 30)))
    assert figures["alpha_iou"] == figures["edge_recall"] == figures["edge_precision"] == 0
    assert figures["ciede2000"] > 20


def test_blotches_are_uneven() -> None:
    flat, blotchy = square((200, 30, 30)), square((200, 30, 30))
    blotchy[80:120, 80:120] = (30, 30, 200, 255)
    assert unevenness(flat, outline()) < 0.01
    assert unevenness(blotchy, outline()) > 10


def test_the_main_colour_has_a_name() -> None:
    picture = square((220, 40, 30))
    picture[60:100, 60:140, :3] = (30, 30, 200)
    assert main_word(picture, ("red", "blue")) == "red"
    within = np.zeros((256, 256), np.bool_)
    within[60:90, 60:90] = True
    assert nearest_word(median_colour(picture, within), ("red", "blue")) == "blue"
    nothing = picture * 0
    assert main_word(nothing, ("red", "blue")) == ""
    assert nearest_word(median_colour(nothing, within), ("red", "blue")) == ""


@pytest.mark.parametrize("gap", [0, 4])
def test_a_region_is_closed_or_open(gap: int) -> None:
    lines = outline()[..., 3] > 0
    lines[100 : 100 + gap, :80] = False
    assert [int(region.sum()) for region in closed_regions(lines)] == ([] if gap else [96 * 96])
