"""Where the points of a face go: displacements for each control, measured in mouths.

All are linear in the terms of `terms`, so that what they make of the pixels can be computed once.
The figures are those at which closures, openness and roundness were told best by eye and by mesh.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ...perception.contours import (
    EYE_CORNERS,
    LOWER_LIP,
    LOWER_LIP_INNER,
    OVAL,
    POINTS,
    UPPER_LIP,
    UPPER_LIP_INNER,
)
from ..expression import Expression
from .points import (
    CHEEKS,
    CHIN_TIP,
    CHINS,
    FOREHEAD_ROW,
    LEFT_BROW_EDGES,
    RIGHT_BROW_EDGES,
    UNDER_NOSE,
)

Floats = NDArray[np.float32]
Moves = NDArray[np.float64]  # (468, 2), px

MOUTH = 0.56  # of the distance of the eyes' outer corners: how wide a mouth at rest is
_SMILE_LEFT = 0.3  # of a smile's width that a relaxed mouth keeps
_UPPER, _LOWER, _UPPER_OUT, _LOWER_OUT = (
    list(each) for each in (UPPER_LIP_INNER, LOWER_LIP_INNER, UPPER_LIP, LOWER_LIP)
)

TERMS = (
    *("rest", "open", "wide", "narrow", "pucker", "tuck", "press", "round", "raise", "frown"),
    *("yaw", "pitch", "roll", "across", "down"),
)


def terms(shown: Expression) -> Floats:
    """Return how much of each of `TERMS` an expression has, (15,)."""
    open_, wide, pucker, tuck, _, press = (float(each) for each in shown.mouth)
    return np.array(
        [
            *(1.0 - shown.smile, open_, max(wide, 0.0), max(-wide, 0.0), pucker, tuck, press),
            *(open_ * pucker, max(shown.brows, 0.0), max(-shown.brows, 0.0)),
            *(shown.yaw, shown.pitch, shown.roll, *shown.shift),
        ],
        np.float32,
    )


@dataclass(frozen=True, eq=False)
class Frame:
    """The directions and sizes of a face that its motion is measured by."""

    points: Moves  # (468, 2)
    across: Moves  # (2,), along the eyes and the mouth, to the picture's right
    down: Moves  # (2,)
    mouth: float  # px, the width of its mouth at rest
    width: float  # px, of the mouth as it is

    @classmethod
    def of(cls, points: Floats) -> Frame:
        """Measure a mesh's points, (468, 2)."""
        p = points.astype(np.float64)
        eyes, lips = p[EYE_CORNERS[1]] - p[EYE_CORNERS[0]], p[_UPPER_OUT[-1]] - p[_UPPER_OUT[0]]
        apart, width = (max(1.0, float(np.linalg.norm(each))) for each in (eyes, lips))
        across = eyes / apart + lips / width
        across /= np.linalg.norm(across)
        down = np.array([-across[1], across[0]])
        return cls(p, across, down, MOUTH * apart, width)

    def along(self, points: Moves) -> tuple[Moves, Moves]:
        """Return how far points lie across and down, px."""
        return points @ self.across, points @ self.down


@dataclass(frozen=True)
class _Push:
    """A motion of the lips, in widths of the mouth at rest; down and outwards are positive."""

    upper: float = 0.0
    lower: float = 0.0
    jaw: float = 0.0
    corner: tuple[float, float] = (0.0, 0.0)  # out, down
    thin: float = 0.0  # what each lip loses
    out: float = 0.86  # how much of the inner edges' motion the outer ones have


_PUSHES = {
    "open": _Push(upper=-0.038, lower=0.31, jaw=0.24, corner=(-0.05, 0.02)),
    "wide": _Push(corner=(0.085, -0.012), thin=0.02),
    "narrow": _Push(corner=(-0.085, 0.0)),
    "pucker": _Push(upper=-0.02, corner=(-0.15, 0.0), thin=-0.035),
    "tuck": _Push(upper=-0.06, lower=-0.05, out=0.6, jaw=-0.01),
    "press": _Push(thin=0.025, upper=0.006, lower=-0.006),
    "round": _Push(lower=-0.062, corner=(-0.01, 0.0)),
}


def displacements(face: Frame) -> dict[str, Moves]:
    """Return where every point goes for one of each of the terms that move a face's skin."""
    return {
        "rest": _rest(face),
        **{name: _lips(face, push) for name, push in _PUSHES.items()},
        "raise": _brows(face, lift=0.11, inner=1.0, inwards=0.0),
        "frown": _brows(face, lift=-0.045, inner=1.5, inwards=0.04),
    }


def _sides(face: Frame, line: list[int]) -> Moves:
    """Return where points of a lip lie between its corners, -1..1."""
    across, _ = face.along(face.points[line])
    middle, half = (across[0] + across[-1]) / 2, max(1.0, (across[-1] - across[0]) / 2)
    return np.asarray(np.clip((across - middle) / half, -1, 1), np.float64)


