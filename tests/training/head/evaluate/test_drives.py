"""What mouths are compared with: each a mouth a frame, and each what it says it is."""

from __future__ import annotations

import numpy as np
import pytest
from tests.training.head.evaluate.hum import recording
from training.head.evaluate.drives import DRIVES, energy, frames, phonemes, random

OPEN, PRESS = 0, 5


@pytest.mark.parametrize("name", DRIVES)
def test_each_gives_a_mouth_a_frame(name: str) -> None:
    made = DRIVES[name](recording())
    assert made.shape == (frames(recording()), 6) == (30, 6)
    assert np.isfinite(made).all()
    assert made[:, OPEN].min() >= 0


def test_phonemes_close_the_lips_for_m_and_p() -> None:
    made = phonemes(recording())
    for second in (0.46, 0.85):
        frame = int(second * 25)
        assert made[frame, OPEN] < 0.1
        assert made[frame, PRESS] > 0.5
    assert made[int(0.66 * 25), OPEN] > 0.6


def test_energy_opens_by_loudness_alone() -> None:
    made = energy(recording())
    assert made[int(0.66 * 25), OPEN] > 0.9
    assert made[int(0.3 * 25), OPEN] == 0


def test_chance_is_the_same_each_time() -> None:
    np.testing.assert_array_equal(random(recording()), random(recording()))
