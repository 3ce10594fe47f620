"""Tops that open in front: a blouse and a denim jacket, with collars, plackets and pockets."""

from __future__ import annotations

import numpy as np

from .canvas import Canvas
from .cloths import Cloth, Colour
from .folds import drape
from .paths import Floats, Point, beside, flipped, path
from .tops import SIDES, Cut


def placket(canvas: Canvas, cut: Cut, cloth: Cloth, thread: Colour, wide: float = 13) -> None:
    """Sew the strip that the buttons sit on, from the neckline down to the hem."""
    top, bottom = cut.neck[1] + cut.front - 2, cut.hem[1] + cut.hem_sag
    strip = path(
        [(-wide, top - wide * 0.25), (wide, top - wide * 0.25)],
        [(wide, bottom)],
        [(-wide, bottom)],
        [(-wide, top - wide * 0.25)],
    )
    canvas.panel(strip, cloth, thick=1.6, round_=4, shadow=0.2)
    for x in (-wide + 3, wide - 3):
        canvas.stitches(path([(x, top), (x, bottom - 3)]), thread, dash=2.6, gap=1.3)


def collar(
    canvas: Canvas,
    cut: Cut,
    cloth: Cloth,
    thread: Colour,
    tip: Point,
    *,
    stand: float = 16,
    gloss: float = 0.0,
) -> None:
    """Fold a collar over: from the back of the neck, along the neckline, to its tips."""
    x, y = cut.neck
    low = y + cut.front
    for side in SIDES:
        inner = path([(x * 0.80, y - stand), (x * 0.86, y + cut.front * 0.36), (3, low + 2)])
        outer = path(
            [(3, low + 2), tip],
            [(tip[0] + 16, y + cut.front * 0.5), (x + 17, y + 10), (x * 0.80, y - stand)],
        )
        right = np.concatenate([inner, outer[1:]])
        leaf = (right * np.array([side, 1])).astype(np.float32)
        mask = canvas.panel(leaf, cloth, thick=3.2, round_=7, shadow=0.5, gloss=gloss)
        drape(canvas, mask, wide=12, high=0.3)
        edge = beside(
            path([(3, low + 2), tip], [(tip[0] + 16, y + cut.front * 0.5), (x + 17, y + 10)]), -4.5
        )
        canvas.stitches((edge[2:] * np.array([side, 1])).astype(np.float32), thread)


def collar_back(canvas: Canvas, cut: Cut, cloth: Cloth, stand: float = 16) -> None:
    """Lay the inside of a collar's stand behind the neck."""
    x, y = cut.neck
    right = path(
        [(0, y - stand + 4), (x * 0.5, y - stand + 1), (x * 0.84, y - stand)],
        [(x * 0.9, y + 12), (x * 0.5, y + cut.back + 14), (0, y + cut.back + 17)],
    )
    ring = np.concatenate([right, flipped(right)[::-1]])
    canvas.panel(ring, cloth, thick=1.4, round_=5, shadow=0.3, dim=0.66)


def pocket(
    canvas: Canvas, corners: list[Point], cloth: Cloth, thread: Colour, button: Colour | None
) -> None:
    """Sew on a pocket's flap or bag, double-stitched, on both sides."""
    for side in SIDES:
        ring = path(*[[p] if i else [p, p] for i, p in enumerate([*corners, corners[0]])])
        line: Floats = (ring * np.array([side, 1])).astype(np.float32)
        canvas.panel(line, cloth, thick=1.8, round_=4, shadow=0.4)
        middle = line.mean(0)
        for share in (0.93, 0.86):
            canvas.stitches(((line - middle) * share + middle).astype(np.float32), thread)
        if button is not None:
            low = line[line[:, 1] > line[:, 1].max() - 9].mean(0)
            canvas.button(float(low[0]), float(low[1]) - 9, 4.6, button, metal=True)
