"""What old clothes leave bare: arms, neck and legs of the person's own skin, cloth, background."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from ..arrays import Floats, Pixels, Vector, enlarged, filled, mixed, times
from ..repair.net import Repaired
from ..repair.texture import detail

_SHRINK = 4  # what is invented is smooth: it is made at a quarter of the size
_FAINT = 0.01  # of what is left: where there is less the picture is known
_PRIOR = 0.02  # how much the tone of all seen skin counts beside that of skin nearby
_ROUND = 0.26  # how much darker a limb is at its rim
_HAIR = 0.2  # of the shoulders' width: around what goes on of hair, where its colour is seen
_NEAR = 0.3  # of the shoulders' width: so far from seen skin painted skin takes after it
_CONTACT = 0.22  # how much darker beside the cloth that lies on it


@dataclass(frozen=True, eq=False)
class Gap:
    """What is to be invented in a crop; planes are (h, w) in 0..1."""

    image: Pixels  # (h, w, 3) the person's picture
    left: Floats  # where pixels are needed; all else stays
    limb: Floats  # of that: arms, neck, legs
    rim: Floats  # 0 at a limb's bone, 1 at its rim
    bare: Floats  # where skin may be seen: not beside a sleeve that covers its arm
    cloth: Floats  # of that: where the clothes that stay go on, as trousers below a shorter top
    hair: Floats  # where hair goes on, which the old collar hid
    background: Floats  # what surely is background
    front: Floats  # what surely is hair or face
    stays: Floats  # what surely is of the clothes that stay
    skin: Floats  # what surely is bare skin
    light: Floats  # log gain
    cover: Floats  # the new garment
    tone: Vector | None  # RGB of the person's skin
    unit: float  # the shoulders' width, px


def uncover(gap: Gap, repaired: Repaired | None = None, grain: float | None = None) -> Floats:
    """Return an (h, w, 3) picture, 0..255, of which the part that is left bare counts.

    Under the old top it is as the repair net says, where that was asked. The background has its
    detail finer than ``grain``, px, where that is given: it takes time.
    """
    small = _small(gap.image.astype(np.float32))
    made = _spread(gap, small, gap.background)
    if grain is not None:
        known = (gap.background > 0) & (gap.left < _FAINT)
        fine = detail(gap.image, known, grain, gap.left > 0)
        made = np.asarray(np.clip(made + fine, 0, 255), np.float32)
    stays = _spread(gap, small, gap.stays) if gap.cloth.any() else made
    made = mixed(made, stays, gap.cloth)
    own = None
    if gap.tone is not None and gap.limb.any():
        own = _skin(gap, small, gap.tone)
        made = mixed(made, own, gap.limb)
    if repaired is not None:
        contact = 1 - np.float32(_CONTACT) * cv2.blur(gap.cover, (9, 9))
        skin = times(repaired.skin, contact)
        if own is not None:  # the net knows a body's tone; beside seen skin its own goes on
            skin = mixed(skin, own, _beside(gap))
        neck = gap.limb * (gap.rim <= 0)  # between chin and collar is one, whatever the net says
        under = mixed(repaired.ground, skin, np.maximum(repaired.body * gap.bare, neck))
        under = mixed(under, stays, gap.cloth * (1 - repaired.arm))
        # At its soft rim what is hidden is still of the old clothes' colour.
        made = mixed(made, under, np.clip(repaired.hidden * 2.5 - 1.5, 0, 1).astype(np.float32))
    return _with_hair(made, gap)


def _small(plane: Floats) -> Floats:
    height, width = plane.shape[:2]
    size = max(2, width // _SHRINK), max(2, height // _SHRINK)
    return np.asarray(cv2.resize(plane, size, interpolation=cv2.INTER_AREA), np.float32)


def _spread(gap: Gap, small: Floats, known: Floats) -> Floats:
    """Return what is known spread over what is not; black where nothing is known."""
    sure = (_small(known) > 0.9).astype(np.float32)
    height, width = gap.left.shape
    return enlarged(filled(small, sure), width, height)


def _with_hair(made: Floats, gap: Gap) -> Floats:
    """Return a picture with hair that goes on, of the colour of that above it."""
    rows, columns = np.flatnonzero(gap.hair.any(1)), np.flatnonzero(gap.hair.any(0))
    if not len(rows):
        return made
    more = round(_HAIR * gap.unit)
    near = (
        slice(max(0, int(rows[0]) - more), int(rows[-1]) + 1),
        slice(max(0, int(columns[0]) - more), int(columns[-1]) + more),
    )
    known = (_small(gap.front[near]) > 0.9).astype(np.float32)
    height, width = gap.front[near].shape
    colour = enlarged(filled(_small(gap.image[near].astype(np.float32)), known), width, height)
    made[near] = mixed(made[near], colour, gap.hair[near])
    return made


def _beside(gap: Gap) -> Floats:
    """Return how near seen skin is: 1 beside it, and less and less away from it."""
    sure = (_small(gap.skin) > 0.9).astype(np.uint8)
    if not sure.any():
        return np.zeros_like(gap.left)
    far = cv2.distanceTransform(1 - sure, cv2.DIST_L2, 3) * np.float32(_SHRINK)
    near = np.clip(1 - far / np.float32(_NEAR * gap.unit), 0, 1).astype(np.float32)
    height, width = gap.left.shape
    return enlarged(near * near * (3 - 2 * near), width, height)


def _skin(gap: Gap, small: Floats, tone: Vector) -> Floats:
    """Return skin: near seen skin as that is, elsewhere of all its tone, and round as a limb is."""
    sure = (_small(gap.skin) > 0.9).astype(np.float32)
    known = np.maximum(sure, np.float32(_PRIOR) * (_small(gap.limb) > 0.5))
    image = np.where(sure[..., None] > 0, small, tone)
    depth = np.clip(_small(gap.rim), 0, 1)
    shaded = 1.04 * (1 - np.float32(_ROUND) * (depth * depth * np.sqrt(depth)))
    gain = shaded * np.exp(_small(gap.light) * np.float32(0.7))
    near = np.asarray(cv2.blur(gap.cover, (9, 9)), np.float32)
    gain *= 1 - np.float32(_CONTACT) * _small(near)
    height, width = gap.left.shape
    colour = filled(image.astype(np.float32), known)
    return enlarged(times(colour, gain.astype(np.float32)), width, height)
