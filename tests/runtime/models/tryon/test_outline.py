"""Rays to a person's outline: many at once reach as far as each alone."""

import cv2
import numpy as np
import pytest

from livedraft.runtime.models.tryon.body.outline import Outline

WAY = np.array([1, 0], np.float32)


def disc(back: list[list[float]] | None = None) -> Outline:
    """Return the outline of a disc of 50 px around (100, 80)."""
    mask = np.zeros((160, 200), np.uint8)
    cv2.circle(mask, (100, 80), 50, 1, -1)
    inside = mask.astype(bool)
    matrix = np.array(back or [[1, 0, 0], [0, 1, 0]], np.float32)
    return Outline(inside, inside, matrix)


@pytest.mark.parametrize("turn", np.linspace(0, 6, 7))
def test_a_ray_ends_at_the_outline(turn: float) -> None:
    way = np.array([np.cos(turn), np.sin(turn)], np.float32)
    far, left = disc().reach("person", np.array([100, 80], np.float32), way, 90)
    assert left
    assert abs(far - 50) < 1.5


def test_a_ray_that_does_not_leave_goes_as_far_as_it_may() -> None:
    assert disc().reach("person", np.array([100, 80], np.float32), WAY, 20) == (20, False)
    assert disc().reach("clothes", np.array([100, 80], np.float32), WAY, 20) == (20, False)


def test_a_person_who_is_cut_off_goes_on() -> None:
    everything = np.ones((40, 40), bool)
    whole = Outline(everything, everything, np.eye(2, 3, dtype=np.float32))
    assert whole.reach("person", np.array([35, 20], np.float32), WAY, 80) == (80, False)


def test_points_of_now_are_looked_up_where_the_body_was() -> None:
    moved = disc([[0.5, 0, 10], [0, 0.5, 0]])  # twice as large now
    far, left = moved.reach("person", np.array([180, 160], np.float32), WAY, 150)
    assert left
    assert abs(far - 100) < 3


@pytest.mark.parametrize("back", [None, [[0.9, -0.2, 12.3], [0.2, 0.9, -8.1]]])
def test_many_rays_reach_exactly_as_far_as_each(back: list[list[float]] | None) -> None:
    outline, some = disc(back), np.random.default_rng(4)
    starts = some.uniform(-10, 210, (200, 2)).astype(np.float32)
    ways = some.normal(0, 1, (200, 2)).astype(np.float32)
    ways /= np.linalg.norm(ways, axis=1, keepdims=True)
    alone = [outline.reach("worn", *ray, 70)[0] for ray in zip(starts, ways, strict=True)]
    assert outline.reaches("worn", starts, ways, 70).tolist() == alone
    assert outline.reaches("clothes", starts, ways, 70).tolist() == [70] * 200
