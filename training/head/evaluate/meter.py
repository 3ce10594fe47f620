"""Judges frames by what is seen of them: FaceMesh finds the lips, phones' times say what is right.

No number of ours goes in: the meter is given pictures and the times of phones, as it would be of
a film of somebody.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from livedraft.runtime.models.base import Pixels
from livedraft.runtime.models.perception.contours import EYE_CORNERS, LOWER_LIP, UPPER_LIP
from livedraft.runtime.models.perception.faces import FaceRegion
from livedraft.runtime.models.perception.mesh import Mesh, mesh, meshes
from livedraft.runtime.models.perception.networks import FaceNetworks

from ..data.clips import Segment
from .reference import CLOSED, HZ, OPEN_VOWELS, SILENCE, openness, plain

FPS = 25
_LIPS = ((13, 14), (82, 87), (312, 317))  # inner edges, above and below: the middle and its sides
_CLOSED, _OPEN = 0.25, 0.45  # shares of a clip's own range of gaps: below the one, above the other
_SHUT_S, _AROUND_S = 0.04, 0.2  # about a closure: where lips may meet, and must part
_SHORTEST_S = {"vowel": 0.05, "silence": 0.25}
_ROOM = 0.8  # widths of the mouth that are shown to each side of its middle
_LAGS_S = np.arange(-0.3, 0.3001, 0.005)

Gaps = NDArray[np.float64]  # (frames,), in distances of the eyes


@dataclass
class Score:
    """Of one clip or of several: what was counted, and what follows of it."""

    hits: list[bool] = field(default_factory=list)  # a /p b m/ with lips that met, then parted
    shut: list[bool] = field(default_factory=list)  # an open vowel on closed lips
    rests: list[bool] = field(default_factory=list)  # a silence with closed lips
    r: list[tuple[float, float]] = field(default_factory=list)  # of openness, and for how long, s
    lag: list[tuple[float, float]] = field(default_factory=list)  # s, + late; and for how long, s

    def add(self, other: Score) -> None:
        """Count another's, too."""
        for name in ("hits", "shut", "rests", "r", "lag"):
            getattr(self, name).extend(getattr(other, name))

    def figures(self) -> dict[str, float]:
        """Return J and its parts, r and lag; means are weighted by seconds."""
        hit, shut = _mean(self.hits), _mean(self.shut)
        found = {
            "pbm": len(self.hits),
            "vowels": len(self.shut),
            "hit": hit,
            "closed_on_vowels": shut,
            "J": hit - shut,
            "r": _weighted(self.r),
            "lag_ms": 1e3 * _weighted(self.lag),
            "silence_closed": _mean(self.rests),
        }
        return {name: round(value, 3) for name, value in found.items() if np.isfinite(value)}


class Lips:
    """Finds the gap of the lips in frames that follow each other."""

    def __init__(self) -> None:
        self._networks = FaceNetworks.read()
        self._region: FaceRegion | None = None

    def gaps(self, frames: Iterable[Pixels]) -> Gaps:
        """Return the gap in each frame; raise ValueError where no face is seen in the first."""
        self._region = None
        return np.array([self._gap(frame) for frame in frames])

    def box(self, frame: Pixels) -> tuple[int, int, int, int]:
        """Return where the mouth is in a frame, with some room: left, top, right, bottom, px."""
        self._region = None
        outline = self._seen(frame).points[[*UPPER_LIP, *LOWER_LIP]]
        x, y = (outline.min(axis=0) + outline.max(axis=0)) / 2
        reach = float(np.ptp(outline[:, 0])) * _ROOM
        left, top, right, bottom = (
            round(float(v)) for v in (x - reach, y - reach, x + reach, y + reach)
        )
        return max(left, 0), max(top, 0), right, bottom

    def _gap(self, frame: Pixels) -> float:
        found = self._seen(frame)
        self._region = found.region
        between = [found.points[one] - found.points[other] for one, other in _LIPS]
        eyes = np.subtract(*found.points[list(EYE_CORNERS)])
        return float(np.mean(np.linalg.norm(between, axis=1)) / np.linalg.norm(eyes))

    def _seen(self, frame: Pixels) -> Mesh:
        if self._region is not None:
            return mesh(frame, self._region, self._networks)
        found = meshes(frame, self._networks)
        if not found:
            raise ValueError("no face is seen in the first frame")
        return found[0]


def score(gaps: Gaps, segments: Sequence[Segment]) -> Score:
    """Judge one clip's frames, 25 a second from time 0 on, each as of its middle."""
    seconds = len(gaps) / FPS
    count = int(seconds * HZ) + 1
    times = (np.arange(len(gaps)) + 0.5) / FPS
    curve = np.interp((np.arange(count) + 0.5) / HZ, times, gaps)
    low, high = np.percentile(curve, 2), np.percentile(curve, 90)
    closed, parted = (low + share * (high - low) for share in (_CLOSED, _OPEN))
    found = Score()
    for phone, start, end in segments:
        name, middle = plain(phone), (start + end) / 2
        if name in CLOSED:
            met = _part(curve, start - _SHUT_S, end + _SHUT_S).min() < closed
            apart = _part(curve, start - _AROUND_S, end + _AROUND_S).max() > parted
            found.hits.append(bool(met and apart))
        elif name in OPEN_VOWELS and end - start > _SHORTEST_S["vowel"]:
            shown = _part(curve, middle - 0.01, middle + 0.01)
            found.shut.append(bool(shown.mean() < closed))
        elif name in SILENCE and end - start > _SHORTEST_S["silence"]:
            found.rests.append(bool(_part(curve, start + 0.15, end - 0.05).mean() < closed))
    r, late = lag(gaps, openness(segments, count))
    found.r.append((r, seconds))
    found.lag.append((late, seconds))
    return found


def lag(gaps: Gaps, wanted: NDArray[np.float32]) -> tuple[float, float]:
    """Return how gaps go with a curve of 100 rows a second, and how late they are, s.

    The first is Pearson's r where they stand; the second where it is greatest, to a part of the
    5 ms that are tried, by a parabola.
    """
    times = (np.arange(len(gaps)) + 0.5) / FPS
    grid = np.arange(times[0], times[-1], 0.005)
    shown = np.interp(grid, times, gaps)
    rows = (np.arange(len(wanted)) + 0.5) / HZ
    r = np.array([_correlation(shown, np.interp(grid - by, rows, wanted)) for by in _LAGS_S])
    best = int(r.argmax())
    shift = 0.0
    if 0 < best < len(r) - 1:
        bend = r[best - 1] - 2 * r[best] + r[best + 1]
        shift = 0.5 * (r[best - 1] - r[best + 1]) / bend if bend else 0.0
    return float(r[len(r) // 2]), float(_LAGS_S[best] + shift * 0.005)


def _part(curve: NDArray[np.float64], start: float, end: float) -> NDArray[np.float64]:
    first = int(np.clip(round(start * HZ), 0, len(curve) - 1))
    return curve[first : max(first + 1, round(end * HZ) + 1)]


def _correlation(one: NDArray[np.float64], other: NDArray[np.float64]) -> float:
    one, other = one - one.mean(), other - other.mean()
    norm = np.sqrt(np.square(one).sum() * np.square(other).sum())
    return float((one * other).sum() / norm) if norm > 1e-12 else 0.0


def _mean(values: Sequence[bool]) -> float:
    return float(np.mean(values)) if values else float("nan")


def _weighted(pairs: Sequence[tuple[float, float]]) -> float:
    if not pairs:
        return float("nan")
    values, weights = np.array(pairs).T
    return float((values * weights).sum() / weights.sum())
