"""Lay the colours of parts on a drawing as a user's strokes would be, and into its palette."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import cv2
import numpy as np
from numpy.typing import NDArray

from ..colour import Floats
from ..layout import CELLS, COLOURS, TIGHT
from .segments import Labels, Segments

OVER_LINES = 2.5  # px of 128 that a colour reaches over the lines around it
RIM = 2.0  # px of 128 along the lines that are left to them: beyond is another part
THIN = 0.2  # of a narrow piece's width, the same
BEYOND = 0.01  # share of a cell that lies in another closed region, from which it is rim
STROKED = 0.3  # cells of a user's colour in a piece, from which it is the user's
NEW_COLOUR = 0.05  # OKLab distance at which a part's colour needs an entry of its own
ALIKE = 0.15  # OKLab distance within which a part uses up the share of a palette's colour
LEAST = 0.012  # share of an entry that only parts have

Chosen = NDArray[np.bool_]  # (N + 1,), which pieces; the first is the outside
Colour = tuple[float, float, float, float]  # OKLab, and a share of the drawing


@dataclass(frozen=True)
class Canvas:
    """Where colours may be laid for them to reach their pieces and no other.

    Cells on a rim hold some of the region beyond, which a stroke there would colour too; so they
    take none, but where nothing closed lies beyond.
    """

    labels: Labels  # (128, 128), where a colour may be laid for each piece; 0 for none

    @classmethod
    def of(cls, pieces: Segments, regions: Floats) -> Self:
        """Take pieces and the regions that the networks see, (1, 32, 64, 64)."""
        widths = np.concatenate([[0], pieces.width]).astype(np.float32)
        inner = pieces.deep > np.minimum(RIM, THIN * widths)[pieces.labels]
        whole = np.where(pieces.away <= OVER_LINES, pieces.nearest, 0)
        tight = regions[0, :TIGHT].reshape(TIGHT, -1)
        label = whole[1::2, 1::2].ravel()
        own = _regions(pieces, widths, tight)[label]
        beyond = tight[1:].sum(0) - np.where(own > 0, tight[own, np.arange(len(own))], 0)
        rim = (beyond > BEYOND).reshape(CELLS, CELLS).repeat(2, 0).repeat(2, 1)
        return cls(np.where(rim, pieces.labels * inner, whole))

    def cover(self, chosen: Chosen) -> Floats:
        """Return how far each cell takes the colour of some pieces, (64, 64)."""
        size = (CELLS, CELLS)
        laid = chosen.astype(np.float32)[self.labels]
        return np.asarray(cv2.resize(laid, size, interpolation=cv2.INTER_AREA), np.float32)


def stroked(pieces: Segments, hints: Floats) -> NDArray[np.bool_]:
    """Return which of N pieces have coloured strokes of the user's, (N,)."""
    if not hints.any():
        return np.zeros(len(pieces), bool)
    ink = hints[0, 3].repeat(2, 0).repeat(2, 1).ravel() / 4
    inked = np.bincount(pieces.labels.ravel(), ink, len(pieces) + 1)
    return np.asarray(inked[1:] > STROKED, np.bool_)


def with_hints(own: Floats, others: Floats) -> Floats:
    """Lay a user's own strokes over other hints, (1, 4, h, w) each."""
    return np.asarray(own + others * (1 - own[:, 3:]), np.float32)


def with_parts(palette: Floats, colours: Sequence[Colour]) -> Floats:
    """Give the colours of parts entries in a palette (1, 6, 4) that paint nothing else.

    What is left of the shares is for what has no colour yet: a red cap on a mushroom of red and
    white leaves the stem its white.
    """
    if not colours:
        return palette
    entries = palette[0].copy()
    free = np.ones(COLOURS, bool)  # entries that may still be replaced
    for *lab, share in sorted(colours, key=lambda colour: -colour[3])[:COLOURS]:
        colour = np.array(lab, np.float32)
        away = np.linalg.norm(entries[:, :3] - colour, axis=1)
        at = int(away.argmin())
        if away[at] < NEW_COLOUR and not free[at]:
            continue  # another part has just this colour
        used = free & (away < ALIKE)
        entries[used, 3] = np.maximum(entries[used, 3] - share, LEAST)
        if away[at] >= NEW_COLOUR:
            at = int(np.where(free, entries[:, 3], np.inf).argmin())
            entries[at, 3] = LEAST
        entries[at, :3] = colour
        free[at] = False
    entries[:, 3] /= entries[:, 3].sum()
    return np.asarray(entries[np.argsort(-entries[:, 3], kind="stable")][None], np.float32)


def _regions(pieces: Segments, widths: Floats, tight: Floats) -> NDArray[np.intp]:
    """Return which of the regions (20, 4096) each piece lies in, by its deepest cell: (N + 1,)."""
    deepest = (pieces.labels > 0) & (2 * pieces.deep == widths[pieces.labels])
    rows, columns = np.nonzero(deepest)
    found = tight[:, rows // 2 * CELLS + columns // 2].argmax(0)
    regions = np.zeros(len(widths), np.intp)
    regions[pieces.labels[rows, columns]] = found
    return regions
