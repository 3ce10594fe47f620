"""The voices that ship: all languages, any text; one that hangs is ended, and others go on."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from livedraft.errors import ModelFailed
from livedraft.runtime.models.at_once import AtOnce
from livedraft.runtime.models.head.line import RATE, Sound
from livedraft.runtime.models.head.speech.pico import Processes
from livedraft.runtime.models.head.speech.speaker import Said, Speaker
from livedraft.runtime.models.head.speech.voices import PICO, Manner

pytest.importorskip("py_nanotts", reason="the extra 'head' is not installed")

PLAIN = Manner()
HELLO = {
    "en": "The quick brown fox is 42 years old.",
    "de": "Der flinke Fuchs ist 42 Jahre alt, sagt Frau Müßig.",
    "es": "El niño tiene 42 años y mañana viaja.",
    "fr": "Le garçon a 42 ans, et il préfère les forêts.",
    "it": "Il ragazzo ha 42 anni, perché è già grande.",
}


def said(text: str, manner: Manner = PLAIN) -> list[Said]:
    speaker, made = Speaker(AtOnce), []
    speaker.read(text, manner)
    speaker.read("", manner)
    while (more := speaker.take(0)) or speaker.busy:
        made += more
    return made


@pytest.mark.parametrize("voice", PICO)
def test_all_languages_speak(voice: str) -> None:
    (made,) = said(HELLO[voice[:2]], Manner(voice))
    assert 1.5 * RATE < len(made.samples) < 6 * RATE
    assert np.abs(made.samples.astype(int)).max() > 3000
    assert (made.left_out, made.failed) == ("", "")
    assert len(made.words) == len(HELLO[voice[:2]].split())
    assert all(0 <= word.at < word.until <= len(made.samples) for word in made.words)


def test_speed_and_pitch_are_heard() -> None:
    usual, fast, high = (
        said(HELLO["en"], Manner("en-US", speed, pitch))[0].samples
        for speed, pitch in [(1.0, 1.0), (2.0, 1.0), (1.0, 1.8)]
    )
    assert len(fast) < 0.65 * len(usual)
    assert abs(len(high) - len(usual)) < 0.2 * len(usual)
    assert _pitch(high) > 1.3 * _pitch(usual)


@pytest.mark.parametrize(
    "text",
    ["é" * 300, "." * 3000, "1" * 300, "x" * 500, "!?" * 200, "</speed>", "\0\ufffe", "a-" * 300],
)
def test_what_its_engine_fails_on_is_said_or_left_out(text: str) -> None:
    for each in said(text):
        assert not each.failed
        assert len(each.samples) < 90 * RATE


def test_one_that_does_not_answer_is_ended_and_the_next_goes_on() -> None:
    processes = Processes(patience_s=0.5)
    with pytest.raises(ModelFailed, match="other words"):
        processes.speak("é" * 300, Manner())  # for ever
    patient = Processes()
    assert len(patient.speak("Hello.", Manner()).samples)
    with pytest.raises(ModelFailed, match="other words"):
        patient.speak("1" * 300, Manner())  # its engine refuses that
    assert len(patient.speak("Hello.", Manner()).samples)
    patient.close()


def test_many_speak_at_once() -> None:
    processes = Processes()
    texts = [f"This is number {number}." for number in range(12)]
    with ThreadPoolExecutor(4) as threads:
        made = list(threads.map(lambda text: processes.speak(text, Manner()).samples, texts))
    for text, samples in zip(texts, made, strict=True):
        alone = processes.speak(text, Manner()).samples
        np.testing.assert_allclose(samples.astype(int), alone, atol=100)  # beyond glibc it hisses
    processes.close()


def _pitch(samples: Sound) -> float:
    """The pitch of the loudest 100 ms, Hz, where it repeats itself best."""
    size = RATE // 10
    rows = samples[: len(samples) // size * size].reshape(-1, size).astype(float)
    loudest = rows[np.square(rows).sum(1).argmax()]
    lags = range(RATE // 400, RATE // 70)
    alike = [np.corrcoef(loudest[lag:], loudest[:-lag])[0, 1] for lag in lags]
    return RATE / lags[int(np.argmax(alike))]
