"""Folds of hanging and of laid cloth, as relief."""

from __future__ import annotations

import cv2
import numpy as np

from .canvas import SCALE, Canvas
from .cloths import noise
from .paths import Floats, Point, curve

_HEIGHT = 1.75  # of a fold, where one is asked for; shown by this light, others look flat
_COARSE = 4  # folds are drawn on a smaller canvas: they are soft


def fold(
    canvas: Canvas,
    start: Point,
    end: Point,
    mask: Floats,
    *,
    wide: float,
    high: float,
    bend: float = 0.0,
) -> None:
    """Raise a fold from its sharp start to its soft end, with a hollow beside it; px at 768."""
    a, b = np.array(start, np.float32), np.array(end, np.float32)
    across = np.array([-(b - a)[1], (b - a)[0]], np.float32)
    across /= max(float(np.linalg.norm(across)), 1e-6)
    middle = (a + b) / 2 + across * bend
    line = curve([start, (float(middle[0]), float(middle[1])), end])
    ridge = _tapered(canvas, line, wide)
    hollow = _tapered(canvas, line + across * wide * 1.5, wide * 1.15)
    canvas.raise_(np.asarray((ridge - 0.8 * hollow) * (_HEIGHT * high * SCALE), np.float32), mask)


def _tapered(canvas: Canvas, line: Floats, wide: float) -> Floats:
    """Return a soft ridge of height 1 that fades in quickly and out slowly."""
    height, width = canvas.alpha.shape
    small = np.zeros((height // _COARSE, width // _COARSE), np.float32)
    at = canvas.px(line) / _COARSE
    share = np.linspace(0, 1, len(at))
    strength = np.minimum(share / 0.15, 1) * (1 - share) ** 0.8
    for p, q, value in zip(at, at[1:], strength, strict=False):
        ends = [tuple(round(float(v) * 16) for v in point) for point in (p, q)]
        cv2.line(small, ends[0], ends[1], (float(value),), 1, cv2.LINE_AA, shift=4)
    sigma = max(0.7, wide * SCALE / _COARSE / 2)
    soft = cv2.GaussianBlur(small, (0, 0), sigma) * sigma * 2.5
    grown = cv2.resize(soft, (width, height), interpolation=cv2.INTER_CUBIC)
    return np.asarray(np.minimum(grown, 1.2), np.float32)


def fan(
    canvas: Canvas,
    root: Point,
    towards: tuple[float, float],
    mask: Floats,
    *,
    count: int,
    length: float,
    wide: float,
    high: float,
    spread: float = 35,
) -> None:
    """Raise folds that radiate from where cloth is pulled: an armpit, a crotch, an elbow."""
    middle = np.degrees(np.arctan2(towards[1], towards[0]))
    for i in range(count):
        share = (i + 0.5) / count - 0.5
        angle = np.radians(middle + share * 2 * spread + canvas.random.uniform(-6, 6))
        far = length * canvas.random.uniform(0.6, 1.0)
        near = 0.06 * length
        start = root[0] + near * np.cos(angle), root[1] + near * np.sin(angle)
        end = root[0] + far * np.cos(angle), root[1] + far * np.sin(angle)
        fold(
            canvas,
            (float(start[0]), float(start[1])),
            (float(end[0]), float(end[1])),
            mask,
            wide=wide * canvas.random.uniform(0.7, 1.3),
            high=high * canvas.random.uniform(0.6, 1.2),
            bend=canvas.random.uniform(-0.08, 0.08) * length,
        )


def drape(canvas: Canvas, mask: Floats, *, wide: float, high: float, lean: float = 0.0) -> None:
    """Lay soft waves, longer than wide, over a panel: cloth never lies flat."""
    height, width = canvas.alpha.shape
    small = height // _COARSE, width // _COARSE
    seed = int(canvas.random.integers(1 << 30))
    sigma = wide * SCALE / _COARSE
    waves = noise(*small, seed, sigma, sigma * 3.2)
    if lean:
        turn = cv2.getRotationMatrix2D((small[1] / 2, small[0] / 2), lean, 1.25)
        waves = np.asarray(
            cv2.warpAffine(waves, turn, small[::-1], borderMode=cv2.BORDER_REFLECT), np.float32
        )
    grown = cv2.resize(waves, (width, height), interpolation=cv2.INTER_CUBIC)
    canvas.raise_(np.asarray(grown, np.float32) * np.float32(_HEIGHT * high * SCALE), mask)


def flare(
    canvas: Canvas,
    mask: Floats,
    top: float,
    bottom: float,
    *,
    count: int,
    high: float,
    half: tuple[float, float],
    sharp: float = 1.0,
) -> None:
    """Let a skirt fall in cones: waves that deepen from `top` to `bottom`, px at 768.

    `half` are the skirt's half widths at both; `sharp` above 1 presses the waves into pleats.
    """
    height, width = canvas.alpha.shape
    y, x = np.mgrid[:height, :width].astype(np.float32) / SCALE
    x -= width / SCALE / 2
    down = np.clip((y - top) / (bottom - top), 0, 1)
    u = x / (half[0] + (half[1] - half[0]) * down)
    wander = noise(height // 8, width // 8, int(canvas.random.integers(1 << 30)), 9, 40)
    astray = cv2.resize(wander, (width, height), interpolation=cv2.INTER_CUBIC)
    wave = np.cos((u * count + 0.16 * astray * (sharp <= 1)) * np.pi)
    wave = np.sign(wave) * np.abs(wave) ** (1 / sharp)
    canvas.raise_((wave * down**0.8 * high * SCALE).astype(np.float32), mask)
