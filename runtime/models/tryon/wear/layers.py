"""A garment's layers, warped onto a body: cloth in the crop of the person's picture."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import cv2
import numpy as np

from ...splines import spline
from ..arrays import Box, Floats, Pixels, Vector, between, enlarged, from_bytes, in_bytes, mixed
from ..fit.controls import Part
from ..fit.warp import Field, affine, field, hull, strip
from ..garment import Garment

_LEVELS = 5
_SHRINK = 4  # holes are found at a quarter of the size

Map = tuple[Floats, Floats]  # x and y, (h, w) each, for `cv2.remap`


@dataclass(frozen=True, eq=False)
class _Level:
    """A garment at one size: what is warped together lies in one array."""

    body: Pixels  # (h, w, 4): colour, and the body's alpha
    opening: Pixels  # (h, w)
    back: Pixels  # (h, w)
    limbs: Mapping[str, Pixels]  # each (h, w, 4): colour and its alpha

    def halved(self) -> _Level:
        """Return the level half as large."""
        return _Level(
            _ended(_half(self.body)),
            _half(self.opening),
            _half(self.back),
            {name: _ended(_half(of)) for name, of in self.limbs.items()},
        )


def _half(image: Pixels) -> Pixels:
    height, width = image.shape[:2]
    size = max(1, width // 2), max(1, height // 2)
    return np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA), np.uint8)


def _ended(sheet: Pixels) -> Pixels:
    """Return a sheet (h, w, 4) with no cloth at its edges, which are repeated beyond them."""
    sheet[[0, -1], :, 3] = 0
    sheet[:, [0, -1], 3] = 0
    return sheet


class Sheets:
    """The layers of a garment at halving sizes: what is seen small is taken from a small one.

    Sampled from the full size, prints would flicker as the person moves.
    """

    def __init__(self, garment: Garment) -> None:
        self.garment = garment

    @cached_property
    def levels(self) -> Sequence[_Level]:
        """The full size first."""
        garment = self.garment
        full = _Level(
            _ended(np.dstack([garment.colour, in_bytes(garment.body)])),
            in_bytes(garment.opening),
            in_bytes(garment.back),
            {
                name: _ended(np.dstack([garment.colour, in_bytes(alpha)]))
                for name, alpha in garment.limbs.items()
            },
        )
        made = [full]
        while len(made) < _LEVELS and min(made[-1].body.shape[:2]) > 32:
            made.append(made[-1].halved())
        return made

    def level(self, scale: float) -> tuple[_Level, float]:
        """Return the level to show at so many px to a garment's, and its own size to the full."""
        wanted = int(np.floor(np.log2(1 / max(scale, 1e-3)) + 0.35))
        index = int(np.clip(wanted, 0, len(self.levels) - 1))
        return self.levels[index], 0.5**index


@dataclass(frozen=True, eq=False)
class Fitted:
    """A garment with its control points on a body."""

    sheets: Sheets
    parts: Sequence[Part]

    @property
    def garment(self) -> Garment:
        """What is worn."""
        return self.sheets.garment

    def end(self, layer: str) -> Vector | None:
        """Return the middle of the far end of a limb's layer, or of the body's; None: no such."""
        part = next((each for each in self.parts if each.layer == layer), None)
        if part is None:
            return None
        if layer == "body":
            return part.body[part.names.index("hem_m")] if "hem_m" in part.names else None
        return between(part.body[-1], part.body[-2])


@dataclass(frozen=True, eq=False)
class Cloth:
    """A garment on a body, in a crop of the person's picture: planes (h, w) 0..1, colour 0..255."""

    colour: Floats  # (h, w, 3)
    alpha: Floats  # body and limbs
    body: Floats
    limbs: Floats  # those over the body
    opening: Floats  # inside of the collar
    back: Floats  # inside of the back, behind the neck
    shadow: Floats  # that limbs cast on the body
    field: Field  # where the body's pixels come from, px of the garment's picture


