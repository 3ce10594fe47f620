"""What stays before a garment: hair and face, the neck in its collar, hands, other clothes."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from ..arrays import Floats, grown, shrunk
from ..body.frame import SIDES
from ..body.look import Planes
from ..garment import Garment
from .layers import Cloth
from .limbs import Limbs

_WAIST = 0.72  # of the way to the hem of a top: nothing above is trousers
_SURE = 0.9  # of clothes: less may be the background's rim
_BUTTON = 0.035  # what is smaller and of another colour is part of a top, in shoulders' width
_FAINT = 0.01  # of coverage: less is not worth changing a pixel for


def seen(garment: Garment, cloth: Cloth, planes: Planes, limbs: Limbs, ends: float) -> Floats:
    """Return how much of a garment is seen at each pixel; ``ends``: where the worn top does, px."""
    hands = planes.skin * (limbs.forearms < 1)
    if garment.kind == "lower":
        before = planes.front + hands + kept_top(planes, limbs, ends)
        alpha = cloth.alpha * (1 - np.clip(before, 0, 1))
    else:
        neck = planes.skin * cloth.opening
        before = np.where(cloth.limbs > 0.5, planes.front + neck, planes.front + neck + hands)
        alpha = cloth.alpha * (1 - np.clip(before, 0, 1))
    alpha[alpha < _FAINT] = 0
    return np.asarray(alpha, np.float32)


def behind_neck(cloth: Cloth, limbs: Limbs) -> Cloth:
    """Return cloth with the inside of its back, which is seen beside the neck."""
    unit = limbs.body.width
    beside = np.clip((limbs.neck - 1) * unit * 0.1 + 0.5, 0, 1)
    # Lower than the slope from a neck to its shoulder the chest lies before it.
    beside = beside * (1 - limbs.trunk)
    alpha = np.maximum(cloth.alpha, cloth.back * beside)
    return replace(cloth, alpha=np.asarray(alpha, np.float32))


def kept_top(planes: Planes, limbs: Limbs, ends: float) -> Floats:
    """Return where a top that stays lies over trousers: down to its hem, and on the arms."""
    over = np.clip((ends - limbs.down) / (0.03 * limbs.body.width) + 0.5, 0, 1)
    # In an open jacket trousers are seen higher than it ends.
    unit = limbs.body.width
    other = (1 - planes.top) * (planes.clothes > _SURE)
    showing = shrunk(other, _BUTTON * unit) * (limbs.down > _WAIST * ends)
    above = over * (1 - grown(showing.astype(np.float32), _BUTTON * unit))
    closed = shrunk(grown(planes.top, _BUTTON * unit), _BUTTON * unit)
    sleeves = np.clip((1.25 - limbs.sleeves) * 6, 0, 1) * closed
    # Between a sleeve and the trunk it is the background that stays.
    gaps = planes.background * over
    return np.asarray(np.maximum(planes.clothes * np.maximum(above, sleeves), gaps), np.float32)


def bared_arms(
    garment: Garment, cloth: Cloth, planes: Planes, limbs: Limbs, bare: Floats
) -> Floats:
    """Return where bare arms lie before the torso that were sleeved: skin goes over the garment.

    ``bare`` is the distance from what the garment leaves bare of limbs.
    """
    if garment.kind == "lower" or garment.sleeves == "long":
        return np.zeros_like(cloth.alpha)
    if not any(limbs.crossing(side) for side in SIDES):
        return np.zeros_like(cloth.alpha)
    soft = np.clip((1 - bare) * limbs.body.width * 0.075, 0, 1)
    beyond = np.clip(1 - cloth.limbs * 2, 0, 1)  # the new sleeves
    return np.asarray(soft * planes.clothes * beyond, np.float32)
