"""Collars of closed fronts: the inside of the back, with its label, is not what covers a chest."""

import numpy as np
import pytest

from livedraft.runtime.models.tryon.garment import Garment, prepare

from .collared import Collared, collared, striped

DRAWN = {
    "blue shirt": collared((150, 175, 225), (140, 165, 216), (240, 240, 236)),
    "white shirt": collared((226, 226, 230), (205, 206, 212), (120, 40, 50), deep=270),
    "bomber": collared((96, 66, 44), (120, 92, 62), (40, 42, 46), zip_=(196, 170, 110)),
    "denim": collared((60, 84, 128), (70, 96, 142), (150, 80, 50), (70, 140), 240),
    "dark": collared((52, 52, 58), (66, 66, 70), (200, 200, 200), zip_=(150, 150, 155), deep=260),
}


@pytest.mark.parametrize("name", DRAWN)
def test_a_label_in_a_collar_lies_inside_of_its_opening(name: str) -> None:
    garment, (left, top, right, bottom) = _prepared(DRAWN[name])
    label = garment.body[top:bottom, left:right]
    assert label.mean() < 0.02
    assert garment.back[top:bottom, left:right].mean() > 0.95


@pytest.mark.parametrize("name", DRAWN)
def test_an_opening_ends_where_the_front_is_closed(name: str) -> None:
    garment, _ = _prepared(DRAWN[name])
    assert garment.points["collar"][1] == pytest.approx(DRAWN[name].closes, abs=22)
    below = np.s_[DRAWN[name].closes + 24 : 600]
    assert garment.opening[below].max() < 0.01


@pytest.mark.parametrize(("across", "down"), [(60, 0), (36, 0), (0, 50), (44, 44), (70, 70)])
def test_stripes_and_checks_are_no_neckline(across: int, down: int) -> None:
    """Upright stripes look like the sides of a deep U, and its end was sought among them."""
    garment = prepare(striped(across, down))
    left, right = (np.array(garment.points[f"neck_{side}"]) for side in "lr")
    deep = garment.points["collar"][1] - (left[1] + right[1]) / 2
    assert deep < 0.8 * np.hypot(*(right - left))  # it is .56 deep


def _prepared(drawn: Collared) -> tuple[Garment, tuple[int, int, int, int]]:
    return prepare(drawn.picture), drawn.label
