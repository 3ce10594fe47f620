"""Pixels are told apart where they are, and stay with the person as it moves."""

from dataclasses import replace

import cv2
import numpy as np
import pytest

from livedraft.runtime.models.base import Pixels
from livedraft.runtime.models.onnx import Graph
from livedraft.runtime.models.perception.detection import detect
from livedraft.runtime.models.perception.joints import HIPS, SHOULDERS
from livedraft.runtime.models.perception.networks import PoseNetworks
from livedraft.runtime.models.perception.parse import (
    Parse,
    Part,
    agreement,
    parse,
    parse_still,
    upper_body,
    whole_body,
)
from livedraft.runtime.models.perception.pose import Pose, landmarks
from livedraft.runtime.models.perception.squares import Box, cut

# Places in the astronaut's photograph, x and y.
PLACES = {
    Part.FACE: (225, 140),
    Part.HAIR: (225, 40),
    Part.CLOTHES: (150, 330),
    Part.BACKGROUND: (320, 60),
}


@pytest.fixture(scope="module")
def seen(person: Pixels, pose: Pose, parser: Graph) -> Parse:
    return parse(person, upper_body(pose), parser)


@pytest.mark.parametrize("part", PLACES, ids=lambda part: part.label)
def test_each_part_is_where_it_is(part: Part, seen: Parse) -> None:
    x, y = PLACES[part]
    assert seen.probabilities[y, x, part] > 0.8
    assert seen.of(part)[y, x] == pytest.approx(seen.probabilities[y, x, part], abs=1e-6)


def test_every_pixel_is_something(seen: Parse) -> None:
    assert seen.probabilities.shape == (512, 512, 6)
    np.testing.assert_allclose(seen.probabilities.sum(axis=-1), 1, atol=1e-3)


def test_beyond_the_box_all_is_background(person: Pixels, parser: Graph) -> None:
    found = parse(person, Box(150, 65, 300, 215), parser)
    corner = found.probabilities[-1, -1]
    assert corner[Part.BACKGROUND] == 1
    assert found.of(Part.CLOTHES, Part.OTHER)[-1, -1] == 0


def test_a_parse_moves_with_the_person(person: Pixels, seen: Parse) -> None:
    shift = np.array([[1.0, 0.0, 37.0], [0.0, 1.0, -21.0]])
    moved = seen.moved(shift)
    one, other = seen.of(Part.CLOTHES)[40:300, 10:300], moved.of(Part.CLOTHES)[19:279, 47:337]
    np.testing.assert_allclose(other, one, atol=0.02)
    back = moved.moved(np.array([[1.0, 0.0, -37.0], [0.0, 1.0, 21.0]]))
    np.testing.assert_allclose(back.of(Part.FACE), seen.of(Part.FACE), atol=1e-3)


def test_moving_turns_and_grows_too(person: Pixels, parser: Graph) -> None:
    """Against a parse of the picture that was moved in the same way."""
    quarter = np.array([[0.0, -1.0, 512.0], [1.0, 0.0, 0.0]])  # as np.rot90(…, -1)
    found = parse(person, Box(0, 0, 512, 512), parser).moved(quarter)
    wanted = parse(person, Box(0, 0, 512, 512), parser).of(Part.CLOTHES)
    np.testing.assert_allclose(found.of(Part.CLOTHES), np.rot90(wanted, -1), atol=0.02)


@pytest.mark.parametrize("shape", [(1, 1, 3), (1, 900, 4), (900, 2, 3), (480, 640, 3)])
def test_nothing_but_background_is_no_trouble(shape: tuple[int, ...], parser: Graph) -> None:
    picture = np.zeros(shape, np.uint8)
    found = parse(picture, Box(0, 0, *shape[1::-1]), parser).probabilities
    assert found.shape == (*shape[:2], 6)
    assert np.isfinite(found).all()


@pytest.mark.parametrize("box", [Box(-900, -900, -800, -800), Box(9, 9, 9, 9)])
def test_a_box_of_nothing_is_no_trouble(box: Box, person: Pixels, parser: Graph) -> None:
    found = parse(person, box, parser).probabilities
    assert np.isfinite(found).all()


