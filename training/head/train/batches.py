"""Batches: sequences of voices and pauses, each heard in another place."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.signal import lfilter
from torch import Tensor

from livedraft.runtime.models.head.audio import features
from livedraft.runtime.models.head.audio.features import FLOOR, loudness_weights

from ..data.phones import INDEX
from ..labels import IGNORED, control_rows
from .augment import augmented, stretched
from .examples import Example

Rows = NDArray[np.float32]


@dataclass(frozen=True)
class Batch:
    """Features (b, 40, n), visemes (b, n) and controls (b, n, 6), as late as the net writes."""

    rows: Tensor
    visemes: Tensor
    controls: Tensor


class Batches:
    """Draws sequences from voices, each voice by its weight and not by how much it says."""

    def __init__(
        self,
        voices: Sequence[Sequence[Example]],
        weights: Sequence[float],
        ahead: int,
        length: int = 400,
        size: int = 24,
        seed: int = 0,
    ) -> None:
        self._voices, self._ahead, self._length, self._size = voices, ahead, length, size
        self._shares = np.array(weights) / np.sum(weights)
        self._rng = np.random.default_rng(seed)

    def draw(self) -> Batch:
        """Return another batch."""
        drawn = [self._sequence() for _ in range(self._size)]
        rows, visemes, controls = (np.stack(part) for part in zip(*drawn, strict=True))
        return Batch(
            torch.from_numpy(np.ascontiguousarray(rows.transpose(0, 2, 1))),
            torch.from_numpy(visemes),
            torch.from_numpy(controls),
        )

    def _sequence(self) -> tuple[Rows, NDArray[np.int64], Rows]:
        rng, length = self._rng, self._length
        rows, visemes = self._spoken(length)
        rows = augmented(rows, self._babble(length), rng)
        rows = normalised(rows)
        late = np.full(length, IGNORED, np.int64)
        late[self._ahead :] = visemes[: -self._ahead]
        controls = np.zeros((length, 6), np.float32)
        controls[self._ahead :] = control_rows(visemes)[: -self._ahead]
        return rows, late, controls

    def _spoken(self, length: int) -> tuple[Rows, NDArray[np.int64]]:
        """Return sentences and pauses, as many as fill the length."""
        rng = self._rng
        parts: list[Rows] = []
        visemes: list[NDArray[np.int64]] = []
        filled = 0
        while filled < length:
            one = self._pick()
            read = stretched(len(one.rows), rng)
            skipped = rng.integers(len(read)) if not filled and rng.random() < 0.5 else 0
            read = read[skipped:]
            low = read.astype(int)
            share = (read - low).astype(np.float32)[:, None]
            one_read = one.rows[low] * (1 - share) + one.rows[low + 1] * share
            parts.append(one_read.astype(np.float32))
            visemes.append(one.visemes[np.rint(read).astype(int)])
            pause = int(rng.integers(0, 60))
            parts.append(np.full((pause, 40), np.log(FLOOR), np.float32))
            visemes.append(np.full(pause, INDEX["sil"], np.int64))
            filled += len(read) + pause
        return np.concatenate(parts)[:length], np.concatenate(visemes)[:length]

    def _pick(self) -> Example:
        voice = self._voices[int(self._rng.choice(len(self._voices), p=self._shares))]
        return voice[int(self._rng.integers(len(voice)))]

    def _babble(self, length: int) -> Rows:
        power = np.full((length, 40), FLOOR, np.float32)
        for _ in range(3):
            rows = self._pick().rows[:length]
            power[: len(rows)] += np.exp(rows)
        return np.log(power)


def normalised(rows: Rows) -> Rows:
    """Return what `features.Normalisation` makes of a whole sequence (n, 40)."""
    weights = loudness_weights(rows)[:, None].astype(np.float64)
    keep = [1, -features.DECAY]
    total = np.asarray(lfilter([1], keep, weights * rows, axis=0))
    weight = np.asarray(lfilter([1], keep, weights, axis=0))
    prior = features.PRIOR_ROWS
    mean = (total + prior * features.PRIOR) / (weight + prior)
    made: Rows = ((rows - mean) / features.SCALE).astype(np.float32)
    return made
