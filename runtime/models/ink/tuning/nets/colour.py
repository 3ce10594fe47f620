"""Colour spaces of `ink`: sRGB <-> OKLab, on torch tensors, with the channel last by default.

OKLab: B. Ottosson, "A perceptual color space for image processing" (2020). L lies in 0..1, a and b
roughly in -0.4..0.4. All sRGB values are in 0..1 and gamma-encoded.
"""

from __future__ import annotations

import torch
from torch import Tensor

_TO_LMS = (
    (0.4122214708, 0.5363325363, 0.0514459929),
    (0.2119034982, 0.6806995451, 0.1073969566),
    (0.0883024619, 0.2817188376, 0.6299787005),
)
_TO_LAB = (
    (0.2104542553, 0.7936177850, -0.0040720468),
    (1.9779984951, -2.4285922050, 0.4505937099),
    (0.0259040371, 0.7827717662, -0.8086757660),
)
_FROM_LAB = (
    (1.0, 0.3963377774, 0.2158037573),
    (1.0, -0.1055613458, -0.0638541728),
    (1.0, -0.0894841775, -1.2914855480),
)
_FROM_LMS = (
    (4.0767416621, -3.3077115913, 0.2309699292),
    (-1.2684380046, 2.6097574011, -0.3413193965),
    (-0.0041960863, -0.7034186147, 1.7076147010),
)


def srgb_to_oklab(rgb: Tensor, axis: int = -1) -> Tensor:
    """Convert sRGB in 0..1, with the channels along an axis, to OKLab of the same shape."""
    linear = torch.where(rgb <= 0.04045, rgb / 12.92, ((rgb.clamp(min=0) + 0.055) / 1.055) ** 2.4)
    return _apply(_TO_LAB, _apply(_TO_LMS, linear, axis).clamp(min=0) ** (1 / 3), axis)


def oklab_to_srgb(lab: Tensor) -> Tensor:
    """Convert (..., 3) OKLab to sRGB, clipped to 0..1."""
    linear = _apply(_FROM_LMS, _apply(_FROM_LAB, lab) ** 3).clamp(0, 1)
    return torch.where(linear <= 0.0031308, linear * 12.92, 1.055 * linear ** (1 / 2.4) - 0.055)


def _apply(matrix: tuple[tuple[float, ...], ...], colours: Tensor, axis: int = -1) -> Tensor:
    """Multiply an axis by a matrix; not a matmul, which autocast would round to bfloat16."""
    x, y, z = torch.split(colours, 1, axis)
    return torch.cat([row[0] * x + row[1] * y + row[2] * z for row in matrix], axis)
