"""Words of other languages, as an English aligner hears them."""

from __future__ import annotations

import subprocess
from types import SimpleNamespace

import pytest
from training.head.data import foreign


def read_aloud(monkeypatch: pytest.MonkeyPatch, ipa: str) -> list[str]:
    """Pronounce what espeak-ng would print: a double, since Debian's package need not be here."""
    printed = SimpleNamespace(stdout=ipa)
    monkeypatch.setattr(subprocess, "run", lambda command, **options: printed)
    return foreign.pronounced("", "de")


def test_each_sound_becomes_its_english_neighbour(monkeypatch: pytest.MonkeyPatch) -> None:
    words = read_aloud(monkeypatch, "ts_v_ˈœ_l_f v_ˈøː_ɡ_ə_l\n _ˈyː_b_ə_n m_ˈu_tʃ_o")
    assert words == ["T S V UH L F", "V UH G AH L", "UW B AH N", "M UW CH AO"]


def test_a_sound_without_a_neighbour_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(foreign.UnknownSoundError, match="ǂ"):
        read_aloud(monkeypatch, "ǂ_a")
