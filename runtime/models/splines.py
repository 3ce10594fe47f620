"""Thin-plate splines: the smoothest maps that take some points where they are wanted."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

Points = NDArray[np.floating[Any]]  # (n, 2), or (n, any) for values

_SMOOTH = 1e-3  # how freely a spline misses its points, so that two near ones make no fold


def spline(from_: Points, to: Points) -> Callable[[Points], Points]:
    """Return the thin-plate spline that takes these points (n, 2) to those values (n, any).

    Bookstein, *Principal warps* (1989). Far from its points it goes on wildly: clip what it maps.
    """
    centre = from_.mean(0)
    size = np.float32(max(float(np.ptp(from_, axis=0).max()), 1.0))
    knots = (from_ - centre) / size
    count = len(knots)
    apart = ((knots[:, None] - knots[None]) ** 2).sum(-1)
    bend = 0.5 * apart * np.log(apart + 1e-9) + _SMOOTH * np.eye(count)
    flat = np.c_[np.ones(count), knots]
    system = np.block([[bend, flat], [flat.T, np.zeros((3, 3))]])
    wanted = np.r_[to, np.zeros((3, to.shape[1]))].astype(np.float64)
    # Least squares: points that fall together make the system singular, not the picture.
    weights = np.linalg.lstsq(system, wanted, rcond=1e-9)[0].astype(np.float32)

    def mapped(points: Points) -> Points:
        at = (points - centre) / size
        far = (at * at).sum(-1)[:, None] + (knots * knots).sum(-1)[None] - 2 * at @ knots.T
        far = np.maximum(far, 1e-9).astype(np.float32)
        linear = np.c_[np.ones(len(at), np.float32), at]
        made: Points = (0.5 * far * np.log(far)) @ weights[:count] + linear @ weights[count:]
        return made

    return mapped
