"""What a mouth shows while phones sound: a viseme a row of 10 ms, and smooth controls."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from livedraft.runtime.models.head.visemes import CONTROLS, POSES, VISEMES

from .data.clips import Segment
from .data.phones import GLIDE, HELD, INDEX, UNKNOWN, Notation, visemes_of

ROWS = 100  # a second
IGNORED = -100  # a row of which nothing is known

# How strongly a viseme holds its shape against its neighbours' (Cohen and Massaro, "Modeling
# Coarticulation in Synthetic Visual Speech", 1993): lips that must meet win over vowels.
_DOMINANCE = dict.fromkeys(VISEMES, 1.0) | {
    "sil": 0.5, "PP": 4.0, "FF": 3.0, "TH": 1.2, "DD": 0.8, "kk": 0.5, "CH": 1.6, "SS": 1.3,
    "nn": 0.7, "aa": 1.6, "E": 1.4, "I": 1.2, "O": 1.6, "U": 1.8,
}  # fmt: skip
_STRENGTH = np.array([_DOMINANCE[name] for name in VISEMES], np.float32)
_SPREAD = 0.040  # s, over which neighbours blend
_CLOSING = 0.022  # s, the same of lips that meet


def viseme_rows(segments: Sequence[Segment], notation: Notation, count: int) -> NDArray[np.int64]:
    """Return the viseme of each row (count,) as an index, or `IGNORED`."""
    rows = np.full(count, INDEX["sil"], np.int64)
    for phone, start, end in segments:
        first, last = round(start * ROWS), round(end * ROWS)
        if phone == UNKNOWN:
            rows[first:last] = IGNORED
            continue
        opening, *rest = visemes_of(phone, notation)
        turn = round((start + GLIDE * (end - start)) * ROWS) if rest else last
        rows[first:turn] = opening
        rows[turn:last] = rest
    for index in np.flatnonzero(rows == HELD)[::-1]:
        follows = rows[index + 1] if index + 1 < count else HELD
        rows[index] = follows if follows >= 0 else INDEX["aa"]
    return rows


def control_rows(visemes: NDArray[np.int64]) -> NDArray[np.float32]:
    """Return the controls (n, 6) that visemes (n,) blend to."""
    known = np.where(visemes < 0, INDEX["sil"], visemes)
    reach = np.arange(-12, 13) / ROWS
    spread = np.exp(-0.5 * (reach / _SPREAD) ** 2)
    strength = _STRENGTH[known]
    poses = POSES[known]
    total = _blurred(strength, spread)
    made = np.stack(
        [_blurred(strength * poses[:, one], spread) / total for one in range(len(CONTROLS))], 1
    )
    closing = np.exp(-0.5 * (reach / _CLOSING) ** 2)
    for viseme, control, share in (("PP", "press", 1.0), ("FF", "tuck", 0.75)):
        held = _blurred((known == INDEX[viseme]).astype(np.float32), closing / closing.sum())
        held = np.clip(2.2 * held, 0, 1)
        made[:, CONTROLS.index("open")] *= 1 - share * held
        column = CONTROLS.index(control)
        made[:, column] = np.maximum(made[:, column], held)
    return made.astype(np.float32)


def _blurred(values: NDArray[np.float32], kernel: NDArray[np.float64]) -> NDArray[np.float64]:
    half = len(kernel) // 2
    return np.convolve(np.pad(values, half, mode="edge"), kernel, "valid")
