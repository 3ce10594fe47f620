"""The tops that ship with livedraft."""

from __future__ import annotations

import numpy as np

from .canvas import Canvas
from .cloths import Stripes, heather, jersey, ribbed, satin, twill
from .jackets import collar, collar_back, placket, pocket
from .paths import path
from .tops import (
    SIDES,
    Cut,
    body,
    cuff,
    hem_seam,
    inside_back,
    neck_rib,
    sleeves,
    waistband,
)


def tee() -> Canvas:
    """A crew-neck T-shirt of terracotta jersey."""
    canvas, cut = Canvas(768, 768, 11), Cut()
    colour = (186, 92, 66)
    cloth = jersey(colour)
    inside_back(canvas, cut, cloth, (236, 232, 224))
    sleeves(canvas, cut, (cloth, cloth))
    body(canvas, cut, cloth)
    neck_rib(canvas, cut, ribbed(colour, period=6))
    hem_seam(canvas, cut, (160, 76, 54))
    return canvas


def breton() -> Canvas:
    """A striped long-sleeved top of cream jersey."""
    cut = Cut(
        neck=(92, 70),
        front=40,
        shoulder=(182, 102),
        pit=(170, 270),
        hem=(176, 650),
        cuff_out=(352, 640),
        cuff_in=(296, 662),
    )
    canvas = Canvas(768, 768, 21)
    cream, navy = (236, 229, 212), (38, 48, 78)
    cloth = jersey(cream, 0.03)
    inside_back(canvas, cut, cloth, navy)
    arm = np.subtract(cut.cuff_out, cut.shoulder)
    striped = tuple(
        Stripes(navy, 25, 9.5, (arm[0] * side, arm[1]), 215, 640).on(cloth) for side in SIDES
    )
    sleeves(canvas, cut, (striped[0], striped[1]), creased=0.9)
    body(canvas, cut, Stripes(navy, 25, 9.5, start=188, end=628).on(cloth, 5))
    neck_rib(canvas, cut, jersey(cream), 11)
    hem_seam(canvas, cut, (214, 206, 188))
    return canvas


def sweatshirt() -> Canvas:
    """A sweatshirt of mottled grey fleece, with ribbed cuffs."""
    cut = Cut(
        neck=(76, 66),
        front=46,
        back=10,
        shoulder=(192, 108),
        pit=(182, 292),
        hem=(190, 640),
        cuff_out=(346, 610),
        cuff_in=(274, 640),
    )
    canvas = Canvas(768, 768, 31)
    grey = (158, 160, 164)
    cloth = heather(grey)
    inside_back(canvas, cut, cloth, (60, 62, 66))
    arm = np.subtract(cut.cuff_out, cut.shoulder)
    sleeves(canvas, cut, (cloth, cloth), creased=1.35)
    for side in SIDES:
        cuff(canvas, cut, side, ribbed((150, 152, 156), (arm[0] * side, arm[1])), 52)
    body(canvas, cut, cloth, gathered=1.2)
    waistband(canvas, cut, ribbed((150, 152, 156)), 48)
    neck_rib(canvas, cut, ribbed((150, 152, 156), period=6), 20)
    return canvas


def blouse() -> Canvas:
    """A V-necked blouse of ivory satin, with buttoned cuffs."""
    cut = Cut(
        neck=(84, 74),
        front=150,
        back=8,
        scoop=0.12,
        shoulder=(180, 108),
        pit=(174, 288),
        hem=(196, 668),
        hem_sag=22,
        cuff_out=(352, 602),
        cuff_in=(268, 634),
    )
    canvas = Canvas(768, 768, 41)
    ivory = (232, 221, 204)
    cloth = satin(ivory)
    inside_back(canvas, cut, cloth, (196, 180, 152))
    arm = np.subtract(cut.cuff_out, cut.shoulder)
    sleeves(canvas, cut, (cloth, cloth), creased=1.7)
    for side in SIDES:
        cuff(canvas, cut, side, cloth, 44, thick=2.2)
        at = (np.array(cut.cuff_out) * 0.3 + np.array(cut.cuff_in) * 0.7) + arm / np.hypot(
            *arm
        ) * 22
        canvas.button(float(at[0]) * side, float(at[1]), 5, (244, 238, 226))
    body(canvas, cut, cloth, gathered=1.5, gloss=0.16)
    placket(canvas, cut, cloth, (214, 202, 184), 11)
    for y in np.linspace(250, 640, 6):
        canvas.button(0, float(y), 5.4, (246, 241, 230))
    neck_rib(canvas, cut, cloth, 9)
    return canvas


def denim_jacket() -> Canvas:
    """A trucker jacket of washed indigo denim, with copper buttons and ochre stitches."""
    cut = Cut(
        neck=(80, 84),
        front=74,
        back=8,
        scoop=0.45,
        shoulder=(196, 124),
        pit=(186, 308),
        hem=(186, 628),
        hem_sag=4,
        cuff_out=(352, 612),
        cuff_in=(272, 640),
    )
    canvas = Canvas(768, 768, 51)
    indigo, ochre, copper = (84, 106, 138), (206, 152, 84), (172, 110, 70)
    cloth, dark = twill(indigo, worn=1.0), twill((74, 96, 128), worn=0.8)
    inside_back(canvas, cut, twill((92, 118, 152), worn=0.6), (120, 70, 44))
    collar_back(canvas, cut, dark)
    sleeves(canvas, cut, (cloth, cloth), creased=1.5)
    for side in SIDES:
        cuff(canvas, cut, side, dark, 40, thick=3)
        at = np.array(cut.cuff_out) * 0.35 + np.array(cut.cuff_in) * 0.65 + [6, 22]
        canvas.button(float(at[0]) * side, float(at[1]), 5.5, copper, metal=True)
    body(canvas, cut, cloth, gathered=1.1)
    yoke = path([(14, 262), (cut.pit[0] - 8, 240)])
    for side in np.array([[-1, 1], [1, 1]], np.float32):
        canvas.seam(yoke * side)
        canvas.stitches(yoke * side + np.array([0, 5], np.float32), ochre)
        for low in (34.0, 104.0):
            dart = path([(84 if low == 34 else 132, 262), (low + 30, cut.hem[1] - 2)])
            canvas.seam(dart * side)
            canvas.stitches(dart * side + np.array([4, 0], np.float32), ochre)
            canvas.stitches(dart * side + np.array([7.5, 0], np.float32), ochre)
        hole = cut.armhole() * side
        canvas.stitches(hole - np.array([7, 0], np.float32) * side, ochre)
        fade = path([(60, 330), (150, 330)], [(150, 560)], [(60, 560)], [(60, 330)]) * side
        canvas.shade(fade.astype(np.float32), -0.16, 30)
    flap = [(62.0, 250.0), (148.0, 241.0), (150.0, 272.0), (106.0, 292.0), (62.0, 278.0)]
    pocket(canvas, flap, dark, ochre, copper)
    placket(canvas, cut, cloth, ochre, 15)
    waistband(canvas, cut, dark, 34, inset=3)
    for y in (198, 290, 382, 474, 566, 644):
        canvas.button(0, y, 6.6, copper, metal=True)
    collar(canvas, cut, dark, ochre, (84, 208))
    return canvas
