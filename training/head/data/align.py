"""When the words that are known to be spoken sound: pocketsphinx' forced alignment, English."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from pocketsphinx import Decoder, get_model_path

from .clips import RATE, Segment
from .foreign import UnknownSoundError, pronounced
from .sentences import spelled

PADDING = 0.3  # s of silence at both ends; without it nearly half of all sentences fail
# A frame of 10 ms is judged by 25.6 ms from its begin on, whose middle is 7.8 ms after its own.
_MIDDLE = 0.0078


class NotAlignedError(ValueError):
    """The words are not what is spoken, or are not in the dictionary."""


class Aligner:
    """Aligns sentences, one after the other."""

    def __init__(self) -> None:
        folder = Path(get_model_path())
        self._acoustics = str(folder / "en-us" / "en-us")
        self._dictionary = str(folder / "en-us" / "cmudict-en-us.dict")
        if not Path(self._dictionary).exists():
            self._acoustics = str(folder / "en-us")
        self._words = {
            line.split(maxsplit=1)[0] for line in Path(self._dictionary).open(encoding="utf-8")
        }
        self._decoder: Decoder | None = None
        self._learned: dict[str, str] = {}  # phones: word

    def spelled(self, text: str, language: str) -> tuple[str, ...]:
        """Return a text's words by the names that `align` knows them by."""
        if language != "en":
            try:
                return tuple(map(self._learn, pronounced(text, language)))
            except UnknownSoundError as error:
                raise NotAlignedError(str(error)) from error
        words = spelled(text)
        if not all(word in self._words for word in words):
            raise NotAlignedError("a word is not in the dictionary")
        return words

    def _learn(self, phones: str) -> str:
        """Return the name of a word that is pronounced as told, ``HH AW S``."""
        return self._learned.setdefault(phones, f"learned{len(self._learned)}")

    def align(self, samples: NDArray[np.int16], words: Sequence[str]) -> list[Segment]:
        """Return the phones of spoken words, samples (n,) at ``RATE``, in ARPAbet."""
        silence = np.zeros(int(PADDING * RATE), np.int16)
        sound = np.concatenate([silence, samples, silence]).tobytes()
        length = len(samples) / RATE
        shift = PADDING - _MIDDLE
        try:
            found = self._decode(sound, " ".join(words))
        except RuntimeError as error:
            self._decoder = None  # a decoder that failed once fails from then on
            raise NotAlignedError(str(error)) from error
        shifted = (
            (phone, max(0.0, start - shift), min(length, end - shift))
            for phone, start, end in found
        )
        return [(phone, start, end) for phone, start, end in shifted if end > start]

    def _decode(self, sound: bytes, text: str) -> list[Segment]:
        decoder = self._decoder or Decoder(
            hmm=self._acoustics, dict=self._dictionary, lm=None, loglevel="FATAL"
        )
        self._decoder = decoder
        for phones, word in self._learned.items():
            if decoder.lookup_word(word) is None:
                decoder.add_word(word, phones, update=False)
        decoder.set_align_text(text)
        decoder.start_utt()
        decoder.process_raw(sound, full_utt=True)
        decoder.end_utt()
        if decoder.hyp() is None:
            raise RuntimeError("the words were not found in the sound")
        decoder.set_alignment()
        decoder.start_utt()
        decoder.process_raw(sound, full_utt=True)
        decoder.end_utt()
        return [
            (phone.name, phone.start / 100, (phone.start + phone.duration) / 100)
            for word in decoder.get_alignment()
            for phone in word
        ]
