"""Tops, sewn from their patterns: body, sleeves, collar, ribs and what is stitched on."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .canvas import Canvas
from .cloths import Cloth, Colour, satin
from .folds import drape, fan, fold
from .paths import Floats, Point, both_sides, flipped, path

SIDES = (-1.0, 1.0)


@dataclass(frozen=True)
class Cut:
    """A top's pattern, its right half, px at 768; x from the middle."""

    neck: Point = (80, 66)
    front: float = 58  # how deep the neckline is, below the neck's corners
    back: float = 14
    scoop: float = 0.9  # 1 a round neckline, .3 a V
    shoulder: Point = (186, 104)
    pit: Point = (176, 276)
    hem: Point = (182, 690)
    hem_sag: float = 6
    cuff_out: Point = (328, 276)
    cuff_in: Point = (262, 330)

    def neckline(self, wider: float = 0.0) -> Floats:
        """Return the front's neckline from its lowest place to the right corner."""
        x, deep = self.neck[0] + wider, self.front + wider * 0.9
        u = np.sin(np.linspace(0, np.pi / 2, 40))
        fall = self.scoop * np.sqrt(1 - u * u) + (1 - self.scoop) * (1 - u)
        return np.stack([x * u, self.neck[1] + deep * fall], -1).astype(np.float32)

    def armhole(self) -> Floats:
        """Return the line where the right sleeve is sewn on, from shoulder to armpit."""
        (x, y), (u, v) = self.shoulder, self.pit
        return path([(x, y), (min(x, u) - 5, y + 0.5 * (v - y)), (u, v)])

    def body(self) -> Floats:
        """Return the front's outline."""
        right = np.concatenate(
            [
                self.neckline(),
                path([self.neck, self.shoulder])[1:],
                self.armhole()[1:],
                path(
                    [
                        self.pit,
                        (self.pit[0] - 4, 0.5 * (self.pit[1] + self.hem[1])),
                        self.hem,
                    ],
                    [
                        (self.hem[0] * 0.5, self.hem[1] + self.hem_sag * 0.8),
                        (0, self.hem[1] + self.hem_sag),
                    ],
                )[1:],
            ]
        )
        return both_sides(right)

    def sleeve(self) -> Floats:
        """Return the right sleeve's outline; it goes on a little below the body."""
        shoulder, pit, out, inner = (
            np.array(p) for p in (self.shoulder, self.pit, self.cuff_out, self.cuff_in)
        )
        upper = shoulder + 0.5 * (out - shoulder) + np.array([6, -9]) * self._long()
        lower = pit + 0.5 * (inner - pit) + np.array([3, -5]) * self._long()
        end = (out + inner) / 2 + 0.02 * (out - shoulder)
        return path(
            [self.shoulder, _at(upper), self.cuff_out],
            [_at(end), self.cuff_in],
            [_at(lower), self.pit],
            [(self.pit[0] - 26, self.pit[1] + 6)],
            [(self.shoulder[0] - 26, self.shoulder[1] + 8)],
            [self.shoulder],
        )

    def _long(self) -> float:
        return float(np.hypot(*np.subtract(self.cuff_out, self.shoulder))) / 220


def _at(point: Floats) -> Point:
    return float(point[0]), float(point[1])


def inside_back(canvas: Canvas, cut: Cut, cloth: Cloth, label: Colour | None) -> None:
    """Lay the inside of the back, seen in the neck's opening, in the front's shade."""
    x, y = cut.neck
    right = path(
        [(0, y + cut.back), (x * 0.6, y + cut.back * 0.72), (x, y)],
        [(x + 12, y + 30), (x * 0.9, y + cut.front + 34), (0, y + cut.front + 40)],
    )
    mask = canvas.panel(both_sides(right), cloth, thick=0.6, dim=0.52, shadow=0)
    drape(canvas, mask, wide=16, high=0.5)
    band = path([(0, y + cut.back + 15), (x * 0.6, y + cut.back * 0.72 + 14), (x + 4, y + 13)])
    canvas.seam(np.concatenate([flipped(band)[::-1], band[1:]]), deep=0.7)
    if label is not None and cut.front > 44:
        top = y + cut.back + 17
        tag = path([(-17, top), (17, top)], [(17, top + 13)], [(-17, top + 13)], [(-17, top)])
        canvas.panel(tag, satin(label), thick=0.5, round_=1.0, shadow=0.25, dim=0.8)


