"""Trousers and skirts, sewn from their patterns: waistband, seat, legs, pockets and pleats."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .canvas import Canvas
from .cloths import Cloth, Colour, satin
from .folds import drape, fan, flare, fold
from .paths import Floats, Point, both_sides, flipped, path

SIDES = (-1.0, 1.0)


@dataclass(frozen=True)
class Legs:
    """A pair of trousers' pattern, its right half, px at 768; x from the middle."""

    waist: Point = (106, 56)
    hip: Point = (136, 190)
    crotch: Point = (0, 262)
    knee: tuple[float, float, float] = (140, 48, 470)  # outer x, inner x, y
    hem_out: Point = (138, 716)
    hem_in: Point = (54, 720)

    def right(self) -> Floats:
        """Return the right half's outline, from the waist's middle round to the crotch."""
        outer, inner, y = self.knee
        return path(
            [(0, self.waist[1] + 7), (self.waist[0] * 0.5, self.waist[1] + 5), self.waist],
            [(self.hip[0] - 6, self.hip[1] - 60), self.hip, (outer, y), self.hem_out],
            [self.hem_in],
            [(inner, y), (22, self.crotch[1] + 60), (6, self.crotch[1] + 12), self.crotch],
        )


def inside_waist(canvas: Canvas, waist: Point, cloth: Cloth, label: Colour) -> None:
    """Lay the inside of the back's waistband, seen above the front's."""
    x, y = waist
    right = path([(0, y - 5), (x * 0.6, y - 4), (x - 1, y)], [(x - 6, y + 24), (0, y + 30)])
    canvas.panel(both_sides(right), cloth, thick=1.2, round_=4, shadow=0, dim=0.55)
    tag = path([(-15, y - 1), (15, y - 1)], [(15, y + 7)], [(-15, y + 7)], [(-15, y - 1)])
    canvas.panel(tag, satin(label), thick=0.4, round_=1, shadow=0.2, dim=0.8)


def legs(canvas: Canvas, cut: Legs, cloth: Cloth, *, gathered: float = 1.0) -> Floats:
    """Sew both legs as one front, with folds at the crotch and over the knees."""
    mask = canvas.panel(both_sides(cut.right()), cloth, thick=3.4, round_=20, stiff=True)
    drape(canvas, mask, wide=17, high=0.55 * gathered)
    for side in SIDES:
        crotch = cut.crotch[0] + 4 * side, cut.crotch[1] - 6
        fan(
            canvas,
            crotch,
            (side, -0.28),
            mask,
            count=4,
            length=118,
            wide=6.5,
            high=1.7 * gathered,
            spread=26,
        )
        fan(
            canvas,
            crotch,
            (side * 0.34, 1),
            mask,
            count=2,
            length=180,
            wide=9,
            high=1.1 * gathered,
            spread=10,
        )
        outer, inner, y = cut.knee
        for share in np.linspace(-70, 90, 6):
            row = y + share + canvas.random.uniform(-10, 10)
            near = canvas.random.uniform(0.35, 0.7)
            fold(
                canvas,
                (inner * side, row),
                ((inner + (outer - inner) * near) * side, row - 22),
                mask,
                wide=canvas.random.uniform(6, 10),
                high=canvas.random.uniform(0.7, 1.4) * gathered,
                bend=canvas.random.uniform(-4, 7),
            )
        for _ in range(3):
            row = cut.hem_out[1] - canvas.random.uniform(24, 84)
            fold(
                canvas,
                (cut.hem_out[0] * side, row),
                (cut.hem_in[0] * side, row - 16),
                mask,
                wide=7,
                high=canvas.random.uniform(0.8, 1.5) * gathered,
                bend=6,
            )
    centre = path([(0, cut.waist[1] + 8), (0.5, cut.crotch[1])])
    canvas.seam(centre, deep=1.0)
    return mask


