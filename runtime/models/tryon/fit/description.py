"""What a net hears of a garment on a body: joints, outline, control points; in widths.

Widths are those of the shoulders. All lies in the body's frame, so that neither size nor place nor
tilt of a person counts.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from ..arrays import Floats, Points, Vector, unit
from ..body.frame import SIDES, Body
from ..body.outline import Name, Outline
from ..garment import Garment, Kind
from .controls import ORDER, Part, in_frame

_ROWS = (-0.3, -0.12, 0.0, 0.2, 0.4, 0.6, 0.8, 1.0, 1.15, 1.3)  # down the middle, in heights
_COLUMNS = (-0.5, -0.35, -0.2, 0.2, 0.35, 0.5)  # across, in widths: how far up the outline is
_ALONG = (0.25, 0.75)  # of each bone: how far to both sides
_BONES: Mapping[Kind, tuple[tuple[str, str], ...]] = {
    "upper": (("shoulder", "elbow"), ("elbow", "wrist")),
    "dress": (("shoulder", "elbow"), ("elbow", "wrist")),
    "lower": (("hip", "knee"), ("knee", "ankle")),
}
_FAR, _MOST = 1.2, 4.0  # widths: how far rays go, and beyond which nothing is told apart
_SLEEVES = ("none", "short", "long")


def described(
    garment: Garment, body: Body, outline: Outline, parts: Sequence[Part], hem: float | None
) -> Floats:
    """Return the numbers (n,) that a net hears; n is one for each kind. ``hem`` is in px."""
    width = body.width
    points = {name: at for part in parts for name, at in zip(part.names, part.body, strict=True)}
    flat = {name: at for part in parts for name, at in zip(part.names, part.garment, strict=True)}
    names = ORDER[garment.kind]
    features = [
        in_frame(body.joints.reshape(-1, 2), body).ravel(),
        np.array([*body.arms_seen, *body.legs_seen], np.float32),
        np.array([body.height, body.hips], np.float32) / np.float32(width),
        _rays(garment.kind, body, outline),
        _filled(names, points, lambda at: in_frame(at, body)),
        _filled(names, flat, _centred(flat)),
        np.array([name in points for name in names], np.float32),
        np.array([garment.sleeves == each for each in _SLEEVES], np.float32),
        np.array([hem is not None, (hem or 0.0) / width, garment.legs], np.float32),
    ]
    return np.clip(np.concatenate(features), -_MOST, _MOST).astype(np.float32)


def _rays(kind: Kind, body: Body, outline: Outline) -> Floats:
    """Return how far the outline is from places on the body, in widths."""
    rays: list[tuple[Name, Vector, Vector]] = []

    def ray(mask: Name, start: Vector, way: Vector) -> None:
        rays.append((mask, start, way))

    for row in _ROWS:
        start = body.neck + body.down * np.float32(row * body.height)
        for side in SIDES:
            ray("person", start, body.out(side))
            ray("worn", start, body.out(side))
    for column in _COLUMNS:
        start = body.neck + body.across * np.float32(column * body.width)
        ray("worn", start, -body.down)
    for side in SIDES:
        for one, other in _BONES[kind]:
            start, end = body.at(side, one), body.at(side, other)
            way = unit(end - start)
            normal = np.array([-way[1], way[0]], np.float32)
            for share in _ALONG:
                at = start + (end - start) * np.float32(share)
                ray("person", at, normal)
                ray("person", at, -normal)
    far = _reached(rays, outline, _FAR * body.width) / body.width
    return far.astype(np.float32)


def _reached(rays: Sequence[tuple[Name, Vector, Vector]], outline: Outline, most: float) -> Floats:
    """Return how far rays stay within their masks, px."""
    found = np.empty(len(rays))
    masks: set[Name] = {name for name, _, _ in rays}
    for mask in masks:
        of = [row for row, (name, _, _) in enumerate(rays) if name == mask]
        starts, ways = (np.stack([rays[row][part] for row in of]) for part in (1, 2))
        found[of] = outline.reaches(mask, starts, ways, most)
    return found


def _filled(
    names: Sequence[str], points: Mapping[str, Points], placed: Callable[[Points], Points]
) -> Floats:
    """Return the points of all names, (2 * names,), zeros for those that there are not."""
    filled = np.zeros((len(names), 2), np.float32)
    there = [row for row, name in enumerate(names) if name in points]
    filled[there] = placed(np.array([points[names[row]] for row in there], np.float32))
    return filled.ravel()


def _centred(flat: Mapping[str, Points]) -> Callable[[Points], Points]:
    """Return what takes a garment's px to shares of its size, from its middle."""
    every = np.array(list(flat.values()), np.float32)
    low, high = every.min(0), every.max(0)
    middle, size = (low + high) / 2, max(float((high - low).max()), 1.0)
    return lambda at: (at - middle) / np.float32(size)
