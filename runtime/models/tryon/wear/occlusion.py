"""What stays before a garment: hair and face, the neck in its collar, hands, other clothes."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from ..arrays import Floats
from ..body.frame import SIDES
from ..body.look import Planes
from ..garment import Garment
from .layers import Cloth
from .limbs import Limbs

_ROOT = -0.14  # of a neck, below the shoulders' line, in their width
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
    # Lower than a neck's root the chest lies before it.
    beside = beside * np.clip((_ROOT * unit - limbs.down) / (0.05 * unit), 0, 1)
    alpha = np.maximum(cloth.alpha, cloth.back * beside)
    return replace(cloth, alpha=np.asarray(alpha, np.float32))


def kept_top(planes: Planes, limbs: Limbs, ends: float) -> Floats:
    """Return where a top that stays lies over trousers: down to its hem, and on the arms."""
    above = np.clip((ends - limbs.down) / (0.03 * limbs.body.width) + 0.5, 0, 1)
    sleeves = np.clip((1.1 - limbs.sleeves) * 6, 0, 1) * planes.top
    return np.asarray(planes.clothes * np.maximum(above, sleeves), np.float32)


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
