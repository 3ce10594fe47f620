"""Figures tell good from bad: motion that is carried, edges that stay, textures that are there."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from skimage import data
from training.restyle.data.packed import JUDGE, TEACHER, Picture, arrays
from training.restyle.evaluate.metrics import Manner, kept, own, sharpness
from training.restyle.evaluate.motion import film
from training.restyle.evaluate.report import report
from training.restyle.teacher.net import StyleNet

from livedraft.runtime.models.base import Plan
from livedraft.runtime.models.restyle.painter import Painter
from livedraft.runtime.models.restyle.params import STYLES
from livedraft.runtime.models.restyle.tuning.judge import Judge

SIZE = (160, 96)


@pytest.fixture(scope="module")
def pictures() -> list[Picture]:
    person = data.astronaut()
    return [np.ascontiguousarray(person[y : y + 96, 200:360]) for y in (0, 120, 300)]


def test_a_film_carries_what_it_shows_and_flicker_is_what_is_left() -> None:
    shot = film(data.astronaut(), SIZE, 4)
    still = film(data.astronaut(), SIZE, 4, moving=False)
    noise = still.flicker(still.frames)
    assert 2 < noise < 5  # levels, of the camera's noise
    assert shot.flicker(shot.frames) < 2.5 * noise
    assert len({frame.tobytes() for frame in shot.frames}) == 4
    stuck = [shot.frames[0]] * 4  # that stands still where all moves
    assert shot.flicker(stuck) > 2 * shot.flicker(shot.frames)
    assert still.flicker(stuck) == 0


def test_edges_that_stay_are_told_from_edges_of_another_frame(pictures: list[Picture]) -> None:
    assert kept(pictures[0], pictures[0]) == pytest.approx(1)
    assert kept(pictures[0], 255 - pictures[0]) > 0.99
    assert abs(kept(pictures[0], pictures[2])) < 0.3
    assert own(pictures, [255 - one for one in pictures]) == 3
    assert own(pictures, pictures[::-1]) == 1
    assert sharpness(pictures[0]) > sharpness(pictures[0] // 2)


def test_a_manner_is_near_to_its_own_pictures(pack: Path, pictures: list[Picture]) -> None:
    judge = Judge(arrays(pack, JUDGE))
    manner = Manner(judge, pictures[:1])
    assert manner.texture(pictures[:1]) < 1e-3
    assert manner.palette(pictures[:1]) == 0
    assert manner.texture([pictures[0] // 3]) > 0.05
    assert manner.palette([pictures[0] // 3]) > 1


def test_a_report_tells_what_a_teacher_itself_keeps(pack: Path, pictures: list[Picture]) -> None:
    teacher, judge = StyleNet(arrays(pack, TEACHER)), Judge(arrays(pack, JUDGE))
    shown = {str(number): one for number, one in enumerate(pictures)}
    ours = Painter.read("", Plan(threads=1))
    found = report(STYLES, ours, teacher, judge, shown, {}, lambda line: None)
    assert found.keys() == {*STYLES}
    for figures in found.values():
        assert figures["teacher's texture"] > 0
        assert -1 <= figures["teacher's orientation"] <= 1
    drawn = found["pencil"]["teacher's orientation"]
    assert drawn > 0.8, "a filter draws along edges; the other teacher is of random numbers"
