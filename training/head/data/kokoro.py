"""Kokoro-82M: natural voices. What it predicts of durations is late, so that phones are aligned.

Sentences are looked up in misaki's lexicon (English), or read by espeak-ng (other languages). What
it needs lies in a folder named by ``KOKORO``: see README.md.
"""

from __future__ import annotations

import json
import os
import random
import re
import subprocess
from pathlib import Path

import numpy as np

from livedraft.runtime.models.onnx import opened

from .align import Aligner, NotAlignedError
from .clips import Clip, at_rate
from .sentences import spelled

RATE = 24_000  # Hz, of its sound


class Kokoro:
    """Speaks each sentence with another of its voices, at 80..125 % of its pace."""

    def __init__(self, voices: tuple[str, ...], language: str) -> None:
        folder = Path(os.environ["KOKORO"])
        graph = (folder / "kokoro.onnx").read_bytes()
        self._net = opened(graph, "Kokoro", threads=1, fix="put it together as README.md says")
        self._tokens: dict[str, int] = json.loads((folder / "vocab.json").read_text())["vocab"]
        self._styles = {
            voice: np.fromfile(folder / "voices" / f"{voice}.bin", np.float32).reshape(-1, 256)
            for voice in voices
        }
        self._language = language
        self._aligner = Aligner()
        accent = {"a": "us", "b": "gb"}.get(voices[0][0])
        self._lexicon = _lexicon(folder, accent) if accent and language == "en" else {}

    def speak(self, text: str, rng: random.Random) -> Clip:
        """Return a sentence spoken; raise `NotAlignedError` if a word is not in the lexicon."""
        words = self._aligner.spelled(text, self._language)
        phones = [phone for phone in self._read(text) if phone in self._tokens]
        voice = rng.choice(sorted(self._styles))
        tokens = [0, *(self._tokens[phone] for phone in phones), 0]
        sound = self._net.run(
            tokens=np.array([tokens]),
            style=self._styles[voice][len(phones) - 1][None],
            speed=np.array([rng.uniform(0.8, 1.25)], np.float32),
        )
        pcm = np.clip(sound * 32767, -32768, 32767).astype(np.int16)
        samples = at_rate(pcm, RATE)
        segments = self._aligner.align(samples, words)
        return Clip(samples, segments, "arpabet", f"{voice}: {text}", words)

    def _read(self, text: str) -> str:
        if self._language == "en":
            found = [self._lexicon.get(word) for word in spelled(text)]
            if None in found:
                raise NotAlignedError("a word is not in the lexicon")
            return " ".join(phones for phones in found if phones) + "."
        command = ["espeak-ng", "-v", self._language, "-q", "--ipa", text]
        read = subprocess.run(command, check=True, capture_output=True, text=True).stdout
        read = read.replace("tʃ", "ʧ").replace("dʒ", "ʤ").replace("g", "ɡ")
        return " ".join(re.sub(r"\(\w+\)", "", read).split()) + "."


def _lexicon(folder: Path, accent: str) -> dict[str, str]:
    words: dict[str, str] = {}
    for part in ("silver", "gold"):
        for word, phones in json.loads((folder / f"{accent}_{part}.json").read_text()).items():
            phones = phones if isinstance(phones, str) else phones["DEFAULT"]
            if phones:
                words[word] = phones
    return words | {"the": "ðə", "a": "ɐ", "i": "ˈI"}
