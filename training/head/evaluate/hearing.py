"""Measure what the net hears: `python -m training.head.evaluate.hearing`.

Recorded English as it is and as bad lines give it, voices that were kept aside, and what others
hear of the same recordings. Writes hearing.json.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.signal import resample_poly

from livedraft.runtime.models.head.audio import AudioEncoder
from livedraft.runtime.models.head.visemes import VISEMES

from ..data import CACHE
from ..data.clips import RATE, Segment, clips
from ..data.phones import Notation
from ..data.voices import VOICES
from ..labels import viseme_rows
from . import peers
from .recordings import recordings

REPORT = Path(__file__).parent / "hearing.json"  # what was found of the weights that ship

Samples = NDArray[np.float32]
Rows = NDArray[np.int64]
Line = Callable[[Samples], Samples]


@dataclass(frozen=True)
class Spoken:
    """Speech, and when its phones sound."""

    samples: Samples  # (n,) at RATE, -1..1
    segments: list[Segment]
    notation: Notation

    @property
    def labels(self) -> Rows:
        """The viseme of each row."""
        return viseme_rows(self.segments, self.notation, len(self.samples) * 100 // RATE)


def hear(samples: Samples) -> Rows:
    """Return the viseme of each row of samples, heard as a session gives them: in 40 ms."""
    encoder = AudioEncoder()
    silence = np.zeros(encoder.lookahead_us * RATE // 1_000_000 + 1, np.float32)
    sound = np.concatenate([samples, silence])
    rows = [encoder.push(sound[start : start + 640]) for start in range(0, len(sound), 640)]
    visemes = np.concatenate(rows)[: len(samples) * 100 // RATE, : len(VISEMES)]
    return np.asarray(visemes.argmax(1), np.int64)


def _noise(samples: Samples, ratio_db: float) -> Samples:
    noise = np.random.default_rng(0).standard_normal(len(samples)).astype(np.float32)
    level = np.sqrt(np.mean(samples**2)) * 10 ** (-ratio_db / 20)
    return np.asarray(samples + level * noise, np.float32)


def _telephone(samples: Samples) -> Samples:
    return np.asarray(resample_poly(resample_poly(samples, 1, 2), 2, 1), np.float32)[: len(samples)]


def unchanged(samples: Samples) -> Samples:
    """Return speech as it was recorded."""
    return samples


LINES: dict[str, Line] = {
    "as it is": unchanged,
    "8 kHz": _telephone,
    "clipped, 18 dB over": lambda samples: np.clip(8 * samples / np.abs(samples).max(), -1, 1),
    "30 dB quieter": lambda samples: samples * np.float32(0.0316),
    "noise, 20 dB": lambda samples: _noise(samples, 20),
    "noise, 10 dB": lambda samples: _noise(samples, 10),
}


def confusion(spoken: Iterable[Spoken], line: Line = unchanged) -> Rows:
    """Return how many rows of each viseme (15,) were heard as each (15,)."""
    table = np.zeros((len(VISEMES), len(VISEMES)), np.int64)
    for one in spoken:
        labels, heard = one.labels, hear(line(one.samples))
        known = labels >= 0
        np.add.at(table, (labels[known], heard[known]), 1)
    return table


def accuracy(table: Rows) -> float:
    """Return the share of a table that is right."""
    return float(np.trace(table) / max(table.sum(), 1))


def recorded() -> list[Spoken]:
    """Return recorded English that nothing was trained or tuned on."""
    return [Spoken(_floats(one.samples), one.segments, "arpabet") for one in recordings()]


def kept_aside(cache: Path) -> dict[str, list[Spoken]]:
    """Return the speech of voices that nothing was trained on, or of sentences of theirs."""
    return {
        name: [
            Spoken(_floats(clip.samples), clip.segments, clip.notation)
            for clip in clips(cache, name)
        ]
        for name, voice in VOICES.items()
        if not voice.learned
    }


def _floats(samples: NDArray[np.int16]) -> Samples:
    return samples.astype(np.float32) / np.float32(32768)


def evaluate(cache: Path, others: Iterable[str]) -> dict[str, object]:
    """Return all figures."""
    speech = recorded()
    table = confusion(speech)
    seen = table.sum(1)
    return {
        "recorded_seconds": round(sum(len(one.samples) for one in speech) / RATE, 1),
        "recorded": {
            name: round(accuracy(confusion(speech, line)), 3) for name, line in LINES.items()
        },
        "recorded_while_speaking": round(accuracy(table[1:, 1:]), 3),
        "by_viseme": {
            name: round(float(table[index, index] / seen[index]), 3)
            for index, name in enumerate(VISEMES)
            if seen[index]
        },
        "most_confused": _confusions(table),
        "peers": {name: round(_peer(name, cache, speech), 3) for name in others},
        "kept_aside": {
            name: round(accuracy(confusion(spoken)), 3)
            for name, spoken in kept_aside(cache).items()
            if spoken
        },
    }


def _confusions(table: Rows, count: int = 8) -> list[str]:
    """Return the confusions that take the most rows, as ``said > heard``."""
    wrong = table.copy()
    np.fill_diagonal(wrong, 0)
    order = np.argsort(wrong, axis=None)[::-1][:count]
    pairs = (np.unravel_index(index, wrong.shape) for index in order)
    return [f"{VISEMES[said]} > {VISEMES[heard]}: {wrong[said, heard]}" for said, heard in pairs]


def _peer(name: str, cache: Path, speech: list[Spoken]) -> float:
    peer = peers.PEERS[name](cache)
    heard = ((peer.hear(one.samples), one.segments) for one in speech)
    return peers.accuracy([(rows, peer.labels(segments, len(rows))) for rows, segments in heard])


def main() -> None:
    """Measure, print and write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cache", type=Path, default=CACHE)
    parser.add_argument("--peers", nargs="*", choices=peers.PEERS, default=[])
    parser.add_argument("--out", type=Path, default=REPORT)
    options = parser.parse_args()
    report = json.dumps(evaluate(options.cache, options.peers), indent=2)
    print(report)
    options.out.write_text(report + "\n")


if __name__ == "__main__":
    main()
