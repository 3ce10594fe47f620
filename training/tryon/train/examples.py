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
from livedraft.runtime.models.tryon.body.frame import SIDES, Body
from livedraft.runtime.models.tryon.body.outline import Outline
from livedraft.runtime.models.tryon.fit.controls import ORDER, Part
from livedraft.runtime.models.tryon.fit.description import described
from livedraft.runtime.models.tryon.fit.targets import targets
from livedraft.runtime.models.tryon.garment import Garment, prepare

from ..data.records import Layer
from .seeing import Sight

Floats = NDArray[np.float32]
PARTS, KNOTS, INNER, RIM = 3, 24, 96, 64  # parts of a garment; of each: knots, places, outline
OUTER, FAR = 96, 0.35  # places beside the garment, and how far from it, in widths
GRID = 128  # px a side, of the distance to the garment's outline
VARIANTS = 4  # of each record: as it is and mirrored, and both as if seen less well
JITTER = 0.012  # widths of the shoulders by which a joint is misread, on top of how it is


@dataclass(frozen=True)
class Example:
    """One garment on one person; lengths in shoulders' widths, of garments in their size."""

    features: Floats  # (n,)
    slot: NDArray[np.int64]  # (PARTS, KNOTS): row in ORDER of each knot, -1: not moved, -2: none
    knots: Floats  # (PARTS, KNOTS, 2): control points by rule
    flat: Floats  # (PARTS, KNOTS, 2): where they are on the garment
    bends: NDArray[np.bool_]  # (PARTS,): a spline, not an affine map
    axes: Floats  # (2, 2): across and down
    at: Floats  # (PARTS, INNER, 2): places of the person's picture
    shown: Floats  # (PARTS, INNER, 2): what the garment's picture shows there
    weight: Floats  # (PARTS, INNER): how squarely that is seen, 0: nothing
    rim: Floats  # (PARTS, RIM, 2): places of the garment's outline in the person's picture
    rim_weight: Floats  # (PARTS, RIM)
    outer: Floats  # (OUTER, 2): places of the person's picture that show no cloth
    off: Floats  # (OUTER,): how far they are from it
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
    for variant in range(VARIANTS):
        made = _made(sight, garment, rng, mirrored=variant % 2 == 1, worse=variant > 1)
        if made is not None:
            yield made


def _made(
    sight: Sight, garment: Garment, rng: Generator, *, mirrored: bool, worse: bool
) -> Example | None:
    body, person, worn, new = sight.body, sight.person, sight.worn, sight.record.new
    if worse:
        joints = body.joints + rng.normal(0, JITTER * body.width, body.joints.shape)
        body = replace(body, joints=joints.astype(np.float32))
        person, worn = (_regrown(mask, rng) for mask in (person, worn))
    assert new.flat is not None
    assert new.inside is not None
    shown = new.flat.copy()
    mask = new.image(~new.inside)
    at = np.stack([new.at % new.size[1], new.at // new.size[1]], 1).astype(np.float32)
    if mirrored:
        width = person.shape[1]
        body, garment = _mirrored_body(body, width), _mirrored(garment)
        person, worn, mask = person[:, ::-1], worn[:, ::-1], mask[:, ::-1]
        at[:, 0], shown[:, 0] = width - 1 - at[:, 0], garment.alpha.shape[1] - 1 - shown[:, 0]
    outline = Outline(person, worn, np.eye(2, 3, dtype=np.float32))
    hem = None if sight.hem is None else sight.hem * body.height
    if hem is not None and worse:
        hem *= 1 + float(rng.normal(0, 0.04))
    parts = targets(garment, body, outline, hem)
    features = described(garment, body, outline, parts, hem)
    return _sampled(features, garment, body, parts, new, at, shown, mask, rng)


def _sampled(
    features: Floats,
    garment: Garment,
    body: Body,
    parts: tuple[Part, ...],
    new: Layer,
    at: Floats,
    shown: Floats,
    mask: NDArray[np.bool_],
    rng: Generator,
) -> Example | None:
    """Choose places within each part's cloth and on its outline."""
    assert new.inside is not None
    width, size = np.float32(body.width), np.float32(max(garment.alpha.shape))
    slot = np.full((PARTS, KNOTS), -2)
    knots, flat = (np.zeros((PARTS, KNOTS, 2), np.float32) for _ in range(2))
    places, truths = (np.zeros((PARTS, INNER, 2), np.float32) for _ in range(2))
    rims = np.zeros((PARTS, RIM, 2), np.float32)
    weights, rim_weights = (np.zeros((PARTS, n), np.float32) for n in (INNER, RIM))
    bends = np.zeros(PARTS, bool)
    facing = np.clip(-new.normal[:, 1], 0, 1) ** 2 * ~new.inside
    edge = _edge(mask, at)
    for row, part in enumerate(parts):
        count = len(part.names)
        order, moved = ORDER[garment.kind], parts[0].names  # as `fit.learned` moves them
        slot[row, :count] = [order.index(n) if n in moved else -1 for n in part.names]
        knots[row, :count], flat[row, :count] = part.body / width, part.garment / size
        bends[row] = not part.stiff
        alpha = garment.body if row == 0 else garment.limbs[part.layer]
        mine = _sampled_at(alpha, shown) > 0.5
        inner = np.flatnonzero(mine & (facing > 0.02))
        if len(inner) < 20 and row == 0:
            return None
        if len(inner) >= 20:
            chosen = rng.choice(inner, INNER)
            places[row], truths[row] = at[chosen] / width, shown[chosen] / size
            weights[row] = facing[chosen]
        on_edge = np.flatnonzero(mine & edge)
        if len(on_edge) >= 12:
            rims[row] = at[rng.choice(on_edge, RIM)] / width
            rim_weights[row] = 1.0
    apart, frame = _distances(garment, size)
    outer, off = _beside(mask, body.width, rng)
    axes = np.stack([body.across, body.down]).astype(np.float32)
    return Example(
        features,
        slot,
        knots,
        flat,
        bends,
        axes,
        places,
        truths,
        weights,
        rims,
        rim_weights,
        outer,
        off,
        apart,
        frame,
    )


def _beside(mask: NDArray[np.bool_], width: float, rng: Generator) -> tuple[Floats, Floats]:
    """Return places beside a garment, in widths, and how far from it they are."""
    away = cv2.distanceTransform((~mask).astype(np.uint8), cv2.DIST_L2, 5)
    y, x = np.nonzero((away > 2) & (away < FAR * width))
    chosen = rng.integers(0, max(len(y), 1), OUTER)
    at = np.stack([x[chosen], y[chosen]], 1).astype(np.float32)
    off = np.asarray(away, np.float32)[y[chosen], x[chosen]]
    return at / np.float32(width), off / np.float32(width)


def _edge(mask: NDArray[np.bool_], at: Floats) -> NDArray[np.bool_]:
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


def _regrown(mask: NDArray[np.bool_], rng: Generator) -> NDArray[np.bool_]:
    """Return a mask whose rim is up to 2 px elsewhere."""
    by = int(rng.integers(-2, 3))
    if by == 0:
        return mask
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * abs(by) + 1,) * 2)
    how = cv2.dilate if by > 0 else cv2.erode
    return np.asarray(how(mask.astype(np.uint8), disc) > 0)


def _mirrored_body(body: Body, width: int) -> Body:
    joints = body.joints[::-1].copy()
    joints[..., 0] = width - 1 - joints[..., 0]
    (a, b), (c, d) = body.arms_seen, body.legs_seen
    return Body(joints, (b, a), (d, c), body.turned)


def _mirrored(garment: Garment) -> Garment:
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
