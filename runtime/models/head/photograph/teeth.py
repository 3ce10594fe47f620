"""Teeth: a portrait's own where it shows them, else drawn ones, in the shade of the lips."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from ...base import Pixels
from ...perception.contours import (
    LEFT_LOWER_LID,
    LEFT_UPPER_LID,
    LOWER_LIP_INNER,
    RIGHT_LOWER_LID,
    RIGHT_UPPER_LID,
    UPPER_LIP_INNER,
)
from ..expression import SIZE

Floats = NDArray[np.floating[Any]]

_PARTED = 0.07  # of a mouth's width: from such a gap on, a portrait shows teeth of its own
_WHOLE = 0.6  # share of that gap
_ROWS, _COLUMNS = 48, 192  # of the drawn plate: .30 of a mouth high, one wide
PLATE_HIGH = 0.30
# Edges of upper teeth from the middle outwards, as shares of half the arch's width: incisors of
# 8.5 and 6.5 mm, canines of 7.5, premolars of 7, seen ever more from the side.
_EDGES = (0.0, 0.30, 0.51, 0.70, 0.83, 0.92, 0.97, 1.0)
_LENGTHS = (0.80, 0.80, 0.73, 0.77, 0.66, 0.58, 0.50, 0.46)  # of the plate's height


@dataclass(frozen=True, eq=False)
class Teeth:
    """What is seen of upper teeth; they are fixed to the skull."""

    own: Floats | None  # (SIZE, SIZE), 0..1: where the portrait's own are
    enamel: Floats  # (3,)
    plate: Pixels  # (rows, columns, 4), drawn: colour and cover


def teeth_of(pixels: Pixels, points: Floats, mouth: float) -> Teeth:
    """Return the teeth of a portrait; ``mouth`` is its width at rest, px."""
    colour = enamel(pixels, points)
    return Teeth(_own(pixels, points, mouth), colour, _plate(colour))


def enamel(pixels: Pixels, points: Floats) -> Floats:
    """Return the colour of teeth in the portrait's light, (3,): that of the whites of the eyes."""
    seen = np.zeros((SIZE, SIZE), np.uint8)
    for upper, lower in ((RIGHT_UPPER_LID, RIGHT_LOWER_LID), (LEFT_UPPER_LID, LEFT_LOWER_LID)):
        rim = np.concatenate([points[list(upper)], points[list(lower)][::-1]])
        cv2.fillPoly(seen, [np.round(rim).astype(np.int32)], 255)
    cheek = _cheeks(pixels, points)
    eyes = pixels[seen > 0].astype(np.float32)
    if len(eyes) < 12:
        return np.asarray(np.clip(cheek * 1.1, 40, 225), np.float32)
    light = eyes.mean(axis=1)
    white = eyes[light >= np.percentile(light, 80)].mean(axis=0)
    skin = float(cheek.mean())
    level = float(np.clip(white.mean() * 1.1, skin * 1.12, min(228.0, skin * 2.0 + 60)))
    warm = np.array([1.04, 1.0, 0.92], np.float32)
    if np.ptp(cheek) < 8:
        warm[:] = 1  # a grey picture
    tone = white / max(1.0, float(white.mean()))
    tone = np.clip(0.6 * tone + 0.4 * tone.mean(), 0.95, 1.05)  # glasses may tint them
    return np.asarray(np.clip(level * tone * warm, 30, 240), np.float32)


def _cheeks(pixels: Pixels, points: Floats, reach: int = 10) -> Floats:
    found = []
    for place in points[[205, 425]]:
        x, y = (int(each) for each in np.clip(place, reach, SIZE - reach - 1))
        part = pixels[y - reach : y + reach, x - reach : x + reach].reshape(-1, 3)
        found.append(np.median(part, axis=0))
    return np.asarray(np.mean(found, axis=0), np.float32)


def _own(pixels: Pixels, points: Floats, mouth: float) -> Floats | None:
    upper, lower = points[list(UPPER_LIP_INNER)], points[list(LOWER_LIP_INNER)]
    if float(np.linalg.norm(lower[5] - upper[5])) < _PARTED * mouth:
        return None
    gap = np.zeros((SIZE, SIZE), np.uint8)
    rim = np.concatenate([upper, lower[::-1]])
    cv2.fillPoly(gap, [np.round(rim * 16).astype(np.int32)], 255, cv2.LINE_AA, 4)
    light = pixels.astype(np.float32).mean(axis=-1)
    inside = gap > 128
    if inside.sum() < 20:
        return None
    bright = light > 0.5 * np.percentile(light[inside], 80)
    red = pixels[..., 0].astype(np.float32) - pixels[..., 1:].astype(np.float32).mean(axis=-1)
    pale = red < 0.35 * np.maximum(light, 1)  # gums and tongues are red
    share = gap * (bright & pale)
    if (share > 128).sum() < _WHOLE * inside.sum():
        return None  # an open mouth that shows no teeth, or a few
    return np.asarray(cv2.GaussianBlur(share, (0, 0), 1.0), np.float32) / np.float32(255)


def _plate(colour: Floats) -> Pixels:
    """Return drawn upper teeth: seams and edges are told by shade alone, none is an outline."""
    aside = np.abs(np.linspace(-1, 1, _COLUMNS, dtype=np.float32))[None]
    down = (np.arange(_ROWS, dtype=np.float32)[:, None] + 0.5) / _ROWS
    number = np.interp(aside, _EDGES, np.arange(len(_EDGES)))
    within = number - np.floor(number)
    lengths = np.interp(aside, _EDGES, _LENGTHS)
    corner = np.abs(within - 0.5) * 2
    edge = lengths - 0.035 * corner**4  # rounded where two meet
    cover = np.clip((edge - down) * _ROWS / 2.2 + 0.5, 0, 1)
    seam = 1 - 0.13 * np.exp(-((np.minimum(within, 1 - within) / 0.07) ** 2)) * np.sqrt(down)
    body = 1 - 0.07 * corner**2  # each is round
    arch = 1 - 0.62 * aside**1.8  # those behind are in the shade of the cheeks
    lip = 0.70 + 0.30 * np.clip(down / 0.62, 0, 1)  # and all are in that of the lip
    tip = 1 - 0.10 * np.clip((down - edge + 0.12) / 0.12, 0, 1)  # edges let light through
    shade = seam * body * arch * lip * tip * 0.94
    painted = shade[..., None] * colour
    cover = cover * np.clip((1 - aside) / 0.12, 0, 1)
    return np.dstack([np.clip(painted, 0, 255), cover * 255]).astype(np.uint8)