def sleeves(canvas: Canvas, cut: Cut, cloth: tuple[Cloth, Cloth], *, creased: float = 1.0) -> None:
    """Sew both sleeves, with folds that run from the armpit and over the elbow."""
    long = float(np.hypot(*np.subtract(cut.cuff_out, cut.shoulder)))
    for side, weave in zip(SIDES, cloth, strict=True):
        outline = cut.sleeve() * [side, 1]
        mask = canvas.panel(outline.astype(np.float32), weave, thick=3.2, round_=15, shadow=0.28)
        lean = -side * float(np.degrees(np.arctan2(cut.cuff_out[0] - 190, long)))
        drape(canvas, mask, wide=15, high=0.9 * creased, lean=lean)
        pit = cut.pit[0] * side, cut.pit[1]
        away = (cut.cuff_out[0] - cut.pit[0]) * side, cut.cuff_out[1] - cut.pit[1] - 40
        fan(canvas, pit, away, mask, count=4, length=long * 0.55, wide=7, high=2.2 * creased)
        if long > 300:
            for share in (0.42, 0.5, 0.58, 0.68, 0.8, 0.87):
                _across(
                    canvas, cut, mask, side, share + canvas.random.uniform(-0.03, 0.03), creased
                )


def _across(
    canvas: Canvas, cut: Cut, mask: Floats, side: float, share: float, creased: float
) -> None:
    """Raise a fold across a long sleeve, where the arm bends and above the cuff."""
    outer = np.array(cut.shoulder) * (1 - share) + np.array(cut.cuff_out) * share
    inner = np.array(cut.pit) * (1 - share) + np.array(cut.cuff_in) * share
    start, end = inner * 0.98 + outer * 0.02, outer * 0.8 + inner * 0.2
    end[1] += canvas.random.uniform(-24, 8)
    fold(
        canvas,
        (start[0] * side, start[1]),
        (end[0] * side, end[1]),
        mask,
        wide=canvas.random.uniform(5, 9),
        high=creased * canvas.random.uniform(1.2, 2.4),
        bend=canvas.random.uniform(-5, 8),
    )


def body(
    canvas: Canvas, cut: Cut, cloth: Cloth, *, gathered: float = 1.0, gloss: float = 0.0
) -> Floats:
    """Sew the front, with folds from the armpits and long waves to the hem."""
    mask = canvas.panel(
        cut.body(), cloth, thick=3.0, round_=18, shadow=0.22, gloss=gloss, stiff=True
    )
    drape(canvas, mask, wide=24, high=0.9 * gathered)
    drape(canvas, mask, wide=11, high=0.28 * gathered)
    for side in SIDES:
        pit = cut.pit[0] * side, cut.pit[1]
        fan(canvas, pit, (-side, 0.75), mask, count=4, length=150, wide=8, high=2.0 * gathered)
        fan(
            canvas,
            pit,
            (-side * 0.25, 1),
            mask,
            count=2,
            length=190,
            wide=9,
            high=1.6 * gathered,
            spread=14,
        )
        for _ in range(3):
            x = side * canvas.random.uniform(30, cut.hem[0] - 24)
            top = cut.hem[1] - canvas.random.uniform(90, 230)
            fold(
                canvas,
                (x, cut.hem[1] - 4),
                (x * 0.9, top),
                mask,
                wide=canvas.random.uniform(9, 15),
                high=1.5 * gathered,
                bend=canvas.random.uniform(-12, 12),
            )
        canvas.seam(cut.armhole() * np.array([side, 1], np.float32), deep=0.9)
    return mask


