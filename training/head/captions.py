"""How far captions are off: words placed by us, against when espeak-ng says that it speaks them.

``python -m training.head.captions`` prints a table; it needs Debian's libespeak-ng1 and fortunes.
"""

from __future__ import annotations

import ctypes
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from livedraft.media.chunks import AudioChunk
from livedraft.media.codecs import Resampler
from livedraft.runtime.models.head.line import RATE, Sound, Word
from livedraft.runtime.models.head.speech.captions import placed
from livedraft.runtime.models.head.speech.wording import Spelling, worded

from .data.sentences import sentences

SENTENCES = 200  # of each language
LIBRARY = "libespeak-ng.so.1"
_SYNCHRONOUS, _UTF8, _WORD = 2, 1, 1  # of espeak-ng's speak_lib.h
_LANGUAGES = {"en": "en-us", "de": "de", "es": "es"}

Place = Callable[[Sequence[Spelling], Sound], list[Word]]


class _Event(ctypes.Structure):
    _fields_ = (
        ("type", ctypes.c_int),
        ("unique_identifier", ctypes.c_uint),
        ("text_position", ctypes.c_int),  # characters, from 1
        ("length", ctypes.c_int),
        ("audio_position", ctypes.c_int),  # ms
        ("sample", ctypes.c_int),
        ("user_data", ctypes.c_void_p),
        ("id", ctypes.c_uint64),
    )


_Callback = ctypes.CFUNCTYPE(
    ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.POINTER(_Event)
)


@dataclass(frozen=True, slots=True)
class Spoken:
    """A sentence, and when its words begin."""

    text: str
    sound: Sound
    onsets: dict[int, float]  # s, by the place of a word's first letter in the text


class Espeak:
    """Speaks, and says when."""

    def __init__(self) -> None:
        self._library = ctypes.CDLL(LIBRARY)
        self.rate = self._library.espeak_Initialize(_SYNCHRONOUS, 500, None, 0)
        self._samples: list[np.ndarray[tuple[int], np.dtype[np.int16]]] = []
        self._onsets: dict[int, float] = {}
        self._hear = _Callback(self._heard)  # the library keeps no reference
        self._library.espeak_SetSynthCallback(self._hear)

    def speak(self, text: str, voice: str) -> Spoken:
        """Return a sentence as it is spoken."""
        self._samples, self._onsets = [], {}
        self._library.espeak_SetVoiceByName(voice.encode())
        data = text.encode()
        self._library.espeak_Synth(data, len(data) + 1, 0, 0, 0, _UTF8, None, None)
        return Spoken(text, _at_rate(np.concatenate(self._samples), self.rate), self._onsets)

    def _heard(self, samples: object, count: int, events: Sequence[_Event]) -> int:
        if samples and count:
            self._samples.append(np.ctypeslib.as_array(samples, (count,)).copy())
        number = 0
        while events[number].type:
            event = events[number]
            if event.type == _WORD:
                self._onsets.setdefault(event.text_position - 1, event.audio_position / 1000)
            number += 1
        return 0


def errors(spoken: Spoken, language: str, place: Place) -> list[float]:
    """Return how late words are placed, in s, of those that espeak tells of."""
    words = worded(spoken.text, language).words
    made = place(words, spoken.sound)
    starts = [match.start() for match in re.finditer(r"\S+", spoken.text)]
    if len(made) != len(starts):
        return []
    return [
        word.at / RATE - spoken.onsets[start]
        for word, start in zip(made, starts, strict=True)
        if start in spoken.onsets
    ]


def evenly(words: Sequence[Spelling], sound: Sound) -> list[Word]:
    """Return words as if each took as long as any other: what it costs nothing to do."""
    ends = np.linspace(0, len(sound), len(words) + 1).astype(int)
    return [
        Word(word.shown, int(at), int(until))
        for word, at, until in zip(words, ends, ends[1:], strict=False)
    ]


def _at_rate(samples: np.ndarray[tuple[int], np.dtype[np.int16]], rate: int) -> Sound:
    resampler = Resampler(RATE, 1)
    made = [*resampler.push(AudioChunk(samples[:, None], rate, 0)), *resampler.flush()]
    return np.concatenate([chunk.pcm[:, 0] for chunk in made])


def main() -> None:
    """Print how far words are off: in the middle, at worst of nine in ten, and shown too soon."""
    espeak = Espeak()
    print("language  words  placed     median ms  p90 ms  over 100 ms early")
    for language, voice in _LANGUAGES.items():
        said = [espeak.speak(f"{text}.", voice) for text in sentences(language)[:SENTENCES]]
        for name, place in (("evenly", evenly), ("as shipped", placed)):
            late = np.array([each for one in said for each in errors(one, language, place)])
            off = 1000 * np.abs(late)
            print(
                f"{language:8}  {len(late):5}  {name:10}  {np.median(off):8.0f}  "
                f"{np.percentile(off, 90):6.0f}  {100 * (late < -0.1).mean():8.1f} %"
            )


if __name__ == "__main__":
    main()
