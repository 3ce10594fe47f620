"""Metrics: what they say of pictures whose figures are known."""

import numpy as np
from training.ink.metrics import (
    alpha_iou,
    colour_error,
    edge_scores,
    nearest_main_word,
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
    precision, recall = edge_scores(square((200, 30, 30)), outline())
    assert precision > 0.99
    assert recall > 0.99
    stripes = square((200, 30, 30))
    stripes[50:150, 70:140:10] = (30, 30, 200, 255)
    assert edge_scores(stripes, outline())[0] < 0.5


def test_blotches_are_uneven() -> None:
    flat, blotchy = square((200, 30, 30)), square((200, 30, 30))
    blotchy[80:120, 80:120] = (30, 30, 200, 255)
    assert unevenness(flat, outline()) < 0.01
    assert unevenness(blotchy, outline()) > 10


def test_the_main_colour_has_a_name() -> None:
    assert nearest_main_word(square((220, 40, 30)), ("red", "blue")) == "red"
    assert nearest_main_word(square((0, 0, 0)) * 0, ("red", "blue")) == ""
