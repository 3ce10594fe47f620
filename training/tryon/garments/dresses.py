"""The dresses that ship with livedraft."""

from __future__ import annotations

from .canvas import Canvas
from .cloths import flowers, satin
from .lowers import (
    skirt,
    waistband,
)
from .paths import path
from .tops import (
    Cut,
    body,
    inside_back,
    neck_rib,
    sleeves,
)


def summer_dress() -> Canvas:
    """A sleeveless dress of navy viscose with a print of small flowers."""
    cut = Cut(
        neck=(62, 44),
        front=86,
        back=10,
        scoop=0.7,
        shoulder=(98, 50),
        pit=(124, 172),
        hem=(104, 300),
        hem_sag=4,
    )
    canvas = Canvas(576, 768, 91)
    navy = (44, 54, 88)
    cloth = flowers(
        satin(navy), [(226, 150, 140), (238, 222, 204), (214, 108, 98)], (112, 146, 118), 34
    )
    inside_back(canvas, cut, satin((52, 62, 98)), (232, 226, 214))
    skirt(canvas, (103, 296), (150, 420), (236, 706), 24, cloth, cones=9, high=4.6)
    body(canvas, cut, cloth, gathered=0.75)
    seam = path([(-104, 300), (0, 304), (104, 300)])
    canvas.seam(seam, deep=1.3)
    neck_rib(canvas, cut, satin((228, 216, 198)), 7)
    return canvas


def wrap_dress() -> Canvas:
    """A short-sleeved wrap dress of wine-red crêpe."""
    cut = Cut(
        neck=(66, 50),
        front=138,
        back=8,
        scoop=0.1,
        shoulder=(136, 72),
        pit=(122, 196),
        hem=(100, 318),
        hem_sag=2,
        cuff_out=(216, 226),
        cuff_in=(158, 258),
    )
    canvas = Canvas(576, 768, 101)
    wine = (126, 34, 52)
    cloth = satin(wine)
    inside_back(canvas, cut, cloth, (222, 206, 190))
    sleeves(canvas, cut, (cloth, cloth), creased=1.1)
    skirt(canvas, (99, 314), (146, 430), (206, 704), 22, cloth, cones=7, high=3.6, gloss=0.05)
    body(canvas, cut, cloth, gathered=1.0, gloss=0.06)
    edge = path([(0, 188), (-44, 240), (-92, 316)])
    canvas.seam(edge, deep=1.2)
    canvas.seam(path([(-70, 318), (-20, 480), (30, 724)]), deep=1.2, wide=1.8)
    waistband(canvas, (99.0, 302.0), cloth, 24, 2)
    neck_rib(canvas, cut, cloth, 8)
    return canvas
