"""Control points: pairs of a place on a garment and where it comes to lie on a body."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from ..arrays import Floats, Points
from ..body.frame import SIDES, Body
from ..garment import Garment, Kind

STATIONS = (0.25, 0.5, 0.75, 1.0)  # along a sleeve, from shoulder to cuff
SHORT = (0.5, 1.0)  # those of a short sleeve

# Of a garment's body; each but those of the middle stands for two, "…_l" and "…_r".
_TOP = ("neck", "slope", "shoulder", "armhole", "pit", "flank1", "flank2", "hem")
_DRESS = ("neck", "slope", "shoulder", "armhole", "pit", "flank1", "waist", "hip", "skirt", "hem")
_TROUSERS = ("waist", "hip")
_SKIRT = ("waist", "hip", "skirt", "hem")
_LEG = (
    "leg_out",
    "out1",
    "in1",
    "knee_out",
    "knee_in",
    "out3",
    "in3",
    "hem_out",
    "hem_in",
)

_ON_SLEEVES = tuple(f"sleeve_{edge}{round(at * 100)}" for at in STATIONS for edge in ("out", "in"))


def _both(names: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(f"{name}_{side}" for name in names for side in SIDES)


# All names of a kind, in an order that stays: a trained net gives its offsets in it. A garment
# has those that its cut has.
ORDER: dict[Kind, tuple[str, ...]] = {
    "upper": (*_both(_TOP), "collar", "hem_m", *_both(_ON_SLEEVES)),
    "lower": (
        *_both(_TROUSERS),
        "waist_m",
        "crotch",
        *_both(_LEG),
        *_both(("skirt", "hem")),
        "hem_m",
    ),
    "dress": (*_both(_DRESS), "collar", "waist_m", "hem_m", *_both(_ON_SLEEVES)),
}


@dataclass(frozen=True, eq=False)
class Part:
    """Control points of one layer of a garment, which is warped by itself."""

    layer: str  # "body", "sleeve_l", "leg_r", …
    names: tuple[str, ...]
    garment: Points  # (n, 2) px of the prepared picture
    body: Points  # (n, 2) px of the person's picture
    stiff: bool = False  # too few points for a spline, which would fold: it is laid flat

    def moved(self, by: dict[str, Points]) -> Part:
        """Return the part with these offsets, px, by names of control points."""
        shift = np.array([by.get(name, (0.0, 0.0)) for name in self.names], np.float32)
        return replace(self, body=self.body + shift)


class Pairs:
    """Collects the pairs of one part."""

    def __init__(self, layer: str) -> None:
        self._layer = layer
        self._names: list[str] = []
        self._garment: list[Points] = []
        self._body: list[Points] = []

    def add(self, name: str, garment: Points, body: Points) -> None:
        """Add a pair."""
        self._names.append(name)
        self._garment.append(garment)
        self._body.append(body)

    def part(self, stiff: bool = False) -> Part:
        """Return all that was added."""
        garment, body = (np.array(each, np.float32) for each in (self._garment, self._body))
        return Part(self._layer, tuple(self._names), garment, body, stiff)


def in_frame(points: Points, body: Body) -> Points:
    """Return points (n, 2) in the body's frame: from the neck, across and down, in its widths."""
    axes = np.stack([body.across, body.down], 1)
    return np.asarray((points - body.neck) @ axes / np.float32(body.width), np.float32)


def of_frame(framed: Points, body: Body) -> Points:
    """Return points of the body's frame as points of the picture, px.

    The inverse of `in_frame`: the two directions of a tilted body are not quite at right angles.
    """
    axes = np.stack([body.across, body.down], 1)
    points: Points = framed @ np.linalg.inv(axes).astype(np.float32) * np.float32(body.width)
    return points + body.neck


def point(garment: Garment, name: str) -> Points:
    """Return a named point of a garment, px."""
    return np.array(garment.points[name], np.float32)


def edge(layer: Floats, at: Points, outward: int, near: float) -> Points:
    """Return where a layer's outline crosses the row of a point, on its side, if it does so near.

    The straight line between two named points is not the garment's side seam; its outline is.
    """
    row = int(np.clip(at[1], 0, len(layer) - 1))
    inside = np.flatnonzero(layer[row] > 0.5)
    if len(inside):
        found = float(inside[0 if outward < 0 else -1])
        if abs(found - at[0]) < near:
            return np.array([found, at[1]], np.float32)
    return at