def waistband(canvas: Canvas, waist: Point, cloth: Cloth, deep: float, slope: float) -> None:
    """Sew a waistband of a depth to the top; `slope` is how much wider it is below, px."""
    x, y = waist
    right = path(
        [(0, y + 7), (x * 0.5, y + 5), (x + 0.5, y)],
        [(x + slope, y + deep)],
        [(x * 0.5, y + deep + 6), (0, y + deep + 8)],
    )
    canvas.panel(both_sides(right), cloth, thick=2.4, round_=5, shadow=0.3)
    low = path([(x + slope, y + deep), (x * 0.5, y + deep + 6), (0, y + deep + 8)])
    canvas.seam(np.concatenate([low, flipped(low)[::-1][1:]]), deep=0.6)


def belt_loops(canvas: Canvas, waist: Point, cloth: Cloth, deep: float) -> None:
    """Sew belt loops over the waistband."""
    for side in SIDES:
        for x in (waist[0] * 0.42, waist[0] * 0.86):
            top, low = waist[1] + 3, waist[1] + deep + 9
            loop = path(
                [(x - 4, top), (x + 4, top)], [(x + 4, low)], [(x - 4, low)], [(x - 4, top)]
            )
            canvas.panel(
                (loop * [side, 1]).astype(np.float32), cloth, thick=1.6, round_=3, shadow=0.4
            )


def fly(canvas: Canvas, cut: Legs, thread: Colour, deep: float) -> None:
    """Stitch the fly's curve beside the middle."""
    top = cut.waist[1] + deep + 8
    for off in (0.0, 4.0):
        line = path(
            [(26 - off, top), (25 - off, top + 66), (14 - off, top + 96), (1, top + 112 - off)]
        )
        canvas.stitches(line, thread)


def slant_pockets(canvas: Canvas, cut: Legs, thread: Colour, deep: float, *, round_: bool) -> None:
    """Cut pockets into both hips: round ones as of jeans, or slanted ones."""
    top = cut.waist[1] + deep + 4
    if round_:
        line = path([(56, top), (62, top + 30), (88, top + 50), (cut.hip[0] - 12, top + 54)])
    else:
        line = path([(72, top), (cut.hip[0] - 8, top + 92)])
    for side in np.array([[-1, 1], [1, 1]], np.float32):
        canvas.seam(line * side, deep=1.2)
        for off in (3.5, 7.0):
            canvas.stitches(
                (line + np.array([-off * 0.5, off * 0.8])).astype(np.float32) * side, thread
            )


def turned_hems(canvas: Canvas, cut: Legs, thread: Colour, up: float = 16) -> None:
    """Turn up both legs' hems."""
    for side in np.array([[-1, 1], [1, 1]], np.float32):
        line = path([(cut.hem_out[0], cut.hem_out[1] - up), (cut.hem_in[0], cut.hem_in[1] - up)])
        canvas.seam(line * side, deep=0.6)
        canvas.stitches(line * side + np.array([0, -2.5], np.float32), thread)


def skirt(
    canvas: Canvas,
    waist: Point,
    hip: Point,
    hem: Point,
    sag: float,
    cloth: Cloth,
    *,
    cones: int,
    high: float,
    sharp: float = 1.0,
    gloss: float = 0.0,
) -> Floats:
    """Sew a skirt that falls in cones, or in pleats where `sharp` is above 1."""
    right = path(
        [(0, waist[1] + 7), (waist[0] * 0.5, waist[1] + 5), waist],
        [hip, hem],
        [(hem[0] * 0.55, hem[1] + sag * 0.75), (0, hem[1] + sag)],
    )
    mask = canvas.panel(both_sides(right), cloth, thick=3, round_=14, gloss=gloss, stiff=True)
    flare(
        canvas,
        mask,
        waist[1] + 14,
        hem[1],
        count=cones,
        high=high,
        half=(waist[0], hem[0]),
        sharp=sharp,
    )
    drape(canvas, mask, wide=20, high=0.35)
    return mask
