"""What a net learns from: what it hears, where control points are by rule, and the truth.

An example has no true offsets. It has places of the person's picture with where the garment's
picture shows them, and the garment's outline: offsets are judged by the map they make.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from livedraft.errors import LivedraftError
from livedraft.runtime.models.tryon.body.frame import Body
from livedraft.runtime.models.tryon.body.outline import Outline
from livedraft.runtime.models.tryon.fit.controls import ORDER
from livedraft.runtime.models.tryon.fit.description import described
from livedraft.runtime.models.tryon.fit.targets import targets
from livedraft.runtime.models.tryon.garment import Garment, prepare

from .seeing import Sight
from .variants import Variant, variants

Floats = NDArray[np.float32]
Mask = NDArray[np.bool_]
PARTS, KNOTS, INNER, RIM = 3, 24, 40, 28  # parts of a garment; of each: knots, places, outline
OUTER, FAR, NEAR = 40, 0.35, 0.12  # places beside a part: of a body and of a limb, in widths
GRID = 64  # px a side, of the distance to the garment's outline


@dataclass(frozen=True)
class Example:
    """One garment on one person; lengths in shoulders' widths, of garments in their size."""

    features: Floats  # (n,)
    slot: NDArray[np.int64]  # (PARTS, KNOTS): row in ORDER of each knot, -1: none
    knots: Floats  # (PARTS, KNOTS, 2): control points by rule
    flat: Floats  # (PARTS, KNOTS, 2): where they are on the garment
    bends: NDArray[np.bool_]  # (PARTS,): a spline, not an affine map
    axes: Floats  # (2, 2): across and down
    at: Floats  # (PARTS, INNER, 2): places of the person's picture
    shown: Floats  # (PARTS, INNER, 2): what the garment's picture shows there
    weight: Floats  # (PARTS, INNER): how squarely that is seen, 0: nothing
    rim: Floats  # (PARTS, RIM, 2): places of the garment's outline in the person's picture
    rim_weight: Floats  # (PARTS, RIM)
    outer: Floats  # (PARTS, OUTER, 2): places of the person's picture that show no cloth
    off: Floats  # (PARTS, OUTER): how far they are from it
    outer_weight: Floats  # (PARTS, OUTER)
    apart: Floats  # (GRID, GRID): distance to the garment's outline, negative inside
    frame: Floats  # (4,): origin and size of that grid in garment units; size of the garment


def examples(sight: Sight) -> Iterator[Example]:
    """Make the variants of what was seen of a record; none where no garment is found."""
    kind = sight.record.meta["kind"]
    try:
        garment = prepare(sight.garment, kind)
    except LivedraftError:
        return
    rng = np.random.default_rng([7, int(sight.record.meta["index"])])
    new = sight.record.new
    assert new.inside is not None
    facing = np.clip(-new.normal[:, 1], 0, 1) ** 2 * ~new.inside
    for variant in variants(sight, garment, rng):
        made = _made(variant, facing, rng)
        if made is not None:
            yield made


def _made(seen: Variant, facing: Floats, rng: Generator) -> Example | None:
    """Choose places within each part's cloth, on its outline and beside it.

    `facing` says how squarely each place is seen.
    """
    garment, body = seen.garment, seen.body
    outline = Outline(seen.person, seen.worn, np.eye(2, 3, dtype=np.float32))
    parts = targets(garment, body, outline, seen.hem)
    features = described(garment, body, outline, parts, seen.hem)
    width, size = np.float32(body.width), np.float32(max(garment.alpha.shape))
    made = _empty(features, body)
    edge = _edge(seen.mask, seen.at)
    away = _away(seen.mask)
    for row, part in enumerate(parts):
        count = len(part.names)
        made.slot[row, :count] = [ORDER[garment.kind].index(name) for name in part.names]
        made.knots[row, :count], made.flat[row, :count] = part.body / width, part.garment / size
        made.bends[row] = not part.stiff
        alpha = garment.body if row == 0 else garment.limbs[part.layer]
        mine = _sampled_at(alpha, seen.shown) > 0.5
        inner = np.flatnonzero(mine & (facing > 0.02))
        if len(inner) < 20 and row == 0:
            return None
        if len(inner) >= 20:
            chosen = rng.choice(inner, INNER)
            made.at[row], made.shown[row] = seen.at[chosen] / width, seen.shown[chosen] / size
            made.weight[row] = facing[chosen]
        on_edge = np.flatnonzero(mine & edge)
        if len(on_edge) >= 12:
            made.rim[row] = seen.at[rng.choice(on_edge, RIM)] / width
            made.rim_weight[row] = 1.0
        near = FAR if row == 0 else NEAR
        beside = np.argwhere(_beside(away, part.body, near * body.width, whole=row == 0))
        if len(beside) >= 12:
            y, x = beside[rng.integers(0, len(beside), OUTER)].T
            made.outer[row] = np.stack([x, y], 1) / width
            made.off[row], made.outer_weight[row] = away[y, x] / width, 1.0
    apart, frame = _distances(garment, size)
    return replace(made, apart=apart, frame=frame)


