"""The voices, each with its engine, its language and the terms of its recordings."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from .clips import Clip


class Speaker(Protocol):
    """Speaks with one voice."""

    def speak(self, text: str, rng: random.Random) -> Clip:
        """Return a sentence spoken, at a pace and pitch of chance; raise `NotAlignedError`."""
        ...


@dataclass(frozen=True)
class Voice:
    """A voice to be opened; ``learned``: a net may learn from it, else it only measures."""

    open: Callable[[], Speaker]
    language: str
    minutes: float  # of speech
    terms: str
    learned: bool = True
    weight: float = 1.0  # of how often a net hears it


def _flite(name: str) -> Callable[[], Speaker]:
    def opened() -> Speaker:
        from .flite import Flite

        return Flite(name)

    return opened


def _festival(name: str) -> Callable[[], Speaker]:
    def opened() -> Speaker:
        from .festival import HINDI, Festival

        return Festival(name, HINDI if name.startswith("hindi") else None)

    return opened


def _pico(name: str) -> Callable[[], Speaker]:
    def opened() -> Speaker:
        from .pico import Pico

        return Pico(name)

    return opened


def _kokoro(language: str, voices: str) -> Callable[[], Speaker]:
    def opened() -> Speaker:
        from .kokoro import Kokoro

        return Kokoro(tuple(voices.split()), language)

    return opened


_AMERICAN = (
    "af_alloy af_aoede af_bella af_heart af_jessica af_kore af_nicole af_nova af_river af_sarah "
    "am_adam am_echo am_eric am_fenrir am_liam am_michael am_onyx am_puck am_santa"
)
_BRITISH = "bf_alice bf_emma bf_isabella bm_daniel bm_george bm_lewis"

_CMU = "CMU, free with notice"
_CSTR = "University of Edinburgh and CMU, free with notice"

VOICES: dict[str, Voice] = {
    "flite-kal": Voice(_flite("kal16"), "en", 4, _CMU, weight=0.4),
    "flite-awb": Voice(_flite("awb"), "en", 12, _CMU),
    "flite-rms": Voice(_flite("rms"), "en", 12, _CMU),
    "flite-slt": Voice(_flite("slt"), "en", 30, _CMU),
    "pico-us": Voice(_pico("en-US"), "en", 30, "Apache-2.0"),
    "pico-gb": Voice(_pico("en-GB"), "en", 12, "Apache-2.0"),
    "pico-de": Voice(_pico("de-DE"), "de", 8, "Apache-2.0"),
    "pico-es": Voice(_pico("es-ES"), "es", 8, "Apache-2.0"),
    "pico-it": Voice(_pico("it-IT"), "it", 6, "Apache-2.0", weight=0.6),
    "pico-held-de": Voice(_pico("de-DE"), "de", 1.5, "Apache-2.0", learned=False),
    "pico-held-es": Voice(_pico("es-ES"), "es", 1.5, "Apache-2.0", learned=False),
    "festival-held-hi": Voice(
        _festival("hindi_NSK_diphone"), "hi", 1.5, "GPL-2+: only measured with", learned=False
    ),
    "festival-ked": Voice(_festival("ked_diphone"), "en", 5, _CSTR, weight=0.6),
    "kokoro-us": Voice(_kokoro("en", _AMERICAN), "en", 8, "Apache-2.0", weight=4),
    "kokoro-gb": Voice(_kokoro("en", _BRITISH), "en", 2, "Apache-2.0", weight=2.5),
    "kokoro-es": Voice(_kokoro("es", "ef_dora em_alex"), "es", 4, "Apache-2.0"),
    "kokoro-hi": Voice(_kokoro("hi", "hf_alpha hm_omega"), "hi", 2, "Apache-2.0", weight=0.5),
    "kokoro-held-us": Voice(_kokoro("en", "af_sky"), "en", 1, "Apache-2.0", learned=False),
    "kokoro-held-gb": Voice(_kokoro("en", "bm_fable bf_lily"), "en", 1, "Apache-2.0", False),
    "kokoro-held-es": Voice(_kokoro("es", "em_santa"), "es", 1, "Apache-2.0", learned=False),
    "kokoro-held-hi": Voice(_kokoro("hi", "hf_beta hm_psi"), "hi", 1, "Apache-2.0", learned=False),
    "festival-slt": Voice(_festival("cmu_us_slt_arctic_hts"), "en", 5, _CMU, weight=0.8),
}
