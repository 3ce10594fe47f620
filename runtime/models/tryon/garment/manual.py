"""Points that somebody set by hand: judged, and kept as they are."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from livedraft.errors import InvalidParams, did_you_mean

from .garment import LEG, SINGLE, SLEEVE, TOP, WAIST, Floats, Point

NAMES = frozenset(
    [f"{name}_{side}" for name in (*TOP, *SLEEVE, *WAIST, *LEG) for side in "lr"] + list(SINGLE)
)


@dataclass(frozen=True)
class Given:
    """Points by name, px of the picture that was fitted."""

    points: Mapping[str, Point]

    def as_array(self) -> Floats:
        """Return them as (n, 2)."""
        return np.array(list(self.points.values()), np.float32).reshape(-1, 2)


def given_points(points: Mapping[str, Sequence[float]], size: tuple[int, ...]) -> Given:
    """Judge points, 0..1 of a picture of `size` (width, height) px; raise InvalidParams."""
    found: dict[str, Point] = {}
    for name, place in points.items():
        if name not in NAMES:
            raise InvalidParams(
                f"points: no garment has '{str(name)[:40]}'", fix=did_you_mean(str(name), NAMES)
            )
        if len(place) != 2 or not all(
            isinstance(v, int | float) and math.isfinite(v) and 0 <= v <= 1 for v in place
        ):
            raise InvalidParams(
                f"points: '{name}' is no place in the picture",
                fix="give it as [x, y], each in 0..1 of the picture",
            )
        found[name] = (float(place[0]) * size[0], float(place[1]) * size[1])
    return Given(found)