def _bow(sides: Moves) -> Moves:
    """Return how much of the middle's motion a lip's points have: none at the corners."""
    return np.asarray(1 - np.abs(sides) ** 2.2, np.float64)


def _lips(face: Frame, push: _Push) -> Moves:
    made = np.zeros((POINTS, 2))
    for inner, outer, by, sign in (
        (_UPPER, _UPPER_OUT, push.upper, 1),
        (_LOWER, _LOWER_OUT, push.lower, -1),
    ):
        for line, much in ((inner, by), (outer, by * push.out + sign * push.thin)):
            sides = _sides(face, line)
            made[line] = np.outer(_bow(sides) * much * face.mouth, face.down)
            made[line] += _corners(face, sides, *push.corner)
    _follow(face, made, push.jaw * face.mouth, push.corner[0] * face.mouth)
    return made


def _corners(face: Frame, sides: Moves, outward: float, downward: float) -> Moves:
    out, down = outward * face.mouth, downward * face.mouth
    return np.outer(sides * out, face.across) + np.outer(sides**2 * down, face.down)


def _follow(face: Frame, made: Moves, jaw: float, outward: float) -> None:
    """Have chin, jaw and cheeks follow the jaw, px, and the lips that are placed in ``made``."""
    p, unit = face.points, face.mouth
    tall = max(1.0, float((p[CHIN_TIP] - p[UNDER_NOSE]) @ face.down))
    lower_lip = made[_LOWER_OUT[5]]
    for i in CHINS:
        aside = abs(float((p[i] - p[CHIN_TIP]) @ face.across)) / unit
        near = float(np.exp(-np.linalg.norm(p[i] - p[_LOWER_OUT[5]]) / (0.3 * unit)))
        made[i] = face.down * jaw * np.interp(aside, [0, 0.5, 1], [1, 0.9, 0.6])
        made[i] += (lower_lip - face.down * jaw) * 0.35 * near
    for line, power in ((OVAL, 1.5), (CHEEKS, 1.3)):
        for i in line:
            low = float(np.clip((p[i] - p[UNDER_NOSE]) @ face.down / tall, 0, 1))
            made[i] = face.down * jaw * low**power
    for i in CHEEKS:
        side = np.sign((p[i] - p[UNDER_NOSE]) @ face.across)
        corner = _UPPER_OUT[0] if side < 0 else _UPPER_OUT[-1]
        near = float(np.exp(-((np.linalg.norm(p[i] - p[corner]) / (0.35 * unit)) ** 2)))
        made[i] += side * face.across * outward * 0.7 * near
    for i, much in ((164, 0.35), (165, 0.2), (391, 0.2), (92, 0.2), (322, 0.2)):
        made[i] += made[_UPPER_OUT[5]] * much


def _rest(face: Frame) -> Moves:
    """Return what relaxes a mouth: lips meet, and of a smile most goes."""
    made = np.zeros((POINTS, 2))
    p = face.points
    meet = p[_UPPER] * 0.45 + p[_LOWER] * 0.55
    narrow = max(0.0, face.width - 1.02 * face.mouth) * (1 - _SMILE_LEFT) / 2
    lift = max(0.0, float((meet[5] - (meet[0] + meet[-1]) / 2) @ face.down) - 0.03 * face.mouth)
    full = 0.35 * narrow  # lips that are no longer stretched
    for inner, outer, sign in ((_UPPER, _UPPER_OUT, -1), (_LOWER, _LOWER_OUT, 1)):
        closing = meet - p[inner]
        for line, much, fuller in ((inner, 1.0, 0.0), (outer, 0.86, full * sign)):
            sides = _sides(face, line)
            slack = np.outer(-sides * narrow, face.across)
            slack += np.outer(sides**2 * lift * 0.8, face.down)
            made[line] = closing * much + slack
            made[line] += np.outer(_bow(sides) * fuller, face.down)
    closing = made[_LOWER_OUT[5]].copy()
    _follow(face, made, 0.5 * min(0.0, float(closing @ face.down)), -narrow)
    return made


def _brows(face: Frame, lift: float, inner: float, inwards: float) -> Moves:
    """Return displacements that lift both brows, in mouths; the inner ends so much more."""
    made = np.zeros((POINTS, 2))
    for edges, side in ((RIGHT_BROW_EDGES, 1), (LEFT_BROW_EDGES, -1)):
        for edge in edges:
            share = np.linspace(1, inner, len(edge))
            inside = np.linspace(0, 1, len(edge)) ** 2 * inwards * side
            made[list(edge)] = np.outer(-share * lift, face.down) + np.outer(inside, face.across)
    made[list(FOREHEAD_ROW)] = -0.5 * lift * face.down
    return made * face.mouth
