"""Kokoro-82M: natural voices, whose predicted durations tell when each phone sounds.

Sentences are looked up in misaki's lexicon (English), or read by espeak-ng (other languages). What
it needs lies in a folder named by ``KOKORO``: see README.md.
"""

from __future__ import annotations

import json
import os
import random
import re
import subprocess
from itertools import pairwise
from pathlib import Path

import numpy as np
import onnx
import onnxruntime as ort
from numpy.typing import NDArray

from .align import NotAlignedError
from .clips import Clip, Segment, at_rate
from .phones import UNKNOWN
from .sentences import spelled

RATE = 24_000  # Hz, of its sound
UNIT = 600  # samples, of a duration of 1
DURATIONS = "/encoder/Clip_output_0"
LONG = 0.16  # s, of a phone, after which it is not known whether it sounds still
_PAUSES = set('_.,;:!?—…"()“”')
_BESIDE = set(" ˈˌːʰʲ↓→↗↘\u0303")  # no phones: their time is that of the phones beside them


class Kokoro:
    """Speaks each sentence with another of its voices, at 80..125 % of its pace."""

    def __init__(self, voices: tuple[str, ...], language: str) -> None:
        folder = Path(os.environ["KOKORO"])
        model = onnx.load(folder / "kokoro.onnx")
        durations = onnx.helper.make_tensor_value_info(DURATIONS, onnx.TensorProto.FLOAT, None)
        model.graph.output.append(durations)
        options = ort.SessionOptions()
        options.intra_op_num_threads = 1
        self._session = ort.InferenceSession(
            model.SerializeToString(), options, providers=["CPUExecutionProvider"]
        )
        self._tokens: dict[str, int] = json.loads((folder / "vocab.json").read_text())["vocab"]
        self._styles = {
            voice: np.fromfile(folder / "voices" / f"{voice}.bin", np.float32).reshape(-1, 256)
            for voice in voices
        }
        self._language = language
        lexicon = {"a": "us", "b": "gb"}.get(voices[0][0])
        self._lexicon = _lexicon(folder, lexicon) if lexicon and language == "en" else {}

    def speak(self, text: str, rng: random.Random) -> Clip:
        """Return a sentence spoken; raise `NotAlignedError` if a word is not in the lexicon."""
        phones = [phone for phone in self._read(text) if phone in self._tokens]
        voice = rng.choice(sorted(self._styles))
        style = self._styles[voice][len(phones) - 1]
        sound, durations = map(
            np.asarray,
            self._session.run(
                None,
                {
                    "tokens": np.array([[0, *(self._tokens[phone] for phone in phones), 0]]),
                    "style": style[None],
                    "speed": np.array([rng.uniform(0.8, 1.25)], np.float32),
                },
            ),
        )
        pcm = np.clip(sound * 32767, -32768, 32767).astype(np.int16)
        segments = _segments(["_", *phones, "_"], np.ravel(durations) * UNIT / RATE)
        return Clip(at_rate(pcm, RATE), segments, "ipa", f"{voice}: {text}", spelled(text))

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


def _segments(phones: list[str], durations: NDArray[np.float64]) -> list[Segment]:
    """Return segments of phones; time of marks and of short pauses is shared by their sides."""
    ends = np.cumsum(durations)
    starts = ends - durations
    kept = [
        index
        for index, phone in enumerate(phones)
        if phone not in _BESIDE
        and (phone not in _PAUSES or phone == "_" or durations[index] >= 0.1)
    ]
    borders = [0.0]
    borders += [float(ends[a] + starts[b]) / 2 for a, b in pairwise(kept)]
    borders.append(float(ends[-1]))
    segments: list[Segment] = []
    for index, start, end in zip(kept, borders, borders[1:], strict=False):
        phone = phones[index]
        if phone in _PAUSES or end - start <= LONG:
            segments.append((phone, start, end))
        else:  # before a pause a phone's time takes in some of the silence
            segments += [(phone, start, start + LONG), (UNKNOWN, start + LONG, end)]
    return segments
