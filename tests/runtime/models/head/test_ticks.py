"""Ticks: sound as it came, the mouth of its middle, whatever the pieces; silence and stops."""

from __future__ import annotations

import numpy as np
import pytest

from livedraft.runtime.models.head.line import RATE, Sound, Word
from livedraft.runtime.models.head.ticks import TICK, TICK_US, Tick, Ticks

from .ears import FakeEar

ENOUGH = TICK // 2 + RATE * 77_500 // 1_000_000  # samples that the first tick waits for


def ticks() -> Ticks[float]:
    return Ticks(FakeEar())


def ramp(seconds: float) -> Sound:
    """Speech each sample of which is louder than the one before."""
    return np.linspace(1000, 21_000, round(seconds * RATE)).astype(np.int16)


def run(made: Ticks[float], count: int, first: int = 0) -> list[Tick[float]]:
    return [made.next((first + number) * TICK_US) for number in range(count)]


def sounds(made: list[Tick[float]]) -> Sound:
    return np.concatenate([tick.sound for tick in made])


def expected(speech: Sound, tick: int) -> float:
    """What the ear tells of a tick's middle."""
    middle = tick * TICK + TICK // 2
    return float((speech[middle - 120 : middle + 120].astype(np.float32) / 32768).mean())


@pytest.mark.parametrize("size", [1, 7, 480, 960, 1000, 24_000])
def test_sound_and_mouths_are_the_same_however_they_are_cut(size: int) -> None:
    speech, made, said = ramp(0.5), ticks(), []
    waiting = [speech[at : at + size] for at in range(0, len(speech), size)]
    while waiting or len(made.line):
        while waiting and len(made.line) < ENOUGH:
            made.line.append(waiting.pop(0), ended=not waiting)
        said += run(made, 1)
    assert len(said) == 13
    np.testing.assert_array_equal(sounds(said)[: len(speech)], speech)
    assert not sounds(said)[len(speech) :].any()
    for number, tick in enumerate(said[:12]):
        assert tick.shown == pytest.approx(expected(speech, number), abs=1e-4)
        assert (tick.state, tick.spoken_us) == ("speaking", (number + 1) * TICK_US)


def test_the_last_sounds_are_shown() -> None:
    made, speech = ticks(), ramp(0.2)
    made.line.append(speech, ended=True)
    said = run(made, 6)
    assert said[4].shown == pytest.approx(expected(speech, 4), abs=1e-4)
    assert (said[5].shown, said[5].state) == (None, "idle")
    assert not said[5].sound.any()


def test_nothing_is_said_before_enough_of_it_is_there_to_look_ahead() -> None:
    made = ticks()
    made.line.append(ramp(1.0)[: ENOUGH - TICK])
    assert run(made, 1)[0].state == "idle"
    made.line.append(ramp(1.0)[:240])
    assert run(made, 1)[0].state == "speaking"


def test_a_sound_too_short_to_look_ahead_is_said_when_nothing_follows() -> None:
    made = ticks()
    made.line.append(ramp(0.05))
    states = [tick.state for tick in run(made, 6)]
    assert states == ["idle", "idle", "speaking", "speaking", "idle", "idle"]


def test_what_comes_late_is_heard_as_if_it_had_come_in_time() -> None:
    """The silence that was taken for the end is forgotten again."""
    made, speech = ticks(), ramp(1.0)
    made.line.append(speech[: 5 * TICK])
    said = run(made, 5)  # the last two look ahead at silence
    made.line.append(speech[5 * TICK :], ended=True)
    said += run(made, 20)
    np.testing.assert_array_equal(sounds(said), speech)
    for number in range(5, 25):
        assert said[number].shown == pytest.approx(expected(speech, number), abs=1e-4)


def test_silence_goes_on_for_an_hour() -> None:
    made = ticks()
    hour = 3600 * 1_000_000 // TICK_US
    for number in range(hour):
        tick = made.next(number * TICK_US, listening=number % 2 == 1)
        assert tick.state == ("listening" if number % 2 else "idle")
        assert tick.shown is None
    assert made.line.nbytes < 100_000
    assert isinstance(made.ear, FakeEar)
    assert made.ear.heard == 0


