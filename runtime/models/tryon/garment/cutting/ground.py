"""What a garment lies on: its colour as a smooth surface, fitted from the picture's edge."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..garment import Floats, Mask

_RING = 0.03  # of the longest side: how wide the edge is that is taken for ground
_ALIKE = 6.0  # Lab units from the fitted surface within which a pixel is ground
_FITS = 4  # rounds; each leaves out what the one before did not explain


@dataclass(frozen=True)
class Ground:
    """The ground that was fitted, as differences of the picture from it, in CIELAB."""

    lightness: Floats  # (H, W): brighter > 0
    chroma: Floats  # (H, W): distance in hue and saturation
    explained: float  # share of the picture's edge that the fit explains


def fit_ground(lab: Floats) -> Ground:
    """Fit lightness and colour as planes, x² and y² added, to the edge of a (H, W, 3) picture."""
    height, width = lab.shape[:2]
    ring = _ring(height, width)
    surface = _surface(height, width)
    edge, colours = surface[ring], lab[ring]
    kept = np.ones(len(edge), bool)
    explained = 0.0
    coefficients = np.zeros((5, 3), np.float32)
    for _ in range(_FITS):
        terms = edge[kept]
        coefficients = np.linalg.lstsq(terms.T @ terms, terms.T @ colours[kept], rcond=None)[0]
        apart = np.abs(colours - edge @ coefficients).max(-1)
        kept = apart < _ALIKE
        explained = float(kept.mean())
        if kept.sum() < 60:
            break
    rest = np.asarray(lab - surface @ coefficients, np.float32)
    light = np.ascontiguousarray(rest[..., 0])
    return Ground(light, np.hypot(rest[..., 1], rest[..., 2]), explained)


def _ring(height: int, width: int) -> Mask:
    ring = np.ones((height, width), bool)
    edge = max(3, round(_RING * max(height, width)))
    ring[edge:-edge, edge:-edge] = False
    return ring


def _surface(height: int, width: int) -> Floats:
    y, x = np.mgrid[-1 : 1 : height * 1j, -1 : 1 : width * 1j].astype(np.float32)
    return np.stack([np.ones_like(x), x, y, x * x, y * y], -1)
