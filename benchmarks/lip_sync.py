"""How far picture and sound of a film of a head are apart, by what is seen and heard of it.

The sound says where the speech begins in the film. The lips say so too: FaceMesh measures their gap
in each frame, and the curve is laid over that of the frames as the model made them. Nothing that
the film says of itself is taken for true but the times at which a player would show and play it.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import av
import cv2
import numpy as np
from av.container import InputContainer
from numpy.typing import NDArray
from training.head.evaluate.meter import Lips

from livedraft.runtime.models.base import Pixels

from .talking import RATE, Sound

PARTED = 0.5  # of how far lips part at most: from there on they are open
_STEP_S = 0.005  # of the grid on which curves are laid over each other
_MOST_S = 0.3  # that they are moved
_WINDOW_S = 0.3  # of speech, that is looked for by itself
_FALTERS_S = 0.5  # at most, either way, in all
_ALIKE = 0.7
Curve = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Film:
    """Frames and sound with the times at which they are shown and played, s."""

    at: Sequence[float]  # of the frames
    frames: Sequence[Pixels]
    begins: float  # when the sound does
    sound: NDArray[np.float32]  # (n,) at RATE, -1..1


@dataclass(frozen=True, slots=True)
class Lines:
    """The lips' gap over time, from the beginning of the speech on."""

    at: Curve  # s, of frames
    gaps: Curve

    def later(self, by_s: float) -> Lines:
        """Return the same with pictures shown later: what a meter must see."""
        return Lines(self.at + by_s, self.gaps)


def lines(film: Film, speech: Sound, lips: Lips) -> Lines:
    """Return a film's lips by the time of its speech; raise ValueError where that is not heard.

    Speech that falters, since a machine is busy, is followed: a picture's time is that of the word
    that is heard with it.
    """
    at = np.asarray(film.at) - film.begins
    return Lines(at - shifts(film.sound, speech, at), lips.gaps(film.frames))


def shifts(sound: NDArray[np.float32], speech: Sound, at: Curve) -> Curve:
    """Return, for some times of a sound, how much later than in the speech its words are, s."""
    usual = found_in(sound, speech)
    wanted = (speech / 32768).astype(np.float32)
    size, near = round(_WINDOW_S * RATE), round(_FALTERS_S * RATE)
    loud = 0.2 * float(np.sqrt((wanted**2).mean()))
    centres, found = [], []
    for start in range(0, len(wanted) - size + 1, size // 2):
        window = wanted[start : start + size]
        if float(np.sqrt((window**2).mean())) < loud:
            continue
        first = max(0, start + round(usual * RATE) - near)
        there = sound[first : start + round(usual * RATE) + near + size]
        best, alike = _best(there, window)
        if alike > _ALIKE:
            later = (first + best - start) / RATE
            centres.append((start + size / 2) / RATE + later)
            found.append(later)
    if not found:
        return np.full(len(at), usual)
    nearest = np.abs(at[:, None] - np.array(centres)).argmin(1)
    return np.asarray(np.array(found)[nearest], np.float64)


def found_in(sound: NDArray[np.float32], speech: Sound) -> float:
    """Return where speech begins in a longer sound, s, by cross-correlation."""
    best, alike = _best(sound, (speech / 32768).astype(np.float32))
    if alike < 0.3:
        raise ValueError(f"the speech is not heard in the film (likeness {alike:.2f})")
    return best / RATE


def apart_ms(film: Lines, made: Lines, seconds: float) -> float:
    """Return how much later than the sound the pictures of a film are than those as made, ms."""
    grid = np.arange(0.2, seconds - 0.2, _STEP_S)
    wanted = _held(made, grid)
    moves = np.arange(-_MOST_S, _MOST_S + _STEP_S / 2, _STEP_S)
    alike = np.array([_correlation(_held(film, grid + move), wanted) for move in moves])
    best = int(alike.argmax())
    if not 0 < best < len(alike) - 1 or alike[best] < 0.5:
        raise ValueError(f"the lips do not say this speech (likeness {alike[best]:.2f})")
    before, at, after = alike[best - 1 : best + 2]
    part = 0.5 * (before - after) / (before - 2 * at + after)
    return 1e3 * float(moves[best] + part * _STEP_S)


def read(file: Path | bytes) -> Film:
    """Return a film as a player shows it."""
    at: list[float] = []
    frames: list[Pixels] = []
    with _opened(file) as container:
        for frame in container.decode(video=0):
            at.append(float(frame.time or 0.0))
            frames.append(np.asarray(frame.to_ndarray(format="rgb24"), np.uint8))
    resampler = av.AudioResampler("flt", "mono", RATE)
    parts: list[NDArray[np.float32]] = []
    begins: float | None = None
    with _opened(file) as container:
        for piece in container.decode(audio=0):
            begins = float(piece.time or 0.0) if begins is None else begins
            piece.pts = None
            parts += [each.to_ndarray()[0] for each in resampler.resample(piece)]
    parts += [each.to_ndarray()[0] for each in resampler.resample(None)]
    return Film(at, frames, begins or 0.0, np.concatenate(parts))


def decoded(picture: bytes) -> Pixels:
    """Return the pixels of an encoded picture."""
    found = cv2.imdecode(np.frombuffer(picture, np.uint8), cv2.IMREAD_COLOR)
    return np.ascontiguousarray(np.asarray(found, np.uint8)[..., ::-1])


def _opened(file: Path | bytes) -> InputContainer:
    return av.open(io.BytesIO(file) if isinstance(file, bytes) else str(file), "r")


def _held(line: Lines, at: Curve) -> Curve:
    """Return the gap that is seen at some times: that of the frame which is shown then."""
    index = np.searchsorted(line.at, at, side="right") - 1
    return line.gaps[np.clip(index, 0, len(line.gaps) - 1)]


def _best(sound: NDArray[np.float32], wanted: NDArray[np.float32]) -> tuple[int, float]:
    """Return where something is heard, samples, and how like it that is, by cross-correlation."""
    size = 1 << (len(sound) + len(wanted)).bit_length()
    product = np.fft.rfft(sound, size) * np.conj(np.fft.rfft(wanted, size))
    match = np.fft.irfft(product, size)[: len(sound)]
    best = int(match.argmax())
    there = sound[best : best + len(wanted)]
    return best, float(match[best]) / float(np.linalg.norm(there) * np.linalg.norm(wanted) + 1e-9)


def _correlation(one: Curve, other: Curve) -> float:
    one, other = one - one.mean(), other - other.mean()
    return float((one * other).sum() / np.sqrt((one**2).sum() * (other**2).sum() + 1e-18))