def test_who_keeps_a_line_open_speaks_only_where_something_is_heard() -> None:
    """A pause of half a second is one in speech, and of more is none."""
    made = ticks()
    pause, hush = np.zeros(10 * TICK, np.int16), np.zeros(1000 * TICK, np.int16)
    made.line.append(np.concatenate([ramp(0.4), pause, ramp(0.4), hush, ramp(0.4)]), ended=True)
    said = run(made, 1040)
    assert [tick.state for tick in said[:42]] == ["speaking"] * 42
    assert {tick.state for tick in said[42:1030]} == {"idle"}
    assert {tick.state for tick in said[1030:]} == {"speaking"}
    assert {tick.shown for tick in said[42:1028]} == {0.0}


def test_an_interruption_drops_what_waits_at_once() -> None:
    made, speech = ticks(), ramp(2.0)
    made.line.append(speech, [Word("late", 10 * TICK, 11 * TICK)], ended=True)
    run(made, 4)
    made.interrupt()
    after = run(made, 20)
    assert all(tick.shown is None and not tick.sound.any() and not tick.words for tick in after)
    assert after[0].spoken_us == 4 * TICK_US
    made.line.append(speech, ended=True)
    again = run(made, 2)
    np.testing.assert_array_equal(sounds(again), speech[: 2 * TICK])
    assert again[1].shown == pytest.approx(expected(speech, 1), abs=1e-4)
    assert again[1].spoken_us == 2 * TICK_US


def test_words_are_placed_on_the_media_clock_and_never_before_their_sound() -> None:
    made = ticks()
    words = [Word("one", 0, TICK), Word("two", TICK + 240, 3 * TICK)]
    made.line.append(ramp(0.2), words, ended=True)
    said = [made.next(1_000_000 + number * TICK_US) for number in range(5)]
    assert said[0].words == (Word("one", 1_000_000, 1_040_000),)
    assert said[1].words == (Word("two", 1_050_000, 1_120_000),)
    assert said[1].data["words"] == [{"text": "two", "at": 1_050_000, "until": 1_120_000}]
    assert not said[2].words


def test_what_was_dropped_as_too_much_does_not_confuse_the_ear() -> None:
    made, speech = ticks(), ramp(1.0)
    made.line.append(speech, ended=True)
    run(made, 3)
    gone = made.line.take(5000)
    assert len(gone[0]) == 5000
    rest = speech[3 * TICK + 5000 :]
    said = run(made, 4)
    np.testing.assert_array_equal(sounds(said), rest[: 4 * TICK])
    assert said[3].shown == pytest.approx(expected(rest, 3), abs=1e-4)


def test_clipped_sound_is_as_loud_as_can_be() -> None:
    made = ticks()
    made.line.append(np.where(np.arange(RATE) % 100 < 50, 32767, -32768).astype(np.int16))
    assert run(made, 1)[0].loudness == 1.0


@pytest.mark.parametrize("pause", [240, 480, 720])  # samples: whole rows of an ear
@pytest.mark.parametrize("more", [0, 1, 239])
def test_speech_begins_within_a_tick_and_its_mouths_with_it(pause: int, more: int) -> None:
    """Live speech waits for as much as the ear looks ahead, and not for the next tick as well."""
    made, speech = ticks(), ramp(1.0)
    there = ENOUGH - pause + more
    made.line.append(speech[:there], [Word("one", 0, TICK)])
    said = run(made, 1)
    for number in range(1, 8):  # as much comes as is heard
        made.line.append(speech[there + (number - 1) * TICK :][:TICK])
        said += run(made, 1, number)
    assert {tick.state for tick in said} == {"speaking"}
    assert not sounds(said)[:pause].any()
    np.testing.assert_array_equal(sounds(said)[pause:], speech[: 8 * TICK - pause])
    assert said[0].words[0].at == 1_000_000 * pause // RATE
    assert said[0].spoken_us == 1_000_000 * (TICK - pause) // RATE
    assert (said[0].shown is None) == (pause >= TICK // 2), "nothing is said in its middle yet"
    for number in range(1, 8):
        middle = number * TICK + TICK // 2 - pause
        wanted = speech[middle - 120 : middle + 120].astype(np.float32) / 32768
        assert said[number].shown == pytest.approx(float(wanted.mean()), abs=1e-4)
    assert isinstance(made.ear, FakeEar)
    assert made.ear.resets == 0, "and no silence was made up"
