"""The stage of moving pictures: calm where it is known what moves, nothing left out, at pace."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import cv2
import numpy as np
import pytest
from tests.runtime.engine.stability.showing import FRAME, RNG, Shown, apart, moved, noisy

from livedraft.errors import ModelFailed
from livedraft.runtime.engine.stability import steady
from livedraft.runtime.engine.stability.steady import Steady
from livedraft.runtime.engine.stability.still import Still
from livedraft.runtime.models.base import Pixels


def test_strokes_are_calm_along_motion_that_is_known_exactly() -> None:
    def flicker(**params: Any) -> float:
        session = Shown(pace=False)
        frames = [session.show(moved(2 * n), **params) for n in range(8)]
        return float(
            np.mean([apart(now[:, 8:-10], then[:, 10:-8]) for then, now in pairwise(frames)][2:])
        )

    calm, raw = flicker(), flicker(steady=False)
    assert calm < 0.5 * raw
    still = Shown(pace=False)
    frames = [still.show(moved(2 * n)) for n in range(8)]
    ghost = apart(frames[-1][:, 8:-8], moved(14)[:, 8:-8] * 0.8)
    behind = apart(frames[-1][:, 8:-8], moved(10)[:, 8:-8] * 0.8)
    assert ghost < 0.6 * behind, "it shows where things are, not where they were"


@pytest.mark.parametrize("doubted", [True, False])
def test_what_left_leaves_no_ghost_of_its_strokes(
    doubted: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Strokes reach far beyond what they are of: there is seen what was seen, another is made."""
    if not doubted:
        monkeypatch.setattr(steady, "_GHOST", 1e6)  # the control: then it is as it was

    def halo(frame: Pixels) -> Pixels:
        wide = cv2.blur(frame, (61, 61)).astype(int) - frame.mean((0, 1)).astype(int)
        return np.asarray(np.clip(frame * 0.8 + 3 * wide, 0, 255), np.uint8)

    plain = np.full((144, 256, 3), (0, 128, 0), np.uint8)
    disc = np.asarray(cv2.circle(plain.copy(), (128, 72), 40, (64, 255, 16), -1), np.uint8)
    calm = Steady()
    for frame in (disc,) * 5:
        calm.steadied(frame, halo(frame), "look")
    after = halo(plain)
    ghost = np.abs(calm.steadied(plain, after, "look").astype(int) - after).max()
    assert (ghost < 25) == doubted
    assert ghost < 25 or ghost > 50, "it is one or the other"


def test_a_noisy_still_is_made_anew_now_and_then_alone() -> None:
    session = Shown()
    shown = [session.show(noisy(FRAME)) for _ in range(40)]
    assert 3 <= len(session.model.saw) <= 5
    assert sum(apart(one, other) > 0 for one, other in pairwise(shown)) <= 4


def test_a_caret_is_never_left_out() -> None:
    for contrast in (250, 90):
        for x, y in RNG.integers(8, 120, (20, 2)):
            scene = np.full((288, 512, 3), 128 - contrast // 2, np.uint8)
            still = Still()
            still.moves(scene)
            assert not still.moves(noisy(scene, 1.0)), "nothing moves yet"
            scene[y : y + 10, x : x + 8] += np.uint8(contrast)
            assert still.moves(noisy(scene, 1.0)), (contrast, x, y)


def test_other_params_a_cut_and_another_size_are_shown_at_once() -> None:
    session = Shown()
    session.show(FRAME)
    assert session.show(FRAME).mean() == pytest.approx(session.show(FRAME).mean())
    assert len(session.model.saw) == 1
    brighter = session.show(FRAME, shade=40)
    assert len(session.model.saw) == 2
    assert brighter.mean() > session.show(FRAME, shade=0).mean() + 20
    turned = np.ascontiguousarray(255 - FRAME[::-1])
    assert apart(session.show(turned, steady=False), turned * 0.8) < 12
    cut = session.show(FRAME)
    assert apart(cut, FRAME * 0.8) < 12, "nothing is left of before"
    assert session.show(FRAME[:96]).shape == (96, 256, 3)


def test_without_anybody_looking_every_frame_is_made_at_its_size() -> None:
    session = Shown(pace=False)
    large = np.ascontiguousarray(np.tile(FRAME, (3, 3, 1)))
    for _ in range(20):
        assert session.show(large, took=1.0).shape == large.shape
    assert session.model.saw == [(768, 432)] * 20


def test_large_frames_are_made_as_small_as_the_model_says_and_shown_as_they_came() -> None:
    session = Shown()
    large = np.ascontiguousarray(np.tile(FRAME, (4, 4, 1)))
    assert session.show(large).shape == large.shape
    assert session.model.saw == [(256, 144)]
    tall = np.ascontiguousarray(large.transpose(1, 0, 2))
    assert session.show(tall).shape == tall.shape
    assert session.model.saw[1] == (144, 256)


def test_a_model_that_fails_fails_alone_and_goes_on() -> None:
    session = Shown()
    session.show(FRAME)
    session.model.fails = True
    with pytest.raises(ModelFailed):
        session.show(moved(3))
    session.model.fails = False
    assert apart(session.show(moved(40)), moved(40) * 0.8) < 12


def test_sessions_keep_apart() -> None:
    one, other = Shown(), Shown()
    other.model, other.calls = one.model, one.calls
    one.show(FRAME)
    other.show(FRAME)
    assert len(one.model.saw) == 2
