"""SVOX Pico (nanotts): tells no times, so that its phones are aligned to its known words."""

from __future__ import annotations

import random

import numpy as np
from py_nanotts import NanoTTS

from .align import Aligner
from .clips import Clip


class Pico:
    """One of Pico's voices, at many paces and pitches."""

    def __init__(self, voice: str) -> None:
        self._voice, self._engine, self._aligner = voice, NanoTTS(), Aligner()
        self._language = voice.partition("-")[0]

    def speak(self, text: str, rng: random.Random) -> Clip:
        """Return a sentence spoken; raise `NotAlignedError` where it cannot be labelled."""
        words = self._aligner.spelled(text, self._language)
        sound = self._engine.speak(
            text, voice=self._voice, speed=rng.uniform(0.8, 1.3), pitch=rng.uniform(0.7, 1.3)
        )
        samples = np.frombuffer(sound, np.int16).copy()
        segments = self._aligner.align(samples, words)
        return Clip(samples, segments, "arpabet", text, words)
