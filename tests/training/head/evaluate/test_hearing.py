"""What is counted as heard: by viseme, down bad lines, and by what others call right."""

from __future__ import annotations

import numpy as np
import pytest
from training.head.data.clips import RATE
from training.head.evaluate import hearing
from training.head.evaluate.hearing import LINES, Spoken, accuracy, confusion, hear
from training.head.evaluate.peers import Peer
from training.head.evaluate.peers import accuracy as at_best

from livedraft.runtime.models.head.visemes import VISEMES

SECOND = np.zeros(RATE, np.float32)


def test_silence_is_heard_as_silence_for_its_whole_length() -> None:
    heard = hear(SECOND)
    assert heard.shape == (100,)
    table = confusion([Spoken(SECOND, [("SIL", 0.0, 1.0)], "arpabet")])
    assert table.sum() == 100
    assert accuracy(table) == pytest.approx((heard == VISEMES.index("sil")).mean())


def test_rows_of_which_nothing_is_known_do_not_count() -> None:
    spoken = Spoken(SECOND, [("?", 0.0, 0.6)], "arpabet")
    assert confusion([spoken]).sum() == 40


def test_a_table_names_what_is_confused_most() -> None:
    table = np.zeros((15, 15), np.int64)
    table[VISEMES.index("PP"), VISEMES.index("aa")] = 7
    table[0, 0] = 93
    assert accuracy(table) == 0.93
    assert hearing._confusions(table, 1) == ["PP > aa: 7"]


@pytest.mark.parametrize("line", LINES)
def test_lines_keep_the_length_and_their_promise(line: str) -> None:
    tone = (0.1 * np.sin(np.arange(RATE) * 2 * np.pi * 6_000 / RATE)).astype(np.float32)
    made = LINES[line](tone)
    assert made.shape == tone.shape
    power = np.mean(made**2) / np.mean(tone**2)
    expected = {"8 kHz": 0, "30 dB quieter": 0.001, "noise, 20 dB": 1.01, "noise, 10 dB": 1.1}
    if line in expected:
        assert power == pytest.approx(expected[line], abs=0.02)


def test_another_s_delay_is_forgiven_and_its_own_classes_count() -> None:
    peer = Peer({"open": "AA AE", "shut": "P SIL"}, lambda samples: np.zeros(0, np.int64))
    segments = [("AA", 0.0, 0.3), ("P", 0.3, 0.5), ("ZZ", 0.5, 0.6)]
    label = peer.labels(segments, 100)
    assert list(label[[0, 40, 55, 80]]) == [0, 1, -1, 1]
    late = np.roll(label, 5)
    assert at_best([(late, label)]) == 1.0
