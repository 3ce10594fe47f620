"""The line drawings that a prompt alone starts from, found by meaning."""

from __future__ import annotations

import io
import zipfile
from collections import OrderedDict
from functools import cached_property
from pathlib import Path

import numpy as np
from PIL import Image

from livedraft.errors import InvalidParams

from ..base import Pixels
from .caches import cached
from .colour import Floats
from .text import EncodedText, TextTable

NEAR = 0.45  # cosine of prompt and label below which a drawing shows something else
KEPT = 16  # drawings in memory
AS_NEAR = 0.03  # cosine within which the seed chooses


class Drawings:
    """A zip file of `LABEL.png`, each the coverage of a drawing's ink in grey."""

    def __init__(self, file: Path, text: TextTable) -> None:
        self._file, self._text = file, text
        self._kept: OrderedDict[str, Pixels] = OrderedDict()

    def nearest(self, text: EncodedText, seed: int) -> Pixels:
        """Return the drawing whose label is nearest to a prompt, black ink on transparent paper.

        Of equally near ones the seed takes one; the same drawing is the same array while it is
        kept. Raises InvalidParams where none is near.
        """
        near = self._meanings @ _unit(text.mean)[0]
        if near.max() < NEAR:
            raise InvalidParams(
                "no line drawing to start from is near the prompt",
                fix="send a sketch, or name a thing, an animal or a food in English",
            )
        best = np.flatnonzero(near > near.max() - AS_NEAR)
        label = self._labels[best[seed % len(best)]]
        return cached(self._kept, label, lambda: self._read(label), KEPT)

    @cached_property
    def _labels(self) -> list[str]:
        with zipfile.ZipFile(self._file) as archive:
            return [name.removesuffix(".png") for name in archive.namelist()]

    @cached_property
    def _meanings(self) -> Floats:
        return _unit(self._text.encode(self._labels).mean)

    def _read(self, label: str) -> Pixels:
        with zipfile.ZipFile(self._file) as archive:
            ink = np.array(Image.open(io.BytesIO(archive.read(f"{label}.png"))).convert("L"))
        drawing = np.zeros((*ink.shape, 4), np.uint8)
        drawing[..., 3] = ink
        return drawing


def _unit(vectors: Floats) -> Floats:
    length = np.linalg.norm(vectors, axis=1, keepdims=True)
    unit: Floats = vectors / np.maximum(length, 1e-6)
    return unit
