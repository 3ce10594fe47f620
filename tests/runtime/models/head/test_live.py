"""Speech that comes live, to the shipped ear: how soon lips move, by a simulated clock."""

from __future__ import annotations

import numpy as np
import pytest

from livedraft.runtime.models.head.expression import Mouth
from livedraft.runtime.models.head.hearing import Hearing
from livedraft.runtime.models.head.line import RATE
from livedraft.runtime.models.head.talking import AHEAD_US
from livedraft.runtime.models.head.ticks import TICK_US, Tick, Ticks

from .sounds import vowel

PIECE_US = 20_000
PIECE = RATE * PIECE_US // 1_000_000


class CountedHearing(Hearing):
    """The shipped ear, counting how often it began anew."""

    resets = 0

    def reset(self) -> None:
        super().reset()
        self.resets += 1


@pytest.mark.parametrize("phase", range(0, TICK_US, 4_000))
def test_lips_part_within_200_ms_of_the_first_sound(phase: int) -> None:
    """From the first sample, as it is spoken, to when the frame is due that shows an open mouth."""
    sound, ear = vowel(0.6), CountedHearing()
    made = Ticks[Mouth](ear)
    shown: list[tuple[int, Tick[Mouth]]] = []  # when each is due, µs after the first sample
    given = 0
    for now in range(-phase, 400_000, TICK_US):  # a tick is made so long before it is due
        there = max(0, now // PIECE_US) * PIECE
        made.line.append(sound[given:there])
        given = there
        shown.append((now + AHEAD_US, made.next(now + AHEAD_US)))
    lips = [0.0 if tick.shown is None else float(tick.shown[0]) for _, tick in shown]
    parted = next(number for number, opening in enumerate(lips) if opening > 0.15 * max(lips))
    assert shown[parted][0] <= 200_000
    heard = next(number for number, (_, tick) in enumerate(shown) if tick.sound.any())
    assert parted - heard in (0, 1), "not long before or after it is heard"
    assert ear.resets == 0, "and the ear was never at a loss"


@pytest.mark.parametrize("phase", range(0, TICK_US, 8_000))
def test_an_ear_does_not_forget_a_voice_whose_pieces_come_unevenly(phase: int) -> None:
    """To begin anew is to forget how a voice sounds; lips are late by 20 ms for a tick instead."""
    sound, ear = np.tile(vowel(0.5), 6), CountedHearing()
    made, given, shown = Ticks[Mouth](ear), 0, []
    pieces = np.arange(1, len(sound) // PIECE + 1) * PIECE_US
    late = np.random.default_rng(0).uniform(0, 15_000, len(pieces))
    for now in range(-phase, int(pieces[-1]), TICK_US):
        there = int((pieces + late <= now).sum()) * PIECE
        made.line.append(sound[given:there])
        given = there
        shown.append(made.next(now))
    assert ear.resets == 0
    heard = np.concatenate([tick.sound for tick in shown])
    begin = int(np.flatnonzero(heard)[0]) - int(np.flatnonzero(sound)[0])
    np.testing.assert_array_equal(heard[begin:], sound[: len(heard) - begin])
    truth = CountedHearing()
    truth.push(sound.astype(np.float32) / np.float32(32768))
    first = next(number for number, tick in enumerate(shown) if tick.sound.any())
    for number, tick in enumerate(shown[first + 1 :], first + 1):
        middle = (number * TICK_US + TICK_US // 2) - begin * 1_000_000 // RATE
        if middle > truth.known_us:
            break
        near = [truth.at(middle - late_us) for late_us in range(0, 20_001, 5_000)]
        assert tick.shown is not None
        assert min(float(np.abs(tick.shown - each).max()) for each in near) < 0.05
