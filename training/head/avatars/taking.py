"""A coloured drawing, taken apart: what stays, what lies over it, and where its parts are."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import ImageColor

from livedraft.runtime.models.head.avatar.drawing import (
    BrowDrawing,
    Colour,
    Drawing,
    EyeDrawing,
    HeadDrawing,
    MouthDrawing,
)
from livedraft.runtime.models.head.avatar.pen import SCALE
from livedraft.runtime.models.head.expression import SIZE

from .cast import INK, Person
from .sheet import Sheet
from .styles import HANDS, Hand, sheet

_SIDE = SIZE * SCALE
_OVER = ("glasses",)
_MOVED = ("eyes", "mouth")
CREDITS = {
    "lorelei": "Remix of Lorelei by Lisa Wischofsky, CC0 1.0, by DiceBear; clothes by livedraft",
    "notionists": "Remix of Notionists by Zoish, CC0 1.0, by DiceBear",
}


def take_apart(person: Person) -> tuple[Drawing, NDArray[np.uint8], NDArray[np.uint8]]:
    """Return a drawing's description, its base (1024, 1024, 3), and what lies over it (…, 4)."""
    drawn = sheet(person)
    base = drawn.without(_MOVED).raster(_SIDE, person.ground)[..., :3].copy()
    hidden = [part for part in drawn.parts() if part not in _OVER]
    over = drawn.without(hidden).raster(_SIDE)
    return _described(person, drawn), base, over


def _described(person: Person, drawn: Sheet) -> Drawing:
    hand = HANDS[person.style]
    unit = SIZE / hand.view[2]
    x, y, radius, chin, neck = hand.head
    left, top = hand.view[:2]
    return Drawing(
        title=person.title,
        ink=_colour(INK),
        line=hand.line,
        head=HeadDrawing(
            x=_round((x - left) * unit),
            y=_round((y - top) * unit),
            radius=_round(radius * unit),
            chin=_round((chin - top) * unit),
            neck=_round((neck - top) * unit),
        ),
        mouth=_mouth(person, hand, unit),
        eyes=tuple(_eyes(person, hand, drawn)),
        brows=tuple(_brows(drawn)),
        credit=CREDITS[person.style],
    )


def _mouth(person: Person, hand: Hand, unit: float) -> MouthDrawing:
    x, y = hand.mouth_at
    return MouthDrawing(
        x=_round((x - hand.view[0]) * unit),
        y=_round((y - hand.view[1]) * unit),
        width=hand.mouth,
        slant=hand.slant,
        turn=hand.turn,
        smile=person.smile,
        lips=_colour(person.lips) if person.lips else None,
        ink=_colour(INK),
    )


def _eyes(person: Person, hand: Hand, drawn: Sheet) -> list[EyeDrawing]:
    """Return the eyes, where the drawing's own dots are."""
    width, height, far = hand.eye
    found = []
    for number, (x, y, _, _) in enumerate(_blobs(drawn, "eyes")):
        part = far if number else 1.0
        lash = 0.0 if number == 0 and person.lash == 0 else person.lash * (1 if number else -1)
        found.append(
            EyeDrawing(
                x=x,
                y=y,
                width=_round(width * part),
                height=height,
                pupil=(_round(hand.pupil[0] * (0.5 + 0.5 * part)), hand.pupil[1]),
                lid=0.0 if person.eyes == "dot" else 1.15,
                lash=lash,
                white=(255, 255, 255) if person.eyes == "white" else None,
            )
        )
    return found


def _brows(drawn: Sheet) -> list[BrowDrawing]:
    return [BrowDrawing(x=x, y=y, width=width) for x, y, width, _ in _blobs(drawn, "eyebrows")]


def _blobs(drawn: Sheet, part: str) -> list[tuple[float, float, float, float]]:
    """Return the two largest shapes of a part, left one first: middle and size, px of a frame."""
    hidden = [other for other in drawn.parts() if other != part]
    alpha = drawn.without(hidden).raster(_SIDE)[..., 3]
    _, _, stats, centres = cv2.connectedComponentsWithStats((alpha > 127).astype(np.uint8))
    largest = sorted(range(1, len(stats)), key=lambda blob: -int(stats[blob][cv2.CC_STAT_AREA]))[:2]
    return [
        (
            _round(float(centres[blob][0]) / SCALE),
            _round(float(centres[blob][1]) / SCALE),
            _round(float(stats[blob][cv2.CC_STAT_WIDTH]) / SCALE),
            _round(float(stats[blob][cv2.CC_STAT_HEIGHT]) / SCALE),
        )
        for blob in sorted(largest, key=lambda blob: float(centres[blob][0]))
    ]


def _colour(text: str) -> Colour:
    red, green, blue = ImageColor.getrgb(text)[:3]
    return red, green, blue


def _round(length: float) -> float:
    return round(length, 1)
