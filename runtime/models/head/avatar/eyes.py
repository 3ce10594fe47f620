"""Drawn eyes: lids that close over them, and pupils that look about."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ..expression import Expression
from .drawing import Drawing, EyeDrawing
from .pen import Box, Colour, Line, Pen, ellipse, inked, ramp

_LIGHT: Colour = (255, 255, 255)
_U: NDArray[np.float64] = np.linspace(-1, 1, 31)
_ARC = 1 - np.abs(_U) ** 2.2


def eyes_box(drawing: Drawing) -> Box:
    """Return the patch that the eyes are drawn in, wherever they look."""
    x = [eye.x for eye in drawing.eyes]
    y = [eye.y for eye in drawing.eyes]
    side = max(eye.width for eye in drawing.eyes) + 3 * drawing.line
    high = max(max(eye.height, 2 * eye.pupil[1]) for eye in drawing.eyes) + 3 * drawing.line
    return Box(
        max(int(min(x) - side), 0),
        max(int(min(y) - high), 0),
        min(int(max(x) + side), 512),
        min(int(max(y) + high), 512),
    )


def draw_eyes(pen: Pen, drawing: Drawing, expression: Expression, box: Box) -> None:
    """Draw the eyes as an expression has them."""
    for eye in drawing.eyes:
        _draw_eye(pen, drawing, eye, expression, box)


def _draw_eye(
    pen: Pen, drawing: Drawing, eye: EyeDrawing, expression: Expression, box: Box
) -> None:
    right, down = expression.gaze
    half, high = eye.width / 2, eye.height
    shut = max(0.0, min(1.0, expression.blink))
    x = eye.x + half * _U
    # Lids follow eyes that look down, and raised brows open them a little.
    opened = high * (0.62 - 0.2 * max(down, 0) + 0.06 * expression.brows)
    meeting = eye.y + high * 0.36 * _ARC  # where the lids meet
    upper = eye.y - opened * _ARC
    upper = upper + (meeting - upper) * shut
    deep = high * (0.46 if eye.white else 0.9) * _ARC
    lower = eye.y + deep + (meeting - eye.y - deep) * shut**2
    opening = np.concatenate([_points(x, upper), _points(x, lower)[::-1]])
    if shut < 0.97:
        within = Pen(pen.pixels.copy(), box)
        if eye.white:
            within.fill(opening, eye.white)
        _draw_pupil(within, eye, drawing.ink, right, down)
        pen.inside(opening if eye.lid else _beyond(opening, eye, shut), within)
    _ink_lids(pen, drawing, eye, x, upper, lower, shut)


def _beyond(opening: Line, eye: EyeDrawing, shut: float) -> Line:
    """Return an opening widened until all of an eye without lids is seen; no more as it shuts."""
    middle = np.array([eye.x, eye.y])
    wide = np.array([1, 1 + 0.6 * (1 - ramp(shut, 0, 0.5))])
    return np.asarray(middle + (opening - middle) * wide, np.float64)


def _draw_pupil(pen: Pen, eye: EyeDrawing, ink: Colour, right: float, down: float) -> None:
    broad, tall = eye.pupil
    away = max(eye.width / 2 - broad, 0.25 * eye.width)
    x = eye.x + right * away * 0.8
    y = eye.y + down * eye.height * 0.28
    pen.fill(ellipse((x, y), (broad, tall)), ink)
    pen.fill(ellipse((x + 0.3 * broad, y - 0.38 * tall), (0.26 * broad, 0.22 * tall)), _LIGHT)


def _ink_lids(
    pen: Pen,
    drawing: Drawing,
    eye: EyeDrawing,
    x: NDArray[np.float64],
    upper: NDArray[np.float64],
    lower: NDArray[np.float64],
    shut: float,
) -> None:
    ink, line = drawing.ink, drawing.line
    lid = eye.lid if eye.lid else ramp(shut, 0.05, 0.4)
    curve = _points(x, upper)
    if eye.lash:  # drawn out beyond the corner, and up
        corner = curve[-1] if eye.lash > 0 else curve[0]
        along = np.linspace(0.25, 1, 5)[:, None] * np.array(
            [eye.lash * 0.22 * eye.width, -abs(eye.lash) * 0.2 * eye.height * (1 - 0.8 * shut)]
        )
        curve = (
            np.concatenate([curve, corner + along])
            if eye.lash > 0
            else np.concatenate([(corner + along)[::-1], curve])
        )
    pen.stroke(curve, inked(len(curve), line * lid, 0.3), ink)
    if eye.white:
        pen.stroke(_points(x[5:-5], lower[5:-5]), inked(len(x) - 10, 0.5 * line * (1 - shut)), ink)


def _points(x: NDArray[np.float64], y: NDArray[np.float64]) -> Line:
    return np.stack([x, y], axis=1)
