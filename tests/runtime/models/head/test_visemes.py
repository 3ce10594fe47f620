"""The mouths of the visemes."""

import numpy as np

from livedraft.runtime.models.head.expression import Expression
from livedraft.runtime.models.head.visemes import CONTROLS, POSES, VISEMES


def test_each_viseme_has_a_mouth_within_its_bounds() -> None:
    assert POSES.shape == (len(VISEMES), len(CONTROLS)) == (15, 6)
    within = np.where(np.array(CONTROLS) == "wide", -1.0, 0.0)
    assert np.all(POSES >= within)
    assert np.all(POSES <= 1)


def test_lips_meet_where_they_must_and_part_for_vowels() -> None:
    gap = dict(zip(VISEMES, POSES[:, CONTROLS.index("open")], strict=True))
    assert gap["sil"] == gap["PP"] == 0
    assert all(gap[vowel] > gap["FF"] for vowel in ("aa", "E", "I", "O", "U"))


def test_a_face_at_rest_has_its_lips_closed() -> None:
    assert not Expression().mouth.any()
