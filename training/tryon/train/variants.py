"""Variants of what was seen: mirrored, or as networks might have misread it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from livedraft.runtime.models.tryon.body.frame import JOINTS, SIDES, Body
from livedraft.runtime.models.tryon.garment import Garment

from .seeing import Sight

Floats = NDArray[np.float32]
Mask = NDArray[np.bool_]
VARIANTS = 4  # of each record: as it is and mirrored, and both as if seen less well
# By how much joints are misread on top of how they are, standard deviations in shoulders' widths:
# each by itself; both of a pair alike, outwards and down. Where people's shoulders and hips are
# said to be is a habit of the pose network, and another one on photographs than on drawings.
JITTER, HABIT = 0.012, 0.03
HEM = 0.04  # the same of the worn hem, a share


@dataclass(frozen=True)
class Variant:
    """One way in which a record may be seen; places and masks in px of the person's picture."""

    body: Body
    garment: Garment
    person: Mask
    worn: Mask
    hem: float | None  # px below the shoulders
    mask: Mask  # where the person truly shows the garment's outside
    at: Floats  # (n, 2): its pixels and those of its inside
    shown: Floats  # (n, 2): what of the garment's picture they show


def variants(sight: Sight, garment: Garment, rng: Generator) -> Iterator[Variant]:
    """Return the variants of what was seen of a record."""
    new = sight.record.new
    assert new.flat is not None
    assert new.inside is not None
    at = np.stack([new.at % new.size[1], new.at // new.size[1]], 1).astype(np.float32)
    hem = None if sight.hem is None else sight.hem * sight.body.height
    seen = Variant(
        sight.body,
        garment,
        sight.person,
        sight.worn,
        hem,
        new.image(~new.inside),
        at,
        new.flat,
    )
    for number in range(VARIANTS):
        variant = _misread(seen, rng) if number > 1 else seen
        yield _mirrored(variant) if number % 2 else variant


def _misread(seen: Variant, rng: Generator) -> Variant:
    body = seen.body
    joints = body.joints + rng.normal(0, JITTER * body.width, body.joints.shape)
    habit = rng.normal(0, HABIT * body.width, (len(JOINTS), 2))
    for row, side in enumerate(SIDES):
        joints[row] += habit[:, :1] * body.out(side) + habit[:, 1:] * body.down
    hem = seen.hem and seen.hem * (1 + float(rng.normal(0, HEM)))
    person, worn = _regrown(seen.person, rng), _regrown(seen.worn, rng)
    body = replace(body, joints=joints.astype(np.float32))
    return replace(seen, body=body, person=person, worn=worn, hem=hem)


def _regrown(mask: NDArray[np.bool_], rng: Generator) -> NDArray[np.bool_]:
    """Return a mask whose rim is up to 2 px elsewhere."""
    by = int(rng.integers(-2, 3))
    if by == 0:
        return mask
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * abs(by) + 1,) * 2)
    how = cv2.dilate if by > 0 else cv2.erode
    return np.asarray(how(mask.astype(np.uint8), disc) > 0)


def _mirrored(seen: Variant) -> Variant:
    width = seen.person.shape[1]
    at, shown = seen.at.copy(), seen.shown.copy()
    at[:, 0], shown[:, 0] = width - 1 - at[:, 0], seen.garment.alpha.shape[1] - 1 - shown[:, 0]
    return replace(
        seen,
        body=_mirrored_body(seen.body, width),
        garment=_mirrored_garment(seen.garment),
        person=seen.person[:, ::-1],
        worn=seen.worn[:, ::-1],
        mask=seen.mask[:, ::-1],
        at=at,
        shown=shown,
    )


def _mirrored_body(body: Body, width: int) -> Body:
    joints = body.joints[::-1].copy()
    joints[..., 0] = width - 1 - joints[..., 0]
    (a, b), (c, d) = body.arms_seen, body.legs_seen
    return Body(joints, (b, a), (d, c), body.turned)


def _mirrored_garment(garment: Garment) -> Garment:
    """Return a garment as in a mirror, its sides named anew."""
    width = garment.alpha.shape[1]
    other = {f"_{one}": f"_{two}" for one, two in zip(SIDES, SIDES[::-1], strict=True)}

    def renamed(name: str) -> str:
        return name[:-2] + other[name[-2:]] if name[-2:] in other else name

    return replace(
        garment,
        colour=np.ascontiguousarray(garment.colour[:, ::-1]),
        alpha=garment.alpha[:, ::-1],
        points={renamed(name): (width - 1 - x, y) for name, (x, y) in garment.points.items()},
        body=garment.body[:, ::-1],
        limbs={renamed(name): alpha[:, ::-1] for name, alpha in garment.limbs.items()},
        opening=garment.opening[:, ::-1],
        back=garment.back[:, ::-1],
    )
