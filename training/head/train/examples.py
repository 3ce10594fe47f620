"""Clips as features and labels, ready to be put together to batches."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.signal import resample_poly
from tqdm import tqdm

from livedraft.runtime.models.head.audio.features import LEAD, ROW, Spectra

from ..data.clips import Clip, clips
from ..labels import control_rows, viseme_rows

Samples = NDArray[np.float32]


@dataclass(frozen=True)
class Example:
    """A clip: log-mel rows (n, 40), visemes (n,) and controls (n, 6)."""

    rows: NDArray[np.float32]
    visemes: NDArray[np.int64]
    controls: NDArray[np.float32]


def example(clip: Clip, samples: Samples | None = None, pace: float = 1.0) -> Example:
    """Return a clip's example, of its own samples or of others that take `pace` times as long."""
    rows = spectra(_floats(clip) if samples is None else samples)
    segments = [(phone, start * pace, end * pace) for phone, start, end in clip.segments]
    visemes = viseme_rows(segments, clip.notation, len(rows))
    return Example(rows, visemes, control_rows(visemes))


def _floats(clip: Clip) -> Samples:
    return clip.samples.astype(np.float32) / np.float32(32768)


def spectra(samples: Samples) -> NDArray[np.float32]:
    """Return the rows of a whole clip, the last one's window filled up with silence."""
    return Spectra().push(np.pad(samples, (0, LEAD)))[: len(samples) // ROW]


def examples(cache: Path, voice: str, seed: int = 0) -> Iterator[Example]:
    """Yield a voice's clips as they are, and every other one damaged as well."""
    rng = np.random.default_rng([seed, *voice.encode()])
    for clip in tqdm(clips(cache, voice), desc=voice, unit=" clips"):
        yield example(clip)
        if rng.random() < 0.5:
            yield damaged(clip, rng)


def damaged(clip: Clip, rng: np.random.Generator) -> Example:
    """Return a clip as bad equipment gives it, or spoken by somebody of another size."""
    samples = _floats(clip)
    kind = rng.integers(4)
    if kind == 0:  # too loud for the converter
        loud = np.clip(samples * rng.uniform(3, 20), -1, 1) * rng.uniform(0.2, 0.9)
        return example(clip, loud.astype(np.float32))
    if kind == 1:  # a telephone's mu-law at 8 kHz
        narrow = np.clip(resample_poly(samples, 1, 2), -1, 1)
        level = np.sign(narrow) * np.log1p(255 * np.abs(narrow)) / np.log(256)
        coarse = np.round(level * 127) / 127
        narrow = np.sign(coarse) * np.expm1(np.abs(coarse) * np.log(256)) / 255
        return example(clip, resample_poly(narrow, 2, 1)[: len(samples)].astype(np.float32))
    parts = int(rng.integers(82, 123))  # of 100: slower and lower, or faster and higher
    made = resample_poly(samples, parts, 100).astype(np.float32)
    return example(clip, made, parts / 100)
