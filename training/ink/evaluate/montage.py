"""Pictures to look at: drawings beside what `ink` makes of them, in rows of small cells."""

from __future__ import annotations

import random
from collections.abc import Sequence

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from livedraft.runtime.models.base import Pixels
from livedraft.runtime.models.ink import InkParams
from livedraft.runtime.models.ink.layout import STYLES

from .cases import Case, Painter, with_strokes
from .metrics import on_white
from .obedience import StrokeTest

CELL = 96  # px
ACROSS = 4  # groups of cells in a row
KEPT = InkParams().lines  # of the drawn lines, as users see it
PAPER, GAP = 255, 12  # px between groups
CREDIT = (
    "Line art: OpenMoji (openmoji.org), CC BY-SA 4.0. Coloured by ink. This picture: CC BY-SA 4.0."
)


def held_out(painter: Painter, cases: Sequence[Case]) -> Pixels:
    """Lay out sketch, reference and the draft of each case."""
    return grid([(case.sketch, case.truth, painter.draw(case)) for case in cases])


def of_steps(painter: Painter, cases: Sequence[Case], orders: Sequence[Sequence[int]]) -> Pixels:
    """Lay out sketch and pictures of some numbers of steps, in each case's own order.

    An order that the looker does not know makes the look a blind one.
    """
    groups = [
        (case.sketch, *(painter.draw(case, steps, lines=KEPT) for steps in order))
        for case, order in zip(cases, orders, strict=True)
    ]
    return grid(groups, 3)


def shuffled(steps: Sequence[int], count: int) -> list[list[int]]:
    """Return the numbers of steps in as many orders, by a fixed seed."""
    rng = random.Random(3)
    return [rng.sample(steps, len(steps)) for _ in range(count)]


def openmoji(painter: Painter, cases: Sequence[Case]) -> Pixels:
    """Lay out OpenMoji's lines, the draft alone and under the lines; the credit stands below."""
    groups = [(c.sketch, painter.draw(c), painter.draw(c, lines=KEPT)) for c in cases]
    return signed(grid(groups), CREDIT)


def of_styles(painter: Painter, cases: Sequence[Case]) -> Pixels:
    """Lay out each case's sketch and its draft in every style, in one palette, lines kept."""

    def drawn(case: Case, style: str) -> Pixels:
        return painter.draw(case, style=style, palette=case.swatches, lines=KEPT)

    groups = [(case.sketch, *(drawn(case, style) for style in STYLES)) for case in cases]
    return grid(groups, 2)


def of_strokes(tests: Sequence[StrokeTest]) -> Pixels:
    """Lay out sketches with one coloured stroke, and the draft before and after it."""
    return grid([(one.sketch, one.before, one.after) for one in tests])


def five_strokes(painter: Painter, cases: Sequence[Case]) -> Pixels:
    """Lay out sketches with five strokes of the true colours, reference and draft."""
    groups = []
    for case in cases:
        sketch = with_strokes(case)
        groups.append((sketch, case.truth, painter.draw(case, sketch=sketch)))
    return grid(groups)


def grid(groups: Sequence[Sequence[Pixels]], across: int = ACROSS) -> Pixels:
    """Lay groups of (256, 256, 4) pictures out in rows, on white; the last row may be short."""
    strips = [np.concatenate([_cell(picture) for picture in group], 1) for group in groups]
    height, width = strips[0].shape[:2]
    rows = -(-len(strips) // across)
    sheet = np.full((rows * height, across * (width + GAP) - GAP, 3), PAPER, np.uint8)
    for index, strip in enumerate(strips):
        top, left = index // across * height, index % across * (width + GAP)
        sheet[top : top + height, left : left + width] = strip
    return sheet


def signed(sheet: Pixels, credit: str) -> Pixels:
    """Write a line of credit below a picture."""
    image = Image.new("RGB", (sheet.shape[1], sheet.shape[0] + 24), (PAPER,) * 3)
    image.paste(Image.fromarray(sheet))
    font = ImageFont.load_default(13)
    ImageDraw.Draw(image).text((6, sheet.shape[0] + 4), credit, (60, 60, 60), font)
    return np.asarray(image)


def _cell(picture: Pixels) -> Pixels:
    image = Image.fromarray(on_white(picture))
    return np.asarray(image.resize((CELL, CELL), Image.Resampling.LANCZOS))
