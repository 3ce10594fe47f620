"""Edinburgh's Festival: diphones and HMM voices; an utterance's segments are exact."""

from __future__ import annotations

import random
import subprocess
import tempfile
from pathlib import Path

from .clips import Clip, Segment, at_rate
from .flite import read_wave

_SCRIPT = """(voice_{voice})
(Parameter.set 'Duration_Stretch {stretch:.3f})
(set! spoken (utt.synth (Utterance Text "{text}")))
(utt.save.wave spoken "{wave}" 'riff)
(utt.save.segs spoken "{segments}")
"""


class Festival:
    """One of Festival's voices."""

    def __init__(self, voice: str) -> None:
        self._voice = voice

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
            return Clip(at_rate(samples, rate), _segments(segments.read_text()), "arpabet", text)


def _segments(written: str) -> list[Segment]:
    """Return the segments of an Xlabel file: ``end colour phone`` a line, after a ``#``."""
    segments: list[Segment] = []
    start = 0.0
    for line in written.partition("#\n")[2].splitlines():
        end, _, phone = line.split()
        segments.append((phone, start, float(end)))
        start = float(end)
    return segments
