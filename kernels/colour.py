"""Luma and chroma as video has them: ITU-R BT.601 and BT.709, limited and full range."""

from __future__ import annotations

from typing import NamedTuple

MATRICES = {"bt601": (0.299, 0.114), "bt709": (0.2126, 0.0722)}  # shares of red and blue in luma


class ToRgb(NamedTuple):
    """Red, green and blue from luma and chroma bytes; 0 to 1 before clipping."""

    luma: float  # times (Y - zero)
    zero: float
    red_cr: float  # times (Cr - 128), and so on
    green_cb: float
    green_cr: float
    blue_cb: float


class FromRgb(NamedTuple):
    """Luma and chroma bytes from red, green and blue of 0 to 1."""

    red: float  # share in luma
    green: float
    blue: float
    luma: float  # luma of white, in levels over `zero`
    zero: float
    cb: float  # times (blue - luma), plus 128
    cr: float  # times (red - luma), plus 128


def to_rgb(matrix: str, full_range: bool) -> ToRgb:
    """Return the way to RGB for a matrix by name; limited range is 16-235 and 16-240."""
    red, blue = MATRICES[matrix]
    green = 1 - red - blue
    luma, zero, chroma = (255, 0, 255) if full_range else (219, 16, 224)
    cr, cb = 2 * (1 - red) / chroma, 2 * (1 - blue) / chroma
    return ToRgb(1 / luma, zero, cr, -cb * blue / green, -cr * red / green, cb)


def from_rgb(matrix: str, full_range: bool) -> FromRgb:
    """Return the way back, to what `to_rgb` reads."""
    red, blue = MATRICES[matrix]
    luma, zero, chroma = (255, 0, 255) if full_range else (219, 16, 224)
    cb, cr = chroma / (2 * (1 - blue)), chroma / (2 * (1 - red))
    return FromRgb(red, 1 - red - blue, blue, luma, zero, cb, cr)
