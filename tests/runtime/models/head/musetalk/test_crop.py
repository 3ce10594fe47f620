"""What is painted anew: the face below the bridge of the nose, without a seam."""

from __future__ import annotations

import numpy as np
import pytest

from livedraft.runtime.models.head.musetalk.crop import SIDE, Crop, Points, around
from livedraft.runtime.models.perception.contours import NOSE, OVAL, POINTS

SIZE = 512


def face(x: float = 256, y: float = 240, wide: float = 90, tall: float = 130) -> Points:
    """Return points of which the outline is an ellipse, and the nose's bridge in its middle."""
    points = np.full((POINTS, 2), (x, y), np.float32)
    turns = np.arange(len(OVAL)) / len(OVAL) * 2 * np.pi
    outline = np.stack([x + wide * np.sin(turns), y - tall * np.cos(turns)], axis=1)
    points[list(OVAL)] = outline
    points[NOSE[3]] = (x, y - 10)
    return points


def crop(margin: float = 0.0, **where: float) -> Crop:
    return around(face(**where), SIZE, SIZE, margin)


def test_the_bridge_of_the_nose_is_in_the_middle_and_the_chin_at_the_edge() -> None:
    found = crop()
    assert abs(found.top + found.height / 2 - 230) <= 1
    assert abs(found.top + found.height - 370) <= 1
    assert abs(found.left - 166) <= 1
    assert abs(found.width - 180) <= 2


def test_a_margin_shows_more_below_the_chin() -> None:
    assert crop(margin=10 / 256).height - crop().height == pytest.approx(280 * 10 / 256, abs=2)


def test_the_upper_half_and_the_edges_stay() -> None:
    found = crop()
    frame = np.random.default_rng(0).integers(0, 256, (SIZE, SIZE, 3), np.uint8)
    painted = np.full((SIDE, SIDE, 3), 255, np.uint8)
    changed = (found.put(frame, painted) != frame).any(axis=2)
    rows, columns = np.nonzero(changed)
    assert rows.min() > found.top + 0.4 * found.height
    assert columns.min() > found.left
    assert columns.max() < found.left + found.width - 1
    assert rows.max() < found.top + found.height - 1
    assert (found.put(frame, painted)[300, 256] == 255).all()


def test_new_goes_into_old_without_a_step() -> None:
    steps = np.abs(np.diff(crop().new[..., 0], axis=0))
    assert steps.max() < 0.15


def test_what_was_cut_and_is_put_back_is_the_same_picture() -> None:
    found = crop()
    smooth = np.add.outer(np.arange(SIZE), np.arange(SIZE)) // 5
    frame = np.repeat(smooth[..., None], 3, axis=2).astype(np.uint8)
    back = found.put(frame, found.cut(frame))
    assert np.abs(back.astype(int) - frame).max() <= 3


@pytest.mark.parametrize("where", [{"x": 20.0}, {"x": 500.0}, {"y": 60.0}, {"y": 480.0}])
def test_a_face_at_an_edge_is_cut_there(where: dict[str, float]) -> None:
    found = crop(**where)
    assert found.left >= 0
    assert found.top >= 0
    assert found.left + found.width <= SIZE
    assert found.top + found.height <= SIZE
    frame = np.zeros((SIZE, SIZE, 3), np.uint8)
    assert found.put(frame, np.full((SIDE, SIDE, 3), 9, np.uint8)).shape == frame.shape
