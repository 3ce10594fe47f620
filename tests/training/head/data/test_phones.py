"""Phones of two notations show the same mouths."""

from __future__ import annotations

import pytest
from training.head.data.phones import HELD, Notation, visemes_of

from livedraft.runtime.models.head.visemes import VISEMES


def names(phone: str, notation: Notation) -> list[str]:
    return [VISEMES[index] for index in visemes_of(phone, notation)]


@pytest.mark.parametrize(
    ("arpabet", "ipa", "shown"),
    [
        ("P", "p", ["PP"]),
        ("m", "m", ["PP"]),
        ("V", "v", ["FF"]),
        ("DH", "ð", ["TH"]),
        ("CH", "ʧ", ["CH"]),
        ("AA1", "ˈɑː", ["aa"]),
        ("IY0", "iː", ["I"]),
        ("ER", "ɝ", ["RR"]),
        ("AY", "aɪ", ["aa", "I"]),
        ("OW", "oʊ", ["O", "U"]),
        ("pau", "_", ["sil"]),
    ],
)
def test_notations_agree(arpabet: str, ipa: str, shown: list[str]) -> None:
    assert names(arpabet, "arpabet") == shown
    assert names(ipa, "ipa") == shown


def test_a_breath_has_no_mouth_of_its_own() -> None:
    assert visemes_of("HH", "arpabet") == (HELD,)
    assert visemes_of("h", "ipa") == (HELD,)


def test_an_affricate_in_two_letters_shows_both() -> None:
    assert names("ts", "ipa") == ["DD", "SS"]


@pytest.mark.parametrize("notation", ["arpabet", "ipa"])
def test_an_unknown_phone_is_told_and_not_guessed(notation: Notation) -> None:
    with pytest.raises(KeyError, match="no viseme"):
        visemes_of("§", notation)
