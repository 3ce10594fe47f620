"""What the frames of every avatar that ships show, seen from outside."""

from __future__ import annotations

import itertools
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from livedraft.runtime.models.base import Pixels
from livedraft.runtime.models.head.avatar import AvatarFace, avatars, load
from livedraft.runtime.models.head.avatar.eyes import eyes_box
from livedraft.runtime.models.head.avatar.mouth import mouth_box
from livedraft.runtime.models.head.expression import SIZE, Expression
from livedraft.runtime.models.head.visemes import POSES, VISEMES

AVATARS = list(avatars())
SHADES = 48  # of 255 that a pixel must be off to count as another


@pytest.fixture(scope="module", params=AVATARS)
def face(request: pytest.FixtureRequest) -> AvatarFace:
    return load(str(request.param))


def of_mouth(face: AvatarFace, frame: Pixels) -> Pixels:
    box = mouth_box(face.drawing.mouth)
    return frame[box.top : box.bottom, box.left : box.right]


def of_eyes(face: AvatarFace, frame: Pixels) -> Pixels:
    box = eyes_box(face.drawing)
    return frame[box.top : box.bottom, box.left : box.right]


def changes(one: Pixels, other: Pixels) -> NDArray[np.bool_]:
    return np.asarray(np.abs(one.astype(int) - other).max(-1) > SHADES)


def changed(one: Pixels, other: Pixels) -> int:
    """Return how many pixels are plainly another."""
    return int(changes(one, other).sum())


def test_frames_are_as_faces_give_them(face: AvatarFace) -> None:
    frame = face.render(Expression())
    assert frame.shape == (SIZE, SIZE, 3)
    assert frame.dtype == np.uint8
    assert frame.flags.c_contiguous
    assert 0 < face.nbytes < 8 << 20


def test_nothing_is_left_of_the_frame_before(face: AvatarFace) -> None:
    rest = face.render(Expression())
    kept = rest.copy()
    face.render(Expression(mouth=POSES[10], blink=1, brows=1, gaze=(1, 1), yaw=0.2))
    assert np.array_equal(rest, kept), "a frame that was handed out is drawn upon"
    assert np.array_equal(face.render(Expression()), kept)


def test_all_visemes_are_told_apart(face: AvatarFace) -> None:
    mouths = [of_mouth(face, face.render(Expression(mouth=pose))) for pose in POSES]
    alike = {
        (VISEMES[i], VISEMES[j]): changed(mouths[i], mouths[j])
        for i in range(len(VISEMES))
        for j in range(i)
    }
    nearest = min(alike, key=lambda pair: alike[pair])
    assert alike[nearest] >= 200, f"{nearest} differ by {alike[nearest]} px"


def test_lips_close_and_open(face: AvatarFace) -> None:
    """Of an open mouth something is seen that a closed one hides, more the wider it is."""
    shut = of_mouth(face, face.render(Expression()))
    seen = []
    for opened in (0.25, 0.5, 0.75, 1.0):
        mouth = np.array([opened, 0, 0, 0, 0, 0], np.float32)
        seen.append(changed(of_mouth(face, face.render(Expression(mouth=mouth))), shut))
    assert seen == sorted(seen)
    assert seen[-1] > 500


def test_mouths_pass_into_each_other_without_a_leap(face: AvatarFace) -> None:
    for start, end in ((0, 10), (1, 6), (7, 14), (3, 8), (2, 13)):
        ways = np.linspace(0, 1, 25)
        frames = [
            of_mouth(
                face, face.render(Expression(mouth=(1 - way) * POSES[start] + way * POSES[end]))
            )
            for way in ways.astype(np.float32)
        ]
        leaps = [
            float(np.abs(one.astype(int) - two).mean()) for one, two in itertools.pairwise(frames)
        ]
        assert max(leaps) < 0.2 * sum(leaps), (VISEMES[start], VISEMES[end])


def test_lids_hide_the_pupils(face: AvatarFace) -> None:
    def looked(blink: float) -> int:
        """Return how much of the eyes differs between two ways to look."""
        left, right = (
            of_eyes(face, face.render(Expression(blink=blink, gaze=(side, 0)))) for side in (-1, 1)
        )
        return changed(left, right)

    assert looked(0) > 60, "nobody sees where it looks"
    assert looked(1) == 0
    assert looked(0) > looked(0.6)


def test_a_head_that_turns_leaves_its_shoulders(face: AvatarFace) -> None:
    rest, turned = face.render(Expression()), face.render(Expression(yaw=0.2))
    below = int(face.drawing.head.neck) + 10
    assert changed(rest[below:], turned[below:]) == 0
    assert changed(rest[:below], turned[:below]) > 1000


def eyes(face: AvatarFace, expression: Expression) -> NDArray[np.float64]:
    """Return where that lies which changes when eyes are shut: x, y, px."""
    off = changes(face.render(expression), face.render(replace(expression, blink=1)))
    y, x = np.nonzero(off)
    return np.array([x.mean(), y.mean()])


@pytest.mark.parametrize("name", ["mateo", "lena", "kofi"])
def test_the_head_goes_where_it_is_told(name: str) -> None:
    face = load(name)
    rest = eyes(face, Expression())
    assert eyes(face, Expression(yaw=0.05))[0] > rest[0] + 4
    assert eyes(face, Expression(pitch=0.05))[1] > rest[1] + 3
    assert eyes(face, Expression(roll=0.04))[0] > rest[0] + 3
    there = eyes(face, Expression(shift=(5, -4))) - rest
    assert there == pytest.approx([5, -4], abs=0.5)


@pytest.mark.parametrize("name", AVATARS[:2])
def test_it_is_drawn_alike_each_time(name: str) -> None:
    told = Expression(mouth=POSES[7], blink=0.3, gaze=(0.4, -0.2), roll=0.05)
    assert np.array_equal(load(name).render(told), load(name).render(told))


SOME = load(AVATARS[0])


@settings(max_examples=60, deadline=None)
@given(
    mouth=st.lists(st.floats(-2, 2, width=32), min_size=6, max_size=6),
    numbers=st.lists(st.floats(-2, 2), min_size=9, max_size=9),
)
def test_no_expression_is_too_much(mouth: list[float], numbers: list[float]) -> None:
    blink, brows, right, down, yaw, pitch, roll, x, y = numbers
    told = Expression(
        np.array(mouth, np.float32), blink, brows, (right, down), yaw, pitch, roll, (50 * x, 50 * y)
    )
    assert SOME.render(told).shape == (SIZE, SIZE, 3)
