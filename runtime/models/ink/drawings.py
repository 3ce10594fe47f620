"""The line drawings that a prompt alone starts from, found by meaning."""

from __future__ import annotations

import io
import zipfile
from functools import cached_property, lru_cache
from pathlib import Path

import numpy as np
from PIL import Image

from livedraft.errors import InvalidParams

from ..base import Pixels
from .colour import Floats
from .text import TextTable

NEAR = 0.45  # cosine of prompt and label below which a drawing shows something else
AS_NEAR = 0.03  # cosine within which the seed chooses


class Drawings:
    """A zip file of `LABEL.png`, each the coverage of a drawing's ink in grey."""

    def __init__(self, file: Path, text: TextTable) -> None:
        self._file, self._text = file, text

    def nearest(self, prompt: str, seed: int) -> Pixels:
        """Return the drawing whose label is nearest in meaning, black ink on transparent paper.

        Of equally near ones the seed takes one. Raises InvalidParams where none is near.
        """
        near = self._meanings @ _unit(self._text.encode([prompt]).mean)[0]
        if near.max() < NEAR:
            raise InvalidParams(
                f"no line drawing to start from is near {prompt!r}",
                fix="send a sketch, or name a thing, an animal or a food in English",
            )
        best = np.flatnonzero(near > near.max() - AS_NEAR)
        return self._drawing(self._labels[best[seed % len(best)]])

    @cached_property
    def _labels(self) -> list[str]:
        with zipfile.ZipFile(self._file) as archive:
            return [name.removesuffix(".png") for name in archive.namelist()]

    @cached_property
    def _meanings(self) -> Floats:
        return _unit(self._text.encode(self._labels).mean)

    @lru_cache(maxsize=16)  # noqa: B019  one model, which lives as long as the process
    def _drawing(self, label: str) -> Pixels:
        with zipfile.ZipFile(self._file) as archive:
            ink = np.array(Image.open(io.BytesIO(archive.read(f"{label}.png"))).convert("L"))
        drawing = np.zeros((*ink.shape, 4), np.uint8)
        drawing[..., 3] = ink
        return drawing


def _unit(vectors: Floats) -> Floats:
    length = np.linalg.norm(vectors, axis=1, keepdims=True)
    unit: Floats = vectors / np.maximum(length, 1e-6)
    return unit