def test_the_whole_body_holds_the_upper_one(pose: Pose) -> None:
    whole, upper = whole_body(pose), upper_body(pose)
    for x, y in pose.points[pose.presence > 0.5]:
        assert whole.left < x < whole.right
        assert whole.top < y < whole.bottom
    assert (upper.left, upper.top, upper.right) == (whole.left, whole.top, whole.right)
    assert pose.points[[*SHOULDERS, *HIPS], 1].max() < upper.bottom <= whole.bottom


def test_a_box_is_cut_to_the_picture_and_hardly_stretched() -> None:
    """A person who stands is looked at without what lies beside the picture."""
    assert Box(-50, 100, 90, 700).within(384, 512, 0.5) == Box(0, 100, 206, 512)
    assert Box(340, 0, 500, 400).within(384, 512, 0.5) == Box(184, 0, 384, 400)
    assert Box(0, 200, 384, 210).within(384, 512, 0.5) == Box(0, 109, 384, 301)
    assert Box(-50, -50, 90, 900).within(40, 512, 0.5) == Box(0, 0, 40, 512)  # as far as it is


def test_a_box_may_be_evened_and_framed() -> None:
    assert Box(10, 0, 30, 100).evened(0.6) == Box(-10, 0, 50, 100)
    assert Box(0, 10, 100, 30).evened(0.6) == Box(0, -10, 100, 50)
    assert Box(0, 0, 60, 100).evened(0.6) == Box(0, 0, 60, 100)
    assert Box(0, 0, 60, 100).framed(0.5) == Box(-30, -50, 90, 150)


def test_who_stands_out_little_is_looked_at_again(
    painting: Pixels, networks: PoseNetworks, parser: Graph
) -> None:
    """A woman before a wall of her dress's colours: the first look takes her for the wall."""
    (region,) = detect(painting, networks)
    pose, _ = landmarks(painting, region, networks)
    box = whole_body(pose)
    first, best = parse(painting, box, parser), parse_still(painting, box, pose, parser)
    assert agreement(first, pose, box) + 0.3 < agreement(best, pose, box)
    corners = pose.points[[*SHOULDERS, *reversed(HIPS)]].round().astype(np.int32)
    torso = np.zeros(painting.shape[:2], np.uint8)
    cv2.fillConvexPoly(torso, corners, 1)
    before, now = (each.of(Part.CLOTHES)[torso > 0].mean() for each in (first, best))
    assert before + 0.4 < now


def test_who_is_seen_well_is_looked_at_once(person: Pixels, pose: Pose, parser: Graph) -> None:
    box = upper_body(pose)
    first, still = parse(person, box, parser), parse_still(person, box, pose, parser)
    np.testing.assert_array_equal(still.matrix, first.matrix)
    np.testing.assert_array_equal(still.classes, first.classes)


def test_bones_beyond_the_box_or_unseen_say_nothing(pose: Pose, seen: Parse) -> None:
    assert agreement(seen, pose, Box(-9, -9, -1, -1)) == 1
    assert agreement(seen, replace(pose, presence=pose.presence * 0), Box(0, 0, 512, 512)) == 1
    elsewhere = pose.moved(pose.points + np.array([200, -200], np.float32))
    assert agreement(seen, elsewhere, Box(0, 0, 512, 512)) < 0.2


def test_a_stretched_box_holds_what_lies_there() -> None:
    """Ramps across and down come out as ramps, whether a side is shrunk or enlarged."""
    x, y = np.meshgrid(np.arange(200), np.arange(600))
    picture = np.stack([x, y // 3, x], axis=-1).astype(np.uint8)
    box = Box(40, 100, 168, 484)  # half of the sides across, 1.5 px each down
    held = cut(picture, box, 256)
    there = box.matrix(256) @ np.array([[100.5], [30.5], [1.0]])
    assert held[30, 100, 0] * 255 == pytest.approx(there[0, 0] - 0.5, abs=0.6)
    assert held[30, 100, 1] * 255 == pytest.approx((there[1, 0] - 0.5) / 3, abs=0.6)
