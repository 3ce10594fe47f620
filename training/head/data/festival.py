"""Edinburgh's Festival: diphones and HMM voices; an utterance's segments are exact."""

from __future__ import annotations

import random
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path

from .clips import Clip, Segment, at_rate
from .flite import read_wave

_SCRIPT = """(voice_{voice})
(Parameter.set 'Duration_Stretch {stretch:.3f})
(set! spoken (utt.synth (Utterance Text "{text}")))
(utt.save.wave spoken "{wave}" 'riff)
(utt.save.segs spoken "{segments}")
"""


# Sounds of festival-hi's phones, by ARPAbet's: what it writes `th` is the dental t, for one.
HINDI = {
    "a": "AH", "@": "AH", "aa": "AA", "ih": "IH", "iy": "IY", "uh": "UH", "uw": "UW", "eh": "EH",
    "ee": "EH", "ay": "EH", "oh": "AO", "oo": "AO", "aw": "AO", "T": "T", "D": "D", "N": "N",
    "th": "T", "dh": "D", "td": "T", "tth": "T", "ddh": "D", "L": "L", "R": "R", "j": "JH",
    "kh": "K", "gh": "G", "bh": "B", "x": "K",
}  # fmt: skip


class Festival:
    """One of Festival's voices; `names` are its own for phones, where they are not ARPAbet's."""

    def __init__(self, voice: str, names: Mapping[str, str] | None = None) -> None:
        self._voice, self._names = voice, names or {}

    def speak(self, text: str, rng: random.Random) -> Clip:
        """Return a sentence spoken."""
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            script, wave, segments = (folder / part for part in ("s.scm", "s.wav", "s.seg"))
            script.write_text(
                _SCRIPT.format(
                    voice=self._voice,
                    stretch=rng.uniform(0.75, 1.35),
                    text=text.replace("\\", "").replace('"', ""),
                    wave=wave,
                    segments=segments,
                ),
                "utf-8",
            )
            subprocess.run(["festival", "-b", str(script)], check=True, capture_output=True)
            samples, rate = read_wave(wave)
            found = [
                (self._names.get(phone, phone), start, end)
                for phone, start, end in _segments(segments.read_text())
            ]
            return Clip(at_rate(samples, rate), found, "arpabet", text)


def _segments(written: str) -> list[Segment]:
    """Return the segments of an Xlabel file: ``end colour phone`` a line, after a ``#``."""
    segments: list[Segment] = []
    start = 0.0
    for line in written.partition("#\n")[2].splitlines():
        end, _, phone = line.split()
        segments.append((phone, start, float(end)))
        start = float(end)
    return segments
