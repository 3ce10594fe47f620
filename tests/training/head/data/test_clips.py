"""Labelled speech on disk is what was written, and speaking goes on where it stopped."""

from __future__ import annotations

import random
from pathlib import Path

import numpy as np
import pytest
from training.head.data import __main__ as command
from training.head.data.align import NotAlignedError
from training.head.data.clips import RATE, Clip, at_rate, clips
from training.head.data.flite import segments_of
from training.head.data.voices import Voice


class CountingSpeaker:
    """A test double: says a second of silence for each sentence, and refuses every third."""

    spoken = 0

    def speak(self, text: str, rng: random.Random) -> Clip:
        type(self).spoken += 1
        if "three" in text:
            raise NotAlignedError(text)
        return Clip(np.zeros(RATE, np.int16), [("pau", 0.0, 1.0)], "arpabet", text)


def test_a_clip_is_read_as_it_was_written(tmp_path: Path) -> None:
    clip = Clip(
        np.arange(-5, 500, dtype=np.int16),
        [("h", 0.0, 0.1), ("aɪ", 0.1, 0.25)],
        "ipa",
        "hi there",
        ("hi", "there"),
    )
    clip.save(tmp_path / "clips" / "one" / "00000.npz")
    (read,) = clips(tmp_path, "one")
    np.testing.assert_array_equal(read.samples, clip.samples)
    assert (read.segments, read.notation, read.text, read.words) == (
        clip.segments,
        clip.notation,
        clip.text,
        clip.words,
    )


def test_speaking_goes_on_where_it_stopped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lines = ["one", "two", "three", "four", "five", "six"]
    monkeypatch.setattr(command, "sentences", lambda language: lines)
    monkeypatch.setattr(CountingSpeaker, "spoken", 0)
    voice = Voice(CountingSpeaker, "en", 1, "none")
    command.speak(tmp_path / "v", voice, 2)
    first = CountingSpeaker.spoken
    command.speak(tmp_path / "v", voice, 2)
    assert CountingSpeaker.spoken == first
    command.speak(tmp_path / "v", voice, 4)
    assert len(list((tmp_path / "v").glob("*.npz"))) == 4
    assert CountingSpeaker.spoken <= 5  # a sentence that was refused is not tried again


def test_flite_prints_ends_and_means_segments() -> None:
    assert segments_of("pau:0.2 hh:0.25 ax:0.3 \n") == [
        ("pau", 0.0, 0.2),
        ("hh", 0.2, 0.25),
        ("ax", 0.25, 0.3),
    ]


def test_a_resampled_clip_lasts_as_long() -> None:
    assert len(at_rate(np.zeros(24_000, np.int16), 24_000)) == RATE
