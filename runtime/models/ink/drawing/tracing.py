"""Lines redrawn as vectors: the contours of strokes, traced, smoothed and filled at any size.

A hand trembles, and pixels have steps; neither is the drawing. Contours are followed to a fraction
of a pixel, their Fourier series loses what is shorter than a tremble (so it is a smooth periodic
curve), corners stay, and no point moves further than `FURTHEST`.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from ..colour import Floats
from ..layout import SIZE

GRID = 1024  # px that contours are traced at
UNIT = GRID / SIZE  # px of the grid for one of 256
TREMBLE = 3.8  # px of 256: sigma along the contour of what is smoothed away
FURTHEST = 1.1  # px of 256 that a contour may move
CALM = 1.6  # px of 256: of the curve that corners are told by
REACH = 4.5  # px of 256, either way, over which a corner is told from a tremble
BENT, CORNER = np.cos(np.radians(48)), np.cos(np.radians(80))  # turns from which it is one
TINY = 24  # px of the grid: a shorter contour is a dot and stays as it is
MOST = 120_000  # points: more are no strokes but texture
FINE = 2  # pixels of the drawn mask, a side, for one of the picture
BLOATED = 0.68  # px that OpenCV's filled polygons with smooth edges are too large by
BLURRED = 0.18  # px of the grid that traced contours are
_BITS = 5  # of a fraction of a pixel

Points = NDArray[np.float64]  # (N, 2), x and y, closed


def redrawn(cover: Floats) -> Floats:
    """Return coverage (S, S) in 0..1 by strokes, redrawn from their contours.

    How opaque strokes are stays as it is. What is too dense to be strokes is returned as it came.
    """
    size = len(cover)
    large = cover if size == GRID else _enlarged(cover, GRID)
    opaque = _opacity(cover)
    inner = large > 0.5 * _enlarged(opaque, GRID)
    inner &= large > 0.02
    found, _ = cv2.findContours(inner.astype(np.uint8), cv2.RETR_CCOMP, cv2.CHAIN_APPROX_NONE)
    contours = [line[:, 0].astype(np.float64) for line in found]
    if sum(map(len, contours)) > MOST:
        return cover
    curves = [_smooth(line) for line in _sharp(contours, large)]
    return _filled(curves, size) * np.minimum(1, _enlarged(opaque, size))


def _opacity(cover: Floats) -> Floats:
    """Return how opaque the strokes around each place are, (256, 256)."""
    small = cv2.resize(cover, (SIZE, SIZE), interpolation=cv2.INTER_LINEAR)
    most = cv2.dilate(small, np.ones((7, 7), np.uint8))
    most = np.where(most > 0.85, np.float32(1), most)
    return np.asarray(cv2.blur(most, (3, 3)), np.float32)


def _enlarged(maps: Floats, side: int) -> Floats:
    return np.asarray(cv2.resize(maps, (side, side), interpolation=cv2.INTER_LINEAR), np.float32)


def _sharp(lines: list[Points], cover: Floats) -> list[Points]:
    """Move contours' pixels to where coverage is one half, along its slope."""
    if not lines:
        return []
    points = np.concatenate(lines)
    x, y = points[:, 0].astype(np.intp), points[:, 1].astype(np.intp)
    along, down = (
        np.asarray(cv2.Sobel(cover, cv2.CV_32F, *axes, ksize=3, scale=1 / 8))[y, x]
        for axes in ((1, 0), (0, 1))
    )
    slope = np.stack([along, down], 1)
    step = np.clip((0.5 - cover[y, x]) / np.maximum((slope**2).sum(1), 0.02), -2.5, 2.5)
    moved = slope * step[:, None]
    length = np.maximum(np.linalg.norm(moved, axis=1, keepdims=True), 1e-6)
    points = points + moved * np.minimum(1, 1.5 / length)
    return np.split(points, np.cumsum([len(line) for line in lines])[:-1])


def _smooth(line: Points) -> Points:
    """Return a closed contour without its trembles, at equal distances."""
    line = _even(line)
    count = len(line)
    if count < TINY:
        return line
    sigma = min(TREMBLE * UNIT, count / 14)
    smooth = _lowpassed(line, sigma)
    # A corner, or a stroke's end, turns on a larger scale, where trembles turn little.
    reach = int(min(REACH * UNIT, count / 6))
    calm = _lowpassed(line, min(CALM * UNIT, count / 14))
    ahead, behind = np.roll(calm, -reach, 0) - calm, calm - np.roll(calm, reach, 0)
    norm = np.linalg.norm(ahead, axis=1) * np.linalg.norm(behind, axis=1)
    turn = (ahead * behind).sum(1) / np.maximum(norm, 1e-9)
    corner = _around(np.clip((BENT - turn) / (BENT - CORNER), 0, 1), min(sigma, count / 8))
    corner = _lowpassed(corner[:, None], min(1.5 * UNIT, count / 14))
    less = _lowpassed(line, min(0.8 * UNIT, count / 14))
    smooth += np.clip(corner, 0, 1) * (less - smooth)
    away = smooth - line
    far = np.maximum(np.linalg.norm(away, axis=1, keepdims=True), 1e-9)
    line += away * np.minimum(1, FURTHEST * UNIT / far)
    return line


def _around(found: NDArray[np.float64], reach: float) -> NDArray[np.float64]:
    """Return the most of what is found within a reach along a closed line."""
    width = 2 * round(reach) + 1
    wrapped = np.concatenate([found[-width:], found, found[:width]])
    most = cv2.dilate(wrapped[None], np.ones((1, width), np.uint8))
    return np.asarray(most, np.float64)[0, width:-width]


def _even(line: Points) -> Points:
    """Return a closed line's points about one px apart."""
    closed = np.concatenate([line, line[:1]])
    along = np.concatenate([[0], np.hypot(*np.diff(closed, axis=0).T).cumsum()])
    count = max(3, round(along[-1]))
    at = np.arange(count) * (along[-1] / count)
    return np.stack([np.interp(at, along, closed[:, axis]) for axis in (0, 1)], 1)


def _lowpassed(line: Points, sigma: float) -> Points:
    """Smooth by a Gaussian twice over, so that round shapes do not shrink (Taubin, 1995)."""
    waves = np.fft.rfft(line, axis=0)
    kept = np.exp(-0.5 * (2 * np.pi * np.fft.rfftfreq(len(line)) * sigma) ** 2)
    waves *= (1 - (1 - kept) ** 2)[:, None]
    return np.asarray(np.fft.irfft(waves, len(line), axis=0))


def _inset(line: Points, by: float) -> Points:
    """Return a contour a little further within the ink, which lies to its left."""
    along = np.roll(line, -1, 0) - np.roll(line, 1, 0)
    along /= np.maximum(np.linalg.norm(along, axis=1, keepdims=True), 1e-9)
    return line + by * along[:, ::-1] * (1, -1)


def _filled(curves: list[Points], size: int) -> Floats:
    """Return the coverage of what closed curves of the grid enclose, (size, size)."""
    side = FINE * max(size, GRID // 2)
    scale = side / GRID
    mask = np.zeros((side, side), np.uint8)
    inset = [_inset(curve, BLOATED / scale + BLURRED) for curve in curves]
    fixed = [
        np.rint(((curve + 0.5) * scale - 0.5) * (1 << _BITS)).astype(np.int32) for curve in inset
    ]
    if fixed:
        cv2.fillPoly(mask, fixed, 255, cv2.LINE_AA, _BITS)
    small = cv2.resize(mask, (size, size), interpolation=cv2.INTER_AREA)
    return small.astype(np.float32) / np.float32(255)
