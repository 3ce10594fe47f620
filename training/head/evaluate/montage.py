"""Mouths to look at, frame by frame: a figure can be gamed, and an eye cannot."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from livedraft.runtime.models.base import Pixels

from ..data.clips import Segment
from .meter import FPS

COLUMNS = FPS  # a row a second
_TITLE, _CAPTION = 26, 16  # px
_FONT = cv2.FONT_HERSHEY_SIMPLEX

Box = tuple[int, int, int, int]  # px: left, top, right, bottom


class Sheet:
    """One clip's mouths: rows of a second, each with the phone that sounds in its middle."""

    def __init__(self, title: str, segments: Sequence[Segment], box: Box) -> None:
        self._title, self._segments, self._box = title, segments, box
        self._cells: list[Pixels] = []

    def add(self, frame: Pixels) -> None:
        """Take the next frame."""
        left, top, right, bottom = self._box
        cell = np.pad(frame[top:bottom, left:right], ((0, _CAPTION), (0, 1), (0, 0)))
        middle = (len(self._cells) + 0.5) / FPS
        phone = next((name for name, start, end in self._segments if start <= middle < end), "")
        at = (3, bottom - top + 12)
        self._cells.append(_written(cell, phone, at, 0.4))

    def write(self, path: Path) -> None:
        """Write all as one picture, at full size."""
        blank = np.zeros_like(self._cells[0])
        cells = self._cells + [blank] * (-len(self._cells) % COLUMNS)
        rows = [np.concatenate(cells[k : k + COLUMNS], 1) for k in range(0, len(cells), COLUMNS)]
        sheet = np.pad(np.concatenate(rows), ((_TITLE, 0), (0, 0), (0, 0)))
        Image.fromarray(_written(sheet, self._title, (6, 18), 0.5)).save(path, quality=88)


def _written(picture: NDArray[np.uint8], text: str, at: tuple[int, int], size: float) -> Pixels:
    there = np.ascontiguousarray(picture)
    cv2.putText(there, text, at, _FONT, size, (255, 255, 255), 1, cv2.LINE_AA)
    return there