def _empty(features: Floats, body: Body) -> Example:
    """Return an example that has no places and no knots yet."""

    def zeros(*shape: int) -> Floats:
        return np.zeros((PARTS, *shape), np.float32)

    return Example(
        features=features,
        slot=np.full((PARTS, KNOTS), -1),
        knots=zeros(KNOTS, 2),
        flat=zeros(KNOTS, 2),
        bends=np.zeros(PARTS, bool),
        axes=np.stack([body.across, body.down]).astype(np.float32),
        at=zeros(INNER, 2),
        shown=zeros(INNER, 2),
        weight=zeros(INNER),
        rim=zeros(RIM, 2),
        rim_weight=zeros(RIM),
        outer=zeros(OUTER, 2),
        off=zeros(OUTER),
        outer_weight=zeros(OUTER),
        apart=zeros(),
        frame=zeros(),
    )


def _away(mask: Mask) -> Floats:
    """Return how far each place beside a garment is from it, px; 0 on it."""
    return np.asarray(cv2.distanceTransform((~mask).astype(np.uint8), cv2.DIST_L2, 5), np.float32)


def _beside(away: Floats, knots: Floats, near: float, *, whole: bool) -> Mask:
    """Return places beside a garment and no further than `near` px from it.

    Of a limb (not `whole`) only those that are as near to its control points count: it is cut to a
    strip along them, and what its map says elsewhere is never seen.
    """
    found = (away > 2) & (away < near)
    if not whole:
        strip = np.zeros(away.shape, np.uint8)
        hull = cv2.convexHull(knots.round().astype(np.int32))
        cv2.fillConvexPoly(strip, hull, 255)
        cv2.polylines(strip, [hull], True, 255, max(1, round(2 * near)))
        found &= strip > 0
    return np.asarray(found)


def _edge(mask: Mask, at: Floats) -> Mask:
    """Tell which places lie on a mask's rim, the picture's own edges aside."""
    padded = np.pad(mask.astype(np.uint8), 1, mode="edge")
    inner = cv2.erode(padded, np.ones((3, 3), np.uint8))[1:-1, 1:-1]
    rim = mask & (inner == 0)
    x, y = at.astype(int).T
    return np.asarray(rim[y, x])


def _sampled_at(plane: NDArray[np.floating], at: Floats) -> NDArray[np.floating]:
    height, width = plane.shape
    x, y = np.rint(at).astype(int).T
    inside = (x >= 0) & (y >= 0) & (x < width) & (y < height)
    return np.where(inside, plane[np.clip(y, 0, height - 1), np.clip(x, 0, width - 1)], 0)


def _distances(garment: Garment, size: np.float32) -> tuple[Floats, Floats]:
    """Return how far places are from the garment's outline, its opening left out."""
    cloth = np.maximum.reduce([garment.body, *garment.limbs.values()]) > 0.5
    margin = int(size) // 4
    padded = np.pad(cloth.astype(np.uint8), margin)
    outside = cv2.distanceTransform(1 - padded, cv2.DIST_L2, 5)
    inside = cv2.distanceTransform(padded, cv2.DIST_L2, 5)
    apart = (np.asarray(outside, np.float32) - np.asarray(inside, np.float32)) / size
    small = cv2.resize(apart, (GRID, GRID), interpolation=cv2.INTER_AREA)
    height, width = padded.shape
    frame = np.array([-margin / size, -margin / size, width / size, height / size], np.float32)
    return np.asarray(small, np.float32), frame
