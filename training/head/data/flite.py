"""CMU Flite: small concatenative and statistical voices, which tell when their phones sound."""

from __future__ import annotations

import random
import subprocess
import tempfile
import wave
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from .clips import Clip, Segment, at_rate


def read_wave(path: Path) -> tuple[NDArray[np.int16], int]:
    """Return the samples (n,) and the rate of a mono file of PCM16."""
    with wave.open(str(path)) as file:
        raw = file.readframes(file.getnframes())
        return np.frombuffer(raw, np.int16), file.getframerate()


class Flite:
    """One of flite's voices; it speaks at 70..140 % of its pace."""

    def __init__(self, voice: str) -> None:
        self._voice = voice

    def speak(self, text: str, rng: random.Random) -> Clip:
        """Return a sentence spoken."""
        stretch = rng.uniform(0.75, 1.35)
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "speech.wav"
            command = ["flite", "-voice", self._voice, "-psdur", "-t", text, "-o", str(path)]
            command += ["--setf", f"duration_stretch={stretch:.3f}"]
            done = subprocess.run(command, check=True, capture_output=True, text=True)
            samples, rate = read_wave(path)
        return Clip(at_rate(samples, rate), segments_of(done.stdout), "arpabet", text)


def segments_of(printed: str) -> list[Segment]:
    """Return what flite printed: ``phone:end`` after ``phone:end``."""
    segments: list[Segment] = []
    start = 0.0
    for item in printed.split():
        phone, _, until = item.rpartition(":")
        end = float(until)
        segments.append((phone, start, end))
        start = end
    return segments
