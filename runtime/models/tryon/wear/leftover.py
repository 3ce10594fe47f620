"""Which pixels of the old clothes a new garment does not cover, and what belongs there."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from ..arrays import Floats, Pixels, Vector, enlarged, from_bytes, grown, in_bytes, shrunk, smoothed
from ..body.look import Planes
from ..garment import Garment, Kind
from .limbs import SHRINK, Limbs
from .occlusion import kept_top
from .uncover import Gap

_EDGE = 0.012  # how wide the edge of cloth is on skin, in the shoulders' width
_BELOW = 0.12  # of the shoulders' width: how far a top's hem may hang lower than it was found
_HANGS = 0.16  # how far hair goes on where a collar hid it, in the shoulders' width
_SOME_HAIR = 0.3  # of a parse
_CHIN, _CHEST = 0.12, 0.3  # to both sides of the middle; below the shoulders
_UNSURE = 0.97  # of background: less may still be the soft rim of a sleeve


@dataclass(frozen=True, eq=False)
class Covered:
    """What the new garments cover of a crop, (h, w) 0..1."""

    alpha: Floats  # seen or behind what is before it
    end: float  # how far below the shoulders a new top ends, px
    opening: Floats  # inside of the collar
    bare: Floats  # arms that lie before them
    limbs: Floats  # distance from limbs that they leave bare: 0 at a bone, 1 at the rim


def leftover(
    image: Pixels,
    garments: list[Garment],
    covered: Covered,
    planes: Planes,
    limbs: Limbs,
    hem: float,
    tone: Vector | None,
) -> Gap:
    """Return the gap that garments leave; ``hem`` is where the highest-worn top ends, px down."""
    unit = limbs.body.width
    kinds: set[Kind] = {garment.kind for garment in garments}
    old = _replaced(kinds, planes, limbs, hem)
    limb, rim = _limbs(kinds, covered, limbs)
    # The last px of skin beside old clothes show their edge: a line around neck and wrists. Where
    # skin will be painted it goes.
    edged = shrunk(planes.skin, max(1.0, _EDGE * unit))
    before = np.clip(planes.front + np.where(limb > 0.5, edged, planes.skin), 0, 1)
    if kinds == {"lower"}:
        before = np.maximum(before, kept_top(planes, limbs, hem))
    left = grown(old * (1 - covered.alpha), float(np.clip(0.04 * unit, 2, 8))) * (1 - before)
    if tone is None:  # nobody's skin is invented: what would bare it stays as it is
        left = left * (1 - np.maximum(limb, np.clip((1.25 - limbs.sleeves) * 6, 0, 1)))
    left = np.maximum(np.clip(left * 1.8 - 0.2, 0, 1), covered.bare if tone is not None else 0)
    stays = (planes.clothes * (1 - planes.top) > 0.6).astype(np.float32)
    below = np.zeros_like(left)
    if kinds == {"upper"}:  # under a shorter top the trousers go on, which the old one hid
        below = np.clip((1 - limbs.seat) * unit * 0.1, 0, 1)
        below = below * np.clip((limbs.down - covered.end + 0.06 * unit) * 0.5, 0, 1)
        if stays.any():
            below = below * _upwards(stays, limbs.body.height * 0.35)
            below = below * _under(covered.alpha, limbs.body.height * 0.35)
        else:  # what is top and what is trousers is not known: what is there goes on
            left, below = left * (1 - below), np.zeros_like(below)
    else:
        stays = np.zeros_like(left)
    return Gap(
        image=image,
        left=left,
        limb=np.maximum(limb, covered.bare),
        rim=rim,
        bare=np.clip((1.6 - rim) * 3, 0, 1),
        cloth=np.asarray(below, np.float32),
        hair=_hair(planes, limbs, left) if kinds != {"lower"} else np.zeros_like(left),
        background=(grown(1 - planes.background, 3) < 0.4).astype(np.float32),
        front=(planes.front > 0.9).astype(np.float32),
        stays=stays,
        skin=(planes.skin > 0.8).astype(np.float32),
        light=planes.light,
        cover=covered.alpha,
        tone=tone,
        unit=unit,
    )


def _upwards(plane: Floats, px: float) -> Floats:
    """Return a plane whose bright parts reach this much further up, and a little to the sides."""
    tall, wide = max(1, int(px)), 2 * max(1, int(px * 0.04)) + 1
    line = np.ones((tall, wide), np.uint8)
    return _reached(plane, line, (wide // 2, 0))


def _under(plane: Floats, px: float) -> Floats:
    """Return where a plane is, and this much below."""
    line = np.ones((max(1, int(px)), 1), np.uint8)
    return _reached(plane, line, (0, len(line) - 1))


def _reached(plane: Floats, line: Pixels, anchor: tuple[int, int]) -> Floats:
    grown_ = cv2.dilate(in_bytes(plane), line, anchor=anchor)
    return from_bytes(np.asarray(grown_, np.uint8))


def _hair(planes: Planes, limbs: Limbs, left: Floats) -> Floats:
    """Return where hair goes on that hangs down to the old collar: beside the neck, a little.

    What hangs lower than the chin is hair, and not the jaw in a high collar.
    """
    unit, found = limbs.body.width, np.zeros_like(left)
    # Nothing below the collarbones is looked at: it takes time.
    rows = slice(0, max(0, round(float(limbs.body.neck[1]) - limbs.box[1] + _CHEST * unit)))
    touch, front = max(2, round(0.02 * unit)), planes.front[rows] > _SOME_HAIR
    down = limbs.down[rows]
    face = down[front & (np.abs(limbs.across[rows] - limbs.aside) < _CHIN * unit)]
    hangs = front & (down > face.max()) if face.size else np.zeros_like(front)
    lies_on = hangs[:-touch] & (left[rows][touch:] > 0.5)
    if not lies_on.any():
        return found
    beside = np.clip((limbs.neck[rows] - 1) * unit * 0.1, 0, 1)
    reach = np.zeros_like(beside)
    reach[:-touch] = lies_on
    found[rows] = smoothed(_under(reach, _HANGS * unit), 1.5) * beside * left[rows]
    return found


def _replaced(kinds: set[Kind], planes: Planes, limbs: Limbs, hem: float) -> Floats:
    """Return where clothes are that the new ones replace, with their soft rims."""
    rims = np.clip((_UNSURE - planes.background) * 4, 0, 1)
    rims = rims * np.clip(1 - planes.front - planes.skin, 0, 1)
    rims = rims * grown((planes.clothes > 0.3).astype(np.float32), 0.03 * limbs.body.width)
    # Beside the hips trousers are as near to an arm as its sleeve is.
    stays = kinds == {"lower"} and not bool((planes.top > 0.5).all())  # the top, by its colours
    room = np.where((limbs.down < hem) | stays, limbs.sleeves, limbs.arms)
    on_arms = np.clip((1.25 - room) * 6, 0, 1)
    above = np.clip((_lowest(planes, limbs, hem) - limbs.down) / 6, 0, 1)
    of_top = np.maximum(
        planes.top,
        (limbs.down < hem * 0.6)
        | ((np.abs(limbs.across) > limbs.body.hips * 2.1) & (limbs.down < hem * 0.95)),
    )
    old = np.zeros_like(rims)
    if kinds & {"upper", "dress"}:
        on_top = np.maximum(on_arms, above) * of_top
        old = np.maximum(old, np.maximum(planes.clothes, rims * (limbs.sleeves < 1.25)) * on_top)
    if kinds & {"lower", "dress"}:
        below = np.clip((limbs.down - hem * 1.02) / 6, 0, 1) * (1 - on_arms * planes.top)
        below = below * (limbs.feet > 1)
        old = np.maximum(old, np.maximum(planes.clothes, rims * (limbs.trousers < 1.25)) * below)
    return np.asarray(old, np.float32)


def _lowest(planes: Planes, limbs: Limbs, hem: float) -> Floats:
    """Return how far down a top may go on, px: where its colours do, a little below its hem."""
    unit = limbs.body.width
    if bool((planes.top > 0.5).all()):  # it has no colours of its own
        return np.full(planes.top.shape, hem + 0.03 * unit, np.float32)
    height, width = planes.top.shape
    size = max(2, width // SHRINK), max(2, height // SHRINK)
    own = np.asarray(cv2.resize(planes.top, size, interpolation=cv2.INTER_AREA), np.float32)
    # Seams and pockets of trousers may have a top's colour: they are narrow.
    goes_on = grown(shrunk((own > 0.8).astype(np.float32), 1), 2)
    return hem + unit * (0.03 + _BELOW * enlarged(goes_on, width, height))


def _limbs(kinds: set[Kind], covered: Covered, limbs: Limbs) -> tuple[Floats, Floats]:
    """Return where skin belongs, and how near to a limb's rim it is."""
    unit, rim = limbs.body.width, covered.limbs
    limb = np.clip((1 - rim) * unit * 0.075, 0, 1)
    if kinds & {"upper", "dress"}:
        round_neck = np.clip((1 - limbs.neck) * unit * 0.1, 0, 1)
        # What is seen through a collar above the shoulders, beside the neck, is what is behind.
        inside = np.clip(covered.opening * 2, 0, 1) * np.maximum(limbs.trunk, round_neck)
        throat = round_neck * (limbs.down < 0.05 * unit)
        neck = np.maximum(inside, throat)
        limb, rim = np.maximum(limb, neck), np.where(neck > 0.5, 0, rim)
    return np.asarray(limb, np.float32), np.asarray(rim, np.float32)
