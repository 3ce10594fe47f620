"""A talking head keeps in memory what it is told to say, and the portrait that says it."""

from __future__ import annotations

import signal
import sys
from pathlib import Path

import numpy as np
import pytest
from tests.offline.marks import NEEDS_SECCOMP
from tests.offline.watching import address, environment, watched
from tests.privacy.photo import Traces, photograph

import livedraft as ld

pytest.importorskip("py_nanotts", reason="the extra 'head' is not installed")
pytestmark = NEEDS_SECCOMP

PHOTO = photograph()
TRACES = Traces(PHOTO)
SECRET = "The heron nests behind Quarry Lane"  # said
BEYOND = "鷺の巣は石切場の裏"  # what no voice can say
SOUND = np.random.default_rng(5).integers(-9000, 9000, (24_000, 1)).astype(np.int16)


def test_neither_words_nor_sound_nor_portrait_leave_the_memory(tmp_path: Path) -> None:
    for name in ("home", "tmp", "work"):
        (tmp_path / name).mkdir()
    command = [sys.executable, "-m", "livedraft", "serve", "--models", "head", "--port", "0"]
    env = environment(tmp_path / "home", tmp_path / "tmp")
    with watched([*command, "--log-level", "debug"], tmp_path / "work", env) as seen:
        url = address(seen)
        notes = talk(url)
        seen.process.send_signal(signal.SIGINT)
        said = seen.process.communicate(timeout=60)[0].encode()
    assert any(BEYOND[0] in note for note in notes), "the user is told what could not be said"
    assert seen.reached == []
    assert TRACES.found_in(said) == set()
    assert TRACES.found_below(tmp_path) == {}
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    for written in (said, *(path.read_bytes() for path in files)):
        for word in ("heron", "Quarry", BEYOND):
            assert word.encode() not in written
        assert SOUND[1000:1020].tobytes() not in written


def talk(url: str) -> list[str]:
    """Have a head say words and sound, and refuse a portrait; return what its notes say."""
    notes: list[str] = []
    with ld.Client(url) as client:
        for each in client.talk(text=f"{SECRET}. {BEYOND}."):
            notes += [note["message"] for note in each.notes]
        for each in client.talk(audio=SOUND, sample_rate=24_000):
            assert each.sound is not None
        with pytest.raises(ld.LivedraftError):
            list(client.talk(text=SECRET, portrait=PHOTO, consent=True))
    return notes
