"""The trousers and the skirt that ship with livedraft."""

from __future__ import annotations

import numpy as np

from .canvas import Canvas
from .cloths import twill
from .lowers import (
    Legs,
    belt_loops,
    fly,
    inside_waist,
    legs,
    skirt,
    slant_pockets,
    turned_hems,
    waistband,
)
from .paths import path


def jeans() -> Canvas:
    """Straight jeans of washed denim, with ochre stitches."""
    cut = Legs(knee=(139, 36, 470), hem_in=(46, 720))
    canvas = Canvas(512, 768, 61)
    indigo, ochre, copper = (64, 82, 112), (206, 152, 84), (172, 110, 70)
    cloth = twill(indigo, worn=1.0)
    inside_waist(canvas, cut.waist, twill((96, 118, 150), worn=0.5), (120, 70, 44))
    legs(canvas, cut, cloth, gathered=1.3)
    for side in np.array([[-1, 1], [1, 1]], np.float32):
        fade = path([(66, 250), (118, 250)], [(116, 430)], [(70, 430)], [(66, 250)]) * side
        canvas.shade(fade.astype(np.float32), -0.20, 26)
        canvas.seam(path([(cut.hip[0] - 1, 200), (137, 470), (135, 714)]) * side, deep=0.7)
    waistband(canvas, cut.waist, cloth, 24, 5)
    belt_loops(canvas, cut.waist, cloth, 24)
    slant_pockets(canvas, cut, ochre, 24, round_=True)
    fly(canvas, cut, ochre, 24)
    turned_hems(canvas, cut, ochre)
    canvas.button(0, cut.waist[1] + 19, 6.4, copper, metal=True)
    return canvas


def chinos() -> Canvas:
    """Tapered trousers of sand-coloured twill."""
    cut = Legs(
        waist=(104, 56), hip=(140, 196), knee=(130, 40, 470), hem_out=(112, 712), hem_in=(44, 716)
    )
    canvas = Canvas(512, 768, 71)
    sand, thread = (196, 172, 134), (178, 154, 116)
    cloth = twill(sand, 4.4, 0.03)
    inside_waist(canvas, cut.waist, twill((206, 196, 176), 4.4, 0.02), (60, 66, 78))
    legs(canvas, cut, cloth, gathered=1.15)
    for side in np.array([[-1, 1], [1, 1]], np.float32):
        canvas.seam(path([(66, 110), (84, 300), (84, 700)]) * side, deep=-0.45, wide=2.4)
    waistband(canvas, cut.waist, cloth, 24, 5)
    belt_loops(canvas, cut.waist, cloth, 24)
    slant_pockets(canvas, cut, thread, 24, round_=False)
    fly(canvas, cut, thread, 24)
    turned_hems(canvas, cut, thread, 20)
    canvas.button(0, cut.waist[1] + 19, 5.6, (112, 88, 62))
    return canvas


def pleated_skirt() -> Canvas:
    """A knee-length skirt of forest-green twill, pleated."""
    canvas = Canvas(640, 640, 81)
    green = (44, 84, 70)
    cloth = twill(green, 4.0, 0.03)
    waist = (112.0, 62.0)
    inside_waist(canvas, waist, cloth, (196, 178, 130))
    skirt(canvas, waist, (172, 210), (262, 566), 26, cloth, cones=11, high=5.0, sharp=2.2)
    waistband(canvas, waist, cloth, 34, 9)
    return canvas
