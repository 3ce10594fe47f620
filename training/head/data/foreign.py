"""Words of other languages for the English aligner: each sound by the English one that is nearest.

Alignment asks only where sounds begin, and mouths have fewer classes than sounds: an aligner that
is told that ``Vögel`` is F UW G AH L finds its places.
"""

from __future__ import annotations

import subprocess

_NEAREST = {
    "tʃ": "CH", "dʒ": "JH", "ts": "T S", "dz": "D Z", "pf": "P F",
    "aɪ": "AY", "aʊ": "AW", "ɔø": "OY", "ɔɪ": "OY", "ai": "AY", "au": "AW", "eɪ": "EY",
    "ei": "EY", "oi": "OY", "oʊ": "OW",
    "a": "AA", "ɑ": "AA", "æ": "AE", "ɐ": "AH", "ə": "AH", "ʌ": "AH", "ɜ": "AH", "e": "EH",
    "ɛ": "EH", "œ": "UH", "ø": "UH", "i": "IY", "ɪ": "IH", "j": "Y", "o": "AO", "ɔ": "AO",
    "u": "UW", "ʊ": "UH", "y": "UW", "ʏ": "UH", "w": "W",
    "p": "P", "b": "B", "m": "M", "f": "F", "v": "V", "ʋ": "V", "β": "V", "θ": "TH", "ð": "DH",
    "t": "T", "d": "D", "ʈ": "T", "ɖ": "D", "k": "K", "g": "G", "ɡ": "G", "x": "K", "ɣ": "G",
    "ç": "SH", "c": "CH", "ɟ": "JH", "s": "S", "z": "Z", "ʃ": "SH", "ʒ": "ZH", "ʂ": "SH",
    "h": "HH", "ɦ": "HH", "n": "N", "ɲ": "N Y", "ŋ": "NG", "ɳ": "N", "l": "L", "ʎ": "L Y",
    "ɭ": "L", "ɫ": "L", "r": "R", "ɾ": "R", "ɽ": "R", "ʁ": "R", "ɹ": "R",
}  # fmt: skip
_UNHEARD = str.maketrans("", "", "ˈˌːˑʲʰʱ̯̩̪̃ʔ.-")


class UnknownSoundError(ValueError):
    """A sound that has no English neighbour in the table."""


def pronounced(text: str, language: str) -> list[str]:
    """Return the words of a text as English phones, ``V AA S``; espeak-ng reads them."""
    command = ["espeak-ng", "-v", language, "-q", "--ipa", "--sep=_", text]
    read = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return [phones for word in read.split() if (phones := _english(word))]


def _english(word: str) -> str:
    sounds = (sound.translate(_UNHEARD) for sound in word.split("_"))
    return " ".join(_nearest(sound) for sound in sounds if sound)


def _nearest(sound: str) -> str:
    if sound in _NEAREST:
        return _NEAREST[sound]
    if len(sound) == 1:
        raise UnknownSoundError(f"no English sound for {sound!r}")
    return " ".join(_nearest(letter) for letter in sound)
