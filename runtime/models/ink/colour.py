"""Colour spaces of `ink`: sRGB <-> OKLab, on arrays with the channel last.

OKLab: B. Ottosson, "A perceptual color space for image processing" (2020). L lies in 0..1, a and b
roughly in -0.4..0.4. All sRGB values are in 0..1 and gamma-encoded. Tensors have
`tuning.nets.colour`.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]

_TO_LMS = np.array(
    [
        [0.4122214708, 0.5363325363, 0.0514459929],
        [0.2119034982, 0.6806995451, 0.1073969566],
        [0.0883024619, 0.2817188376, 0.6299787005],
    ],
    np.float32,
)
_TO_LAB = np.array(
    [
        [0.2104542553, 0.7936177850, -0.0040720468],
        [1.9779984951, -2.4285922050, 0.4505937099],
        [0.0259040371, 0.7827717662, -0.8086757660],
    ],
    np.float32,
)
_FROM_LAB = np.linalg.inv(_TO_LAB)
_FROM_LMS = np.linalg.inv(_TO_LMS)


def srgb_to_oklab(rgb: Floats) -> Floats:
    """Convert (..., 3) sRGB in 0..1 to OKLab of the same shape."""
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + np.float32(0.055)) / 1.055) ** 2.4)
    lms: Floats = np.cbrt(linear.astype(np.float32) @ _TO_LMS.T)
    lab: Floats = lms @ _TO_LAB.T
    return lab


def oklab_to_srgb(lab: Floats) -> Floats:
    """Convert (..., 3) OKLab to sRGB, clipped to 0..1."""
    linear = np.clip((lab @ _FROM_LAB.T) ** 3 @ _FROM_LMS.T, 0, 1)
    rgb = np.where(linear <= 0.0031308, linear * 12.92, 1.055 * linear ** (1 / 2.4) - 0.055)
    return np.asarray(rgb, np.float32)


def hex_to_srgb(colour: str) -> tuple[float, float, float]:
    """Read `#rrggbb` as sRGB in 0..1."""
    digits = colour.removeprefix("#")
    red, green, blue = (int(digits[i : i + 2], 16) / 255 for i in (0, 2, 4))
    return red, green, blue
