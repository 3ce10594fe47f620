"""Who can speak: the voices that ship, and those that other packages add by entry point."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from livedraft.errors import ModelNotFound
from livedraft.registry import Registry

PICO = ("en-US", "en-GB", "de-DE", "es-ES", "fr-FR", "it-IT")
DEFAULT = PICO[0]


@dataclass(frozen=True, slots=True)
class Manner:
    """How something is said."""

    voice: str = DEFAULT
    speed: float = 1.0  # times the voice's own
    pitch: float = 1.0


@dataclass(frozen=True, slots=True)
class Speech:
    """Some sound of a voice: int16, or float32 in -1..1, of shape (n,), mono."""

    samples: NDArray[np.int16] | NDArray[np.float32]
    rate: int  # Hz


# Speaks a sentence: called as ``voice(text, manner)`` on a thread that may wait, for one session
# at a time; several sessions may call it at once. What it raises costs that sentence.
Voice = Callable[[str, Manner], Iterable[Speech]]

VOICES: Registry[Voice] = Registry(
    "livedraft.voices",
    dict.fromkeys(PICO, "livedraft.runtime.models.head.speech.pico:speak"),
    ModelNotFound,
)


def language_of(voice: str) -> str:
    """Return the language that a voice is named for, as "de"; English where it names none."""
    language = voice[:2].lower()
    return language if voice[2:3] == "-" and language.isalpha() else "en"
