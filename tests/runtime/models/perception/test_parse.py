"""Pixels are told apart where they are, and stay with the person as it moves."""

import numpy as np
import pytest

from livedraft.runtime.models.base import Pixels
from livedraft.runtime.models.onnx import Graph
from livedraft.runtime.models.perception.detection import detect
from livedraft.runtime.models.perception.networks import PoseNetworks
from livedraft.runtime.models.perception.parse import Parse, Part, parse, upper_body, whole_body
from livedraft.runtime.models.perception.pose import landmarks
from livedraft.runtime.models.perception.squares import Square

# Places in the astronaut's photograph, x and y.
PLACES = {
    Part.FACE: (225, 140),
    Part.HAIR: (225, 40),
    Part.CLOTHES: (150, 330),
    Part.BACKGROUND: (320, 60),
}


@pytest.fixture(scope="module")
def seen(person: Pixels, networks: PoseNetworks, parser: Graph) -> Parse:
    (region,) = detect(person, networks)
    pose, _ = landmarks(person, region, networks)
    return parse(person, upper_body(pose), parser)


@pytest.mark.parametrize("part", PLACES, ids=lambda part: part.label)
def test_each_part_is_where_it_is(part: Part, seen: Parse) -> None:
    x, y = PLACES[part]
    assert seen.probabilities[y, x, part] > 0.8
    assert seen.of(part)[y, x] == pytest.approx(seen.probabilities[y, x, part], abs=1e-6)


def test_every_pixel_is_something(seen: Parse) -> None:
    assert seen.probabilities.shape == (512, 512, 6)
    np.testing.assert_allclose(seen.probabilities.sum(axis=-1), 1, atol=1e-3)


def test_beyond_the_square_all_is_background(person: Pixels, parser: Graph) -> None:
    found = parse(person, Square(225, 140, 150), parser)
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
    found = parse(person, Square(256, 256, 512), parser).moved(quarter)
    wanted = parse(person, Square(256, 256, 512), parser).of(Part.CLOTHES)
    np.testing.assert_allclose(found.of(Part.CLOTHES), np.rot90(wanted, -1), atol=0.02)


@pytest.mark.parametrize("shape", [(1, 1, 3), (1, 900, 4), (900, 2, 3), (480, 640, 3)])
def test_nothing_but_background_is_no_trouble(shape: tuple[int, ...], parser: Graph) -> None:
    picture = np.zeros(shape, np.uint8)
    found = parse(picture, Square.around(picture), parser).probabilities
    assert found.shape == (*shape[:2], 6)
    assert np.isfinite(found).all()


def test_the_whole_body_holds_the_upper_one(person: Pixels, networks: PoseNetworks) -> None:
    (region,) = detect(person, networks)
    pose, _ = landmarks(person, region, networks)
    for square in (upper_body(pose), whole_body(pose)):
        there = pose.points[pose.presence > 0.5]
        assert (np.abs(there - (square.x, square.y)) < square.side / 2).all()
