"""A drawn mouth: lips, teeth and tongue in the hand that drew the rest."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..expression import Mouth
from .drawing import Drawing, MouthDrawing
from .pen import Box, Colour, Line, Pen, inked, ramp

_DARK: Colour = (74, 22, 34)
_TEETH: Colour = (255, 252, 247)
_TONGUE: Colour = (219, 98, 108)
_SEAM: Colour = (150, 128, 128)  # between teeth
_U: NDArray[np.float64] = np.linspace(-1, 1, 41)  # from corner to corner
_AROUND = (1.5, 1.35, 2.1)  # half widths of the mouth that are kept beside, above and below it
_GAP = 1.3  # half widths that wide open lips are apart


def mouth_box(mouth: MouthDrawing) -> Box:
    """Return the patch that a mouth is drawn in, whatever it says."""
    half = mouth.width / 2
    side, above, below = (round(part * half + 4) for part in _AROUND)
    x, y = round(mouth.x), round(mouth.y)
    return Box(max(x - side, 0), max(y - above, 0), min(x + side, 512), min(y + below, 512))


@dataclass(frozen=True, slots=True)
class _Lips:
    """Lips at one moment, in half widths of the mouth at rest: x to its right, y down."""

    half: float  # half of how wide it is now
    gap: float  # between them, at the middle
    upper: NDArray[np.float64]  # y, where u is _U
    lower: NDArray[np.float64]
    full: NDArray[np.float64]  # 0 at the corners, 1 in the middle


def _lips(mouth: MouthDrawing, controls: Mouth) -> _Lips:
    opened, wide, pucker, tuck, _, press = (float(value) for value in controls)
    half = 1 + 0.2 * wide - 0.5 * pucker - 0.08 * opened - 0.05 * press
    gap = _GAP * opened * (1 + 0.25 * pucker) + 0.2 * tuck
    calm = (1 - 0.8 * pucker) * (1 - 0.75 * ramp(opened, 0.2, 1)) * (1 - 0.85 * press)
    calm *= 1 - 0.5 * tuck
    smile = (mouth.smile + 0.12 * max(wide, 0)) * calm
    middle = smile * (0.5 - _U**2)
    round_ = max(pucker, 0.55 * opened)
    full = (1 - np.abs(_U) ** 2.3) ** (0.85 - 0.35 * round_)
    above = 0.32 + 0.26 * tuck
    return _Lips(half, gap, middle - above * gap * full, middle + (1 - above) * gap * full, full)


def draw_mouth(pen: Pen, drawing: Drawing, controls: Mouth, box: Box) -> None:
    """Draw a mouth as (6,) controls say; see ``visemes.CONTROLS``."""
    _Drawn(pen, drawing, controls, box).draw()


class _Drawn:
    """One mouth being drawn."""

    def __init__(self, pen: Pen, drawing: Drawing, controls: Mouth, box: Box) -> None:
        self._pen = pen
        self._box = box
        self._mouth = drawing.mouth
        self._line = drawing.line
        self._controls = controls
        self._lips = _lips(self._mouth, controls)

    def draw(self) -> None:
        """Lay lips, what is between them, and the lines, one over the other."""
        lips = self._lips
        if self._mouth.lips is not None:
            self._paint_lips(self._mouth.lips)
        if lips.gap > 0.01:
            self._pen.inside(self._between(lips.upper, lips.lower), self._inside())
        self._ink_lower()
        self._draw_tip()
        self._ink_upper()
        self._draw_marks()

    def _at(self, x: NDArray[np.float64], y: NDArray[np.float64]) -> Line:
        """Return points of the mouth, in half widths, as px of a frame."""
        mouth = self._mouth
        unit = mouth.width / 2
        cos, sin = np.cos(mouth.slant), np.sin(mouth.slant)
        right, down = x * unit, y * unit
        return np.stack(
            [mouth.x + right * cos - down * sin, mouth.y + right * sin + down * cos], axis=-1
        )

    def _across(self, u: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the x of u in -1..1: the middle lies off to where the face is turned."""
        return self._lips.half * (u + 0.16 * self._mouth.turn * (1 - u**2))

    def _curve(self, y: NDArray[np.float64]) -> Line:
        return self._at(self._across(_U), y)

    def _between(self, upper: NDArray[np.float64], lower: NDArray[np.float64]) -> Line:
        return np.concatenate([self._curve(upper), self._curve(lower)[::-1]])

    def _paint_lips(self, colour: Colour) -> None:
        _, _, pucker, tuck, _, press = (float(value) for value in self._controls)
        lips = self._lips
        thick = 0.26 * (1 - 0.55 * press) * (1 + 0.25 * pucker)
        bow = 1 - 0.35 * np.exp(-((_U / 0.22) ** 2)) * (1 - pucker)
        taper = (1 - np.abs(_U) ** 2.2) ** 0.8
        upper = lips.upper - thick * 0.85 * bow * taper
        lower = lips.lower + thick * (1.1 - 0.8 * tuck) * taper
        self._pen.fill(self._between(upper, lower), colour)

    def _inside(self) -> Pen:
        """Return what is seen between the lips, drawn on a patch of its own."""
        opened, wide, pucker, tuck, tongue, _ = (float(value) for value in self._controls)
        lips = self._lips
        inside = Pen(np.empty_like(self._pen.pixels), self._box)
        inside.pixels[:] = _DARK
        raised = ramp(tongue, 0.5, 0.72)  # to the teeth (n), where it else lies lower (d)
        self._draw_tongue(inside, lips.gap * (0.2 + 0.5 * min(tongue, 0.5) + 0.5 * raised))
        # Teeth shut behind spread lips (s) or lips pushed forward (sh); the upper ones alone under
        # which the lower lip is tucked (f); else their edges.
        spread = ramp(wide, 0.2, 0.33) * ramp(opened, 0.27, 0.18)
        shut = max(
            spread, ramp(pucker, 0.5, 0.58) * ramp(pucker, 0.8, 0.66) * ramp(opened, 0.5, 0.3)
        )
        edge = min(0.4 * lips.gap, 0.24) * (1 - 0.8 * ramp(pucker, 0.1, 0.6))
        edge *= 1 - 0.5 * raised
        upper = edge + (max(0.5 * shut, tuck) * lips.gap - edge) * max(shut, tuck)
        lower = max(0.18 * ramp(wide, 0.3, 0.45) * lips.gap, 0.5 * shut * lips.gap)
        body = lips.full**0.4
        if upper > 0.005:
            inside.fill(self._between(lips.upper - 0.2, lips.upper + upper * body), _TEETH)
        if lower > 0.005:
            inside.fill(self._between(lips.lower - lower * body, lips.lower + 0.2), _TEETH)
        # Lips pass by such shapes on their way to others: one by one teeth are seen only at them.
        self._draw_seams(inside, ramp(shut, 0.6, 1), max(ramp(spread, 0.6, 1), ramp(tuck, 0.5, 1)))
        return inside

    def _draw_tongue(self, inside: Pen, height: float) -> None:
        lips = self._lips
        reach = np.linspace(-1, 1, 25)
        bottom = float(lips.lower[20])
        dome = np.sqrt(np.maximum(1 - reach**2, 0))
        x = self._across(reach * 0.66)
        top = bottom + 0.1 - (height + 0.1) * dome
        inside.fill(self._at(np.r_[x, x[::-1]], np.r_[top, np.full(25, bottom + 0.4)]), _TONGUE)

    def _draw_seams(self, inside: Pen, shut: float, each: float) -> None:
        """Draw the lines between rows of teeth, and between one tooth and the next."""
        lips = self._lips
        thin = 0.3 * self._line * min(1.0, lips.gap / 0.35)  # few teeth are seen: they stay white
        if shut > 0.02:
            middle = (lips.upper + lips.lower) / 2
            inside.stroke(self._curve(middle), thin * shut, _SEAM)
        if each > 0.02:
            for u in (-0.6, -0.2, 0.2, 0.6):
                x = self._across(np.full(2, u))
                y = np.array([np.interp(u, _U, lips.upper), np.interp(u, _U, lips.lower)])
                inside.stroke(self._at(x, y), thin * each, _SEAM)

    def _ink_upper(self) -> None:
        self._ink(self._lips.upper, -1, 0)

    def _ink_lower(self) -> None:
        self._ink(self._lips.lower, 1, 0.45 * float(self._controls[3]))

    def _ink(self, y: NDArray[np.float64], side: float, more: float) -> None:
        """Ink a lip: on its outer side once lips part, so that lines hide nothing between them."""
        _, _, pucker, _, _, press = (float(value) for value in self._controls)
        lips, mouth = self._lips, self._mouth
        painted = 0.7 if mouth.lips else 0.88
        width = self._line * (painted + 0.2 * pucker + 0.3 * press + more)
        parted = ramp(lips.gap, 0, 0.2) * lips.full**0.5
        outer = y + side * parted * 0.5 * width / (mouth.width / 2)
        self._pen.stroke(self._curve(outer), inked(len(_U), width, 0.35 + 0.5 * pucker), mouth.ink)

    def _draw_tip(self) -> None:
        """Draw the tongue's tip, where it comes out between the teeth."""
        out = ramp(float(self._controls[4]), 0.72, 1.0)
        if out < 0.02:
            return
        lips = self._lips
        reach = np.linspace(-1, 1, 25)
        dome = np.sqrt(np.maximum(1 - np.abs(reach) ** 2.6, 0))
        x = self._across(reach * 0.46 * (0.6 + 0.4 * out))
        low = float(lips.lower[20]) - 0.05
        top = low - lips.gap * 0.45 * out * dome
        tip = low + 0.34 * out * dome
        self._pen.fill(self._at(np.r_[x, x[::-1]], np.r_[top, tip[::-1]]), _TONGUE)
        self._pen.stroke(self._at(x, tip), inked(25, 0.8 * self._line * out), self._mouth.ink)

    def _draw_marks(self) -> None:
        """Draw the little lines that tell pressed, tucked and pushed lips from lips at rest."""
        _, wide, pucker, tuck, _, press = (float(value) for value in self._controls)
        lips, ink = self._lips, self._mouth.ink
        crease = max(ramp(press, 0.3, 1), 0.9 * tuck, 0.8 * ramp(pucker, 0.6, 1))
        reach = np.linspace(-1, 1, 11)
        y = float(lips.lower[20]) + 0.42 + 0.16 * pucker - 0.07 * reach**2
        curve = self._at(self._across(reach * 0.3 / max(lips.half, 0.4)), y)
        self._pen.stroke(curve, inked(11, 0.7 * self._line * crease), ink)
        dimple = max(ramp(press, 0.3, 1), 0.8 * ramp(wide, 0.15, 0.45))
        for side in (-1.0, 1.0):
            x = side * (lips.half + 0.11 + 0.07 * (1 - reach**2))
            corner = float(lips.upper[0 if side < 0 else -1])
            curve = self._at(x, corner + 0.17 * reach)
            self._pen.stroke(curve, inked(11, 0.7 * self._line * dimple), ink)
