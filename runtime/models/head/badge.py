"""The visible mark of frames: "AI" in a corner, readable on any ground."""

from __future__ import annotations

from functools import cache

import cv2
import numpy as np
from numpy.typing import NDArray

from ..base import Pixels
from .expression import SIZE

WIDTH, HEIGHT = 44, 26  # px
MARGIN = 14  # px, to the frame's right and bottom
_FINE = 8  # times as large as it is drawn, so that its edges are smooth
_GROUND, _WORDS = 0.62, 0.96  # how much of the frame they hide
_BOX = np.s_[SIZE - MARGIN - HEIGHT : SIZE - MARGIN, SIZE - MARGIN - WIDTH : SIZE - MARGIN]


def marked(frame: Pixels) -> Pixels:
    """Return a frame (SIZE, SIZE, 3) with the mark on it."""
    colour, hidden = _mark()
    made = frame.copy()
    under = made[_BOX]
    made[_BOX] = (under + (colour - under) * hidden + 0.5).astype(np.uint8)
    return made


@cache
def _mark() -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return its grey, and how much it hides, (HEIGHT, WIDTH, 1) each."""
    ground, words = _small(_pill()), _small(_letters())
    hidden = np.maximum(ground * _GROUND, words * _WORDS)
    return (255 * words).astype(np.float32), hidden.astype(np.float32)


def _pill() -> Pixels:
    """Return a rectangle with round ends."""
    drawn = np.zeros((HEIGHT * _FINE, WIDTH * _FINE), np.uint8)
    radius = HEIGHT * _FINE // 2
    cv2.line(drawn, (radius, radius), (WIDTH * _FINE - radius, radius), 255, 2 * radius - 2)
    return drawn


def _letters() -> Pixels:
    """Return "AI" in its middle."""
    drawn = np.zeros((HEIGHT * _FINE, WIDTH * _FINE), np.uint8)
    font, scale, thick = cv2.FONT_HERSHEY_DUPLEX, 0.56 * _FINE, 2 * _FINE - 2
    (width, height), _ = cv2.getTextSize("AI", font, scale, thick)
    left, bottom = (WIDTH * _FINE - width) // 2, (HEIGHT * _FINE + height) // 2
    cv2.putText(drawn, "AI", (left, bottom), font, scale, 255, thick, cv2.LINE_AA)
    return drawn


def _small(drawn: Pixels) -> NDArray[np.float32]:
    small = cv2.resize(drawn, (WIDTH, HEIGHT), interpolation=cv2.INTER_AREA)
    return np.asarray(small, np.float32)[..., None] / np.float32(255)
