"""Find the parts of a thing in a drawing, and lay the colours there that a prompt says of them.

The colour net obeys a coloured stroke in a region nearly always, and knows no parts. So the pieces
of the drawing (`segments`) are held against what is known of each part (`parts.json`): where it
lies, how large and round it is, what it touches, by itself and as seen from the thing's anchor,
such as the face. What fits best gets the colour as if a user had filled it in (`part_hints`).
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from livedraft.protocol.messages import Note

from ..colour import Floats, oklab_to_srgb
from ..layout import CELLS
from ..words.part_words import Kind, Named, PartWords
from .part_hints import Canvas, Colour, stroked, with_hints, with_parts
from .segments import Segments, segments
from .sketch import Sketch

BEHIND = "landscape"  # whose sky, grass and water any other thing may be in
FITS, PASSES = 1.7, 2.6  # mean squares of deviations up to which a piece is a part, and may be one
FAR = 16.0  # square at which one deviation tells no more
UNKNOWN = 2.5  # the same for what an anchor would tell where none is found
# What is known of a piece. In capitals as seen in the drawing's box: centre, top and bottom from 0
# at its top to 1, distance from its middle line in halves of its width, size as a binary logarithm
# of the share. In small letters the same from the anchor's middle, in its heights and halves of its
# width, size against its size, and the share of the rim that faces it. The others need no frame.
IN_BOX = ("Y", "T", "B", "S", "A", "aspect", "fill", "edge", "held", "specks")
FEATURES = (*IN_BOX, "y", "t", "b", "s", "a", "by")

Masks = dict[str, NDArray[np.bool_]]  # which of N pieces are a part, by its name


@dataclass(frozen=True)
class Layout:
    """The parts of a kind of thing: a mean and a deviation of each feature, in W ways."""

    parts: tuple[str, ...]
    many: NDArray[np.bool_]  # of each part, whether several pieces may be it
    anchor: int  # the part from which the others are seen; -1 for none
    of: NDArray[np.intp]  # (W,), which part each way is of
    mean: Floats  # (W, 16)
    weight: Floats  # (W, 16), one over the deviation; 0 where a feature says nothing

    @classmethod
    def read(cls, entry: Mapping[str, Any]) -> Self:
        """Read an entry of `parts.json`."""
        parts = tuple(entry["parts"])
        ways = [(i, way) for i, p in enumerate(parts) for way in entry["parts"][p]["priors"]]
        mean = np.zeros((len(ways), len(FEATURES)), np.float32)
        weight = np.zeros_like(mean)
        for row, (_, way) in enumerate(ways):
            for name, (middle, deviation) in way.items():
                column = FEATURES.index(name)
                mean[row, column], weight[row, column] = middle, 1 / deviation
        many = np.array([entry["parts"][part]["count"] == "many" for part in parts])
        anchor = parts.index(entry["anchor"]) if entry["anchor"] else -1
        return cls(parts, many, anchor, np.array([i for i, _ in ways]), mean, weight)

    def values(self, pieces: Segments) -> Floats:
        """Return what each of N pieces is like, (16, N): NaN for what an anchor would tell."""
        values = np.full((len(FEATURES), len(pieces)), np.nan, np.float32)
        values[: len(IN_BOX)] = _in_box(pieces)
        if self.anchor >= 0:
            fits = self.fits(values)[self.anchor]
            at = int(fits.argmin())
            if fits[at] < PASSES:
                values[len(IN_BOX) :] = _from_anchor(pieces, at)
        return values

    def fits(self, values: Floats) -> Floats:
        """Return how far N pieces are from each part, (P, N): 0 is just it, 16 the contrary."""
        fits = np.full((len(self.parts), values.shape[1]), FAR, np.float32)
        for part, way in zip(self.of, self.ways(values), strict=True):
            np.minimum(fits[part], way, out=fits[part])
        return fits

    def ways(self, values: Floats) -> Floats:
        """Return how far N pieces are from each way that a part may be, (W, N)."""
        away = (values - self.mean[..., None]) * self.weight[..., None]
        squares = np.where(np.isnan(away), UNKNOWN, np.minimum(away**2, FAR))
        counted = self.weight > 0
        return np.asarray(
            (squares * counted[..., None]).sum(1) / counted.sum(1)[:, None], np.float32
        )


@dataclass(frozen=True, slots=True)
class Placed:
    """Colours that lie on parts of a drawing."""

    hints: Floats | None = None  # (1, 4, 64, 64), premultiplied RGBA, as a user's strokes are
    colours: tuple[Colour, ...] = ()
    notes: tuple[Note, ...] = ()  # colours that found no place

    def applied(self, palette: Floats, sketch: Sketch) -> tuple[Floats, Sketch]:
        """Return a palette (1, 6, 4) and a sketch with these colours."""
        if self.hints is None:
            return palette, sketch
        hints = with_hints(sketch.hints, self.hints)
        return with_parts(palette, self.colours), replace(sketch, hints=hints)


class Parts:
    """The parts that have names."""

    def __init__(self, table: Mapping[str, Any]) -> None:
        table = {kind: _before(table.get(BEHIND, {}), entry) for kind, entry in table.items()}
        self.words = PartWords([Kind.read(name, entry) for name, entry in table.items()])
        self.layouts = {name: Layout.read(entry) for name, entry in table.items()}

    @classmethod
    def load(cls, file: Path) -> Self:
        """Read what `training.ink.train.parts` wrote."""
        return cls(json.loads(file.read_text("utf-8")))

    def place(self, named: Named, sketch: Sketch) -> Placed:
        """Lay a prompt's colours on the parts of a drawing; where a user's strokes are, none."""
        if not named.colours or sketch.painted or not sketch.walls.any():
            return Placed()
        pieces = segments(sketch.walls, sketch.outside)
        found = find_parts(self.layouts[named.kind], named, pieces)
        missing = [one.word for one in named.colours if one.word and one.part not in found]
        if not found:
            return Placed(notes=_notes(missing))
        canvas = Canvas.of(pieces, sketch.regions)
        free = ~stroked(pieces, sketch.hints)
        hints = np.zeros((1, 4, CELLS, CELLS), np.float32)
        colours = []
        for coloured in named.colours:
            chosen = np.zeros(len(pieces) + 1, bool)
            if coloured.part in found:
                chosen[1:] = found[coloured.part] & free
            if chosen.any():
                cover = canvas.cover(chosen)
                rgb = oklab_to_srgb(np.array(coloured.colour, np.float32))
                hints[0] += np.concatenate([rgb, [1]]).astype(np.float32)[:, None, None] * cover
                share = float(pieces.area[chosen[1:]].sum() / pieces.area.sum())
                colours.append((*coloured.colour, share))
        return Placed(hints, tuple(colours), _notes(missing))


def _before(behind: Mapping[str, Any], entry: Mapping[str, Any]) -> dict[str, Any]:
    """Return an entry of `parts.json` with the parts of a landscape behind its own."""
    own = {word for part in entry["parts"].values() for word in part["words"]}
    others = {}
    for name, part in behind.get("parts", {}).items():
        words = [word for word in part["words"] if word not in own and word not in entry["words"]]
        if name not in entry["parts"] and words:
            others[name] = {**part, "words": words}
    return {**entry, "parts": {**entry["parts"], **others}}


def find_parts(layout: Layout, named: Named, pieces: Segments) -> Masks:
    """Return which of N pieces are which of the parts that a prompt names, (N,) each."""
    if len(pieces) == 0:
        return {}
    rows = [row for row, part in enumerate(layout.parts) if part in named.parts]
    misfits = layout.fits(layout.values(pieces))[rows]
    best = misfits.argmin(0)
    found: Masks = {}
    for index, row in enumerate(rows):
        own = (best == index) & (misfits[index] < FITS)
        if own.any() and not layout.many[row]:
            own &= misfits[index] == misfits[index][own].min()
        if own.any():
            found[layout.parts[row]] = own
    stated = {one.part for one in named.colours if one.word}
    for index, row in enumerate(rows):  # the likeliest that is no other stated part
        part = layout.parts[row]
        if part in stated and part not in found:
            taken = [mask for other, mask in found.items() if other in stated]
            misfit = np.where(np.any(taken, axis=0), FAR, misfits[index])
            own = misfit == misfit.min()
            if misfit.min() < PASSES:
                found = {p: left for p, mask in found.items() if (left := mask & ~own).any()}
                found[part] = own
    return found


def _in_box(pieces: Segments) -> Floats:
    """Return what each of N pieces is like in the drawing's box, (10, N)."""
    width, height = pieces.right - pieces.left + 1, pieces.bottom - pieces.top + 1
    left, top = pieces.left.min(), pieces.top.min()
    wide, high = pieces.right.max() - left + 1, pieces.bottom.max() - top + 1
    features = (
        (pieces.y - top) / high,
        (pieces.top - top) / high,
        (pieces.bottom + 1 - top) / high,
        np.abs(pieces.x - left - wide / 2) / (wide / 2),
        np.log2(pieces.area / pieces.area.sum()),
        np.log2(width / height),
        pieces.area / (width * height),
        pieces.edge,
        pieces.held,
        np.minimum(pieces.specks, 2),
    )
    return np.stack(features).astype(np.float32)


def _from_anchor(pieces: Segments, at: int) -> Floats:
    """Return what each of N pieces is like as seen from one of them, (6, N)."""
    width, height = (pieces.right - pieces.left + 1)[at], (pieces.bottom - pieces.top + 1)[at]
    x = (pieces.left[at] + pieces.right[at]) / 2
    y = (pieces.top[at] + pieces.bottom[at]) / 2
    features = (
        (pieces.y - y) / height,
        (pieces.top - y) / height,
        (pieces.bottom - y) / height,
        np.abs(pieces.x - x) / (width / 2),
        np.log2(pieces.area / pieces.area[at]),
        pieces.touch[1:, at + 1] / np.maximum(pieces.touch[1:].sum(1), 1),
    )
    return np.stack(features).astype(np.float32)


def _notes(missing: Sequence[str]) -> tuple[Note, ...]:
    if not missing:
        return ()
    quoted = ", ".join(f"“{word}”" for word in missing[:3]) + (" …" if len(missing) > 3 else "")
    message = f"No closed line is taken for {quoted}: close it, or draw its colour there."
    return (Note(code="unplaced_colour", message=message, param="prompt", choices=[]),)
