"""What a mouth shows while phones sound."""

from __future__ import annotations

import numpy as np
from training.head.labels import IGNORED, control_rows, viseme_rows

from livedraft.runtime.models.head.visemes import CONTROLS, VISEMES

OPEN, PRESS = CONTROLS.index("open"), CONTROLS.index("press")


def test_rows_follow_their_phones() -> None:
    rows = viseme_rows([("AH", 0.0, 0.1), ("P", 0.1, 0.2)], "arpabet", 30)
    shown = [VISEMES[row] for row in rows]
    assert shown == ["aa"] * 10 + ["PP"] * 10 + ["sil"] * 10


def test_a_diphthong_turns_past_its_middle() -> None:
    rows = viseme_rows([("AY", 0.0, 0.2)], "arpabet", 20)
    assert [VISEMES[row] for row in rows] == ["aa"] * 11 + ["I"] * 9


def test_a_breath_shows_what_follows() -> None:
    rows = viseme_rows([("HH", 0.0, 0.1), ("UW", 0.1, 0.2)], "arpabet", 20)
    assert {VISEMES[row] for row in rows} == {"U"}


def test_what_is_not_known_is_not_learned() -> None:
    rows = viseme_rows([("?", 0.0, 0.1)], "ipa", 12)
    assert (rows[:10] == IGNORED).all()
    assert np.isfinite(control_rows(rows)).all()


def test_lips_meet_between_vowels() -> None:
    segments = [("AH", 0.0, 0.2), ("B", 0.2, 0.27), ("AH", 0.27, 0.5)]
    controls = control_rows(viseme_rows(segments, "arpabet", 50))
    assert controls[23, OPEN] < 0.03
    assert controls[23, PRESS] > 0.95
    assert controls[10, OPEN] > 0.7
    assert controls[40, OPEN] > 0.7


def test_a_vowel_keeps_its_mouth_to_the_clip_s_end() -> None:
    controls = control_rows(viseme_rows([("AA", 0.0, 0.5)], "arpabet", 50))
    assert controls[-1, OPEN] > 0.85