def laid(sheets: Sheets, parts: Sequence[Part], box: Box, unit: float) -> Cloth:
    """Warp a garment's layers to their control points; ``unit`` is the shoulders' width, px."""
    body, *limbs = parts
    level, share = sheets.level(_scale(body))
    where = field(spline(body.body, body.garment), box)
    at = where.planes(share)
    colour, sheet = _remapped(level.body, at)
    torso: Floats = from_bytes(sheet) * hull(body.body, box, int(unit * 0.5))
    alpha: Floats = torso.copy()
    over, shadow = np.zeros_like(alpha), np.zeros_like(alpha)
    spread = int(unit * 0.05) | 1
    for part in limbs:
        near = _around(part, box, unit)
        if near is None:
            continue
        image, own = _limb(part, level, share, near, unit)
        at_ = np.s_[near[1] - box[1] : near[3] - box[1], near[0] - box[0] : near[2] - box[0]]
        colour[at_] = mixed(colour[at_], image, own)
        alpha[at_], over[at_] = np.maximum(alpha[at_], own), np.maximum(over[at_], own)
        dark = cv2.blur(own, (spread, spread)) * (1 - own)
        shadow[at_] = np.maximum(shadow[at_], dark)
    opening, back = _aside(level, where, at, share)
    return Cloth(colour, alpha, torso, over, opening, back, shadow * torso, where)


def _limb(part: Part, level: _Level, share: float, box: Box, unit: float) -> tuple[Floats, Floats]:
    """Return a limb's cloth in a crop, colour and how much of it is there."""
    turn = affine if part.stiff else spline
    where = field(turn(part.body, part.garment), box)
    image, alpha = _remapped(level.limbs[part.layer], where.planes(share))
    ends = np.concatenate([part.body[:2], part.body[3:]])
    inside = strip(ends, len(ends) // 2 - 1, box, int(unit * 0.10))
    own = from_bytes(_blunt(alpha, 0.02 * unit))
    if not part.stiff:
        own = _closed(own, 0.08 * unit)
    own = own * inside
    return image, own


def _around(part: Part, box: Box, unit: float) -> Box | None:
    """Return the part of a box in which a limb lies, with room for its shadow; None: nowhere."""
    pad = 0.15 * unit + 4
    low, high = np.floor(part.body.min(0) - pad), np.ceil(part.body.max(0) + pad)
    x0, y0 = max(box[0], int(low[0])), max(box[1], int(low[1]))
    x1, y1 = min(box[2], int(high[0])), min(box[3], int(high[1]))
    return (x0, y0, x1, y1) if x1 - x0 > 1 and y1 - y0 > 1 else None


def _blunt(plane: Pixels, px: float) -> Pixels:
    """Return a plane without its sharpest corners.

    A sleeve is cut off its garment at a sharp angle: turned down along an arm, that corner would
    stand out of the shoulder.
    """
    side = 2 * round(px) + 1
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side))
    return np.asarray(cv2.morphologyEx(plane, cv2.MORPH_OPEN, disc), np.uint8)


def _closed(plane: Floats, px: float) -> Floats:
    """Return a plane without holes: where a sleeve is bent sharply its map folds, and misses it.

    Colours there are those of the cloth's rim, which go on beyond it.
    """
    height, width = plane.shape
    side = 2 * round(px / _SHRINK) + 1
    size = max(2, width // _SHRINK), max(2, height // _SHRINK)
    small = cv2.resize(plane, size, interpolation=cv2.INTER_AREA)
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side))
    holes = cv2.morphologyEx(small, cv2.MORPH_CLOSE, disc) - small
    return np.maximum(plane, enlarged(np.asarray(holes, np.float32), width, height))


def _scale(body: Part) -> float:
    """Return how many px of the person's picture a px of the garment becomes, about."""
    return float(np.ptp(body.body, axis=0).sum() / max(np.ptp(body.garment, axis=0).sum(), 1.0))


def _remapped(sheet: Pixels, at: Map) -> tuple[Floats, Pixels]:
    """Return a sheet (H, W, 4), laid where a map says: colour (h, w, 3), and alpha in bytes."""
    laid = cv2.remap(sheet, *at, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    colour = cv2.cvtColor(laid, cv2.COLOR_RGBA2RGB)
    return colour.astype(np.float32), np.asarray(cv2.extractChannel(laid, 3), np.uint8)


def _aside(level: _Level, where: Field, at: Map, share: float) -> tuple[Floats, Floats]:
    """Return opening and back, (h, w) each: computed only where a collar can lie."""
    opening, back = (np.zeros(at[0].shape, np.float32) for _ in range(2))
    there = [np.flatnonzero(np.any([level.opening.any(n), level.back.any(n)], 0)) for n in (0, 1)]
    if not len(there[0]):
        return opening, back
    low, high = (np.array([one[end] for one in there], np.float32) for end in (0, -1))
    near = where.within((low - 1) / np.float32(share), (high + 2) / np.float32(share))
    if near is not None:
        x, y = (plane[near] for plane in at)
        for plane, made in ((level.opening, opening), (level.back, back)):
            found = cv2.remap(plane, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT)
            made[near] = from_bytes(np.asarray(found, np.uint8))
    return opening, back
