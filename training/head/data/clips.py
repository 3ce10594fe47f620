"""Labelled speech on disk: a file a clip, so that work that is cut off goes on where it was."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.signal import resample_poly

from .phones import Notation

RATE = 16_000  # Hz, of every clip

Segment = tuple[str, float, float]  # a phone, from, until (s)


@dataclass(frozen=True)
class Clip:
    """A sentence spoken, and when its phones sound."""

    samples: NDArray[np.int16]  # (n,) at RATE
    segments: list[Segment]
    notation: Notation
    text: str
    words: tuple[str, ...] = ()

    def save(self, path: Path) -> None:
        """Write; a file that is there is whole."""
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = path.with_suffix(".part")
        about = {
            "segments": self.segments,
            "notation": self.notation,
            "text": self.text,
            "words": self.words,
        }
        with draft.open("wb") as file:
            np.savez(file, samples=self.samples, about=json.dumps(about))
        draft.rename(path)

    @classmethod
    def load(cls, path: Path) -> Clip:
        """Read what `save` wrote."""
        with np.load(path) as file:
            about = json.loads(str(file["about"]))
            return cls(
                file["samples"],
                [(phone, float(start), float(end)) for phone, start, end in about["segments"]],
                about["notation"],
                about["text"],
                tuple(about["words"]),
            )


def at_rate(samples: NDArray[np.int16], rate: int) -> NDArray[np.int16]:
    """Return samples (n,) of any rate at ``RATE``."""
    if rate == RATE:
        return samples
    ratio = Fraction(RATE, rate)
    made = resample_poly(samples.astype(np.float32), ratio.numerator, ratio.denominator)
    rounded: NDArray[np.int16] = np.clip(np.rint(made), -32768, 32767).astype(np.int16)
    return rounded


def clips(cache: Path, voice: str) -> Iterator[Clip]:
    """Yield a voice's clips, in order."""
    for path in sorted((cache / "clips" / voice).glob("*.npz")):
        yield Clip.load(path)