def neck_rib(canvas: Canvas, cut: Cut, rib: Cloth, width: float = 15) -> None:
    """Sew a ribbed band to the front's neckline."""
    inner, outer = cut.neckline(), cut.neckline(width)
    right = np.concatenate([inner, outer[::-1]])
    for side in SIDES:
        half = (right * np.array([side, 1])).astype(np.float32)
        canvas.panel(half, rib, thick=1.5, round_=5, shadow=0.12)
    whole = np.concatenate([flipped(outer)[::-1], outer[1:]])
    canvas.seam(whole, deep=0.8)


def hem_seam(canvas: Canvas, cut: Cut, thread: Colour, up: float = 15) -> None:
    """Turn up the hems of body and sleeves, with two rows of stitches."""
    for off in (up, up - 3.5):
        x = cut.hem[0] - 2
        line = path(
            [(-x, cut.hem[1] - off), (0, cut.hem[1] + cut.hem_sag - off), (x, cut.hem[1] - off)]
        )
        if off == up:
            canvas.seam(line, deep=0.55)
        canvas.stitches(line, thread, dash=2.2, gap=1.2)
    back = np.array(cut.shoulder) - np.array(cut.cuff_out)
    back = back / np.hypot(*back) * (up - 2)
    for side in SIDES:
        ends = np.array([cut.cuff_out, cut.cuff_in]) + back
        line = (ends * [side, 1]).astype(np.float32)
        canvas.seam(line, deep=0.5)
        canvas.stitches(line, thread, dash=2.2, gap=1.2)


def cuff(
    canvas: Canvas, cut: Cut, side: float, cloth: Cloth, length: float, *, thick: float = 2.6
) -> Floats:
    """Sew a cuff to a sleeve's end, a little narrower than it, and return its mask."""
    out, inner = np.array(cut.cuff_out), np.array(cut.cuff_in)
    along = (out + inner) / 2 - (np.array(cut.shoulder) + np.array(cut.pit)) / 2
    along = along / np.hypot(*along)
    middle = (out + inner) / 2

    def narrowed(point: Floats, share: float) -> Floats:
        return np.asarray(middle + (point - middle) * share)

    ring = np.array(
        [
            narrowed(out, 0.98) - along * 4,
            narrowed(out, 0.86) + along * length * 0.3,
            narrowed(out, 0.84) + along * length,
            narrowed(inner, 0.84) + along * length,
            narrowed(inner, 0.86) + along * length * 0.3,
            narrowed(inner, 0.98) - along * 4,
        ]
    )
    line = (ring * [side, 1]).astype(np.float32)
    mask = canvas.panel(line, cloth, thick=thick, round_=6, shadow=0.3)
    canvas.seam(line[[0, 5]], deep=0.9)
    return mask


def waistband(canvas: Canvas, cut: Cut, cloth: Cloth, length: float, inset: float = 6) -> Floats:
    """Sew a band below the hem, drawn in by `inset` px, and return its mask."""
    x, y = cut.hem
    right = path(
        [(0, y + cut.hem_sag - 6), (x * 0.6, y + cut.hem_sag * 0.7 - 6), (x - 1, y - 7)],
        [(x - inset, y + length * 0.35), (x - inset, y + length)],
        [(x * 0.6, y + length + cut.hem_sag * 0.7), (0, y + length + cut.hem_sag)],
    )
    mask = canvas.panel(both_sides(right), cloth, thick=2.8, round_=7, shadow=0.3)
    top = right[: len(path([(0, 0), (1, 1), (2, 2)]))]
    canvas.seam(np.concatenate([flipped(top)[::-1], top[1:]]), deep=0.8)
    return mask
