"""Necklines as they are cut: from boat to V, with or without a collar; and how plain each is seen.

The line along which a front ends begins at a neck's corners, or beside them where a collar is
turned down, and narrows downwards. Each of a family of such curves is laid on the picture and bent
a little to what is seen (an active contour: Amini, Weymouth and Jain 1990).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import cv2
import numpy as np
from numpy.typing import NDArray

from ..garment import Floats, Mask
from .stripes import Stripes

# Lengths are in neck widths, from the middle of the neck's corners: x to the right, y down.
_DEPTHS = np.geomspace(0.12, 1.7, 16)
_BELLIES = (0.8, 1.0, 1.4, 2.0, 3.0)  # half width = 1 - depth ^ belly: a V, ..., a U
_HALVES = (0.40, 0.50, 0.61, 0.74)  # at the top; beyond the corners where a collar is turned down
_LOWER = 0.30  # than the corners a collar's fold may begin; lower it is sewn to the shoulders
_NODES = 24  # of a half
_STEP, _REACH = 0.02, 4  # that a node may leave its curve: steps, and how many
_BEND = 0.08  # what a step from node to node costs
_AWAY = 0.01  # and what a step from the curve
_LIT_INSIDE = 0.4  # weight of an edge whose inside is the brighter side: it mostly lies in shadow
_LEAST_EDGE = 2.0  # of smoothed Lab, over two steps
_PLAIN = 0.5  # of the plainest curves: more makes no edge plainer
_SMOOTH = np.array([1, 3, 5, 6, 5, 3, 1], np.float32) / 24


@dataclass(frozen=True)
class Family:
    """Curves on the right of a neck, from the top down; what is left is their mirror image."""

    lines: Floats  # (n, nodes, 2), beginning at the corners' height
    normals: Floats  # (n, nodes, 2), away from the neck
    depth: Floats  # (n,)
    half: Floats  # (n,) half width at the top
    length: Floats  # (n,)

    def lowered(self, by: Floats) -> Floats:
        """Return lines that begin lower, and end where they did; ``by`` (n,)."""
        lines = self.lines.copy()
        lines[..., 1] += by[:, None] * (1 - lines[..., 1] / self.depth[:, None])
        return lines


@dataclass(frozen=True)
class Seen:
    """How each curve of a family is seen, bent to the picture."""

    lines: Floats  # (n, nodes, 2)
    edge: Floats  # (n,) mean strength along it, 0..1
    steady: Floats  # (n,) how much its sides differ, over how much that changes along it


@cache
def family() -> Family:
    """Return all necklines that are sought."""
    share = np.linspace(0, 1, 200)
    lines, depths, halves, lengths = [], [], [], []
    for depth in _DEPTHS:
        for belly in _BELLIES:
            for half in _HALVES:
                x, y = half * (1 - share**belly), depth * share
                way = np.concatenate([[0], np.cumsum(np.hypot(np.diff(x), np.diff(y)))])
                at = (np.arange(_NODES) + 0.5) / _NODES * way[-1]
                lines.append(np.stack([np.interp(at, way, x), np.interp(at, way, y)], -1))
                depths.append(depth)
                halves.append(half)
                lengths.append(way[-1])
    whole = np.asarray(lines, np.float32)
    along = np.gradient(whole, axis=1)
    along /= np.linalg.norm(along, axis=-1, keepdims=True)
    normals = np.stack([along[..., 1], -along[..., 0]], -1)
    each = (np.asarray(one, np.float32) for one in (normals, depths, halves, lengths))
    return Family(whole, *each)


def seen(lab: Floats, mask: Mask, place: Floats) -> Seen:
    """Return how the family is seen in smoothed Lab (H, W, 3); ``place``: neck widths to px."""
    cuts = family()
    tops = _tops(mask, place, cuts.half)
    lines = cuts.lowered(np.minimum(tops, _LOWER))
    off = np.arange(-_REACH - 1, _REACH + 2, dtype=np.float32) * np.float32(_STEP)
    ways = np.asarray(lines[:, :, None] + cuts.normals[:, :, None] * off[:, None], np.float32)
    picture = np.dstack([lab, mask.astype(np.float32)])
    mirror = np.array([[1, 1], [-1, 1]], np.float32)
    sides = np.stack([_sampled(picture, np.asarray(ways * side), place) for side in mirror])
    slopes = sides[..., 2:, :3] - sides[..., :-2, :3]  # (2, n, nodes, steps, 3)
    stripes = Stripes(lab, place)
    printed = [
        stripes.across(ways[:, :, 1:-1] * (sign, 1), cuts.normals[:, :, None]) for sign in (1, -1)
    ]
    strength = np.maximum(np.linalg.norm(slopes, axis=-1) - printed, 0)
    strength *= np.where(slopes[..., 0] >= 0, 1, _LIT_INSIDE) * (sides[..., 2:, 3] > 0.9)
    strength[:, tops > _LOWER] = 0
    both = _alike(strength)
    plain = max(_LEAST_EDGE, _PLAIN * float(np.percentile(both.max(-1).mean(-1), 99)))
    edge = np.minimum(both / plain, 1)
    bent = _bent(1 - edge)
    at = np.arange(len(lines))[:, None], np.arange(_NODES)[None], bent
    found = slopes[:, *at]
    mean = found.mean((0, 2))
    spread = np.linalg.norm(found - mean[None, :, None], axis=-1).mean((0, 2))
    lit = np.where(mean[:, 0] >= 0, 1, _LIT_INSIDE)
    steady = np.linalg.norm(mean, axis=-1) / (spread + 1.5) * lit
    moved = _smoothed(off[bent + 1])
    return Seen(
        np.asarray(lines + cuts.normals * moved[..., None], np.float32),
        np.asarray(edge[at].mean(-1), np.float32),
        np.asarray(steady, np.float32),
    )


def _tops(mask: Mask, place: Floats, halves: Floats) -> Floats:
    """Return how far below the corners the cloth begins where each curve does, on either side."""
    width = max(1.0, float(np.hypot(*place[:, 0])))
    found = np.zeros_like(halves)
    for half in set(halves.tolist()):
        lower = 0.0
        for x in (-half, half):
            column, row = place @ np.array([x, 0, 1], np.float32)
            cloth = mask[:, int(np.clip(round(float(column)), 0, mask.shape[1] - 1))]
            lower = max(lower, (float(cloth.argmax()) - float(row)) / width)
        found[halves == np.float32(half)] = lower + _STEP
    return found


def _sampled(picture: Floats, ways: Floats, place: Floats) -> Floats:
    """Return a picture's (H, W, c) values at places (n, nodes, steps, 2) in neck widths."""
    at = ways.reshape(len(ways), -1, 2) @ place[:, :2].T + place[:, 2]
    x, y = (np.ascontiguousarray(at[..., i], np.float32) for i in (0, 1))
    found = np.asarray(cv2.remap(picture, x, y, cv2.INTER_LINEAR), np.float32)
    return found.reshape(*ways.shape[:-1], -1)


def _alike(strength: Floats) -> Floats:
    """Return what is seen on the left and on the right alike, within a step: (n, nodes, k)."""
    padded = np.pad(strength, [(0, 0)] * 3 + [(1, 1)])
    near = np.maximum(np.maximum(padded[..., :-2], padded[..., 2:]), strength)
    least = np.minimum(strength, near[::-1]).mean(0)
    return np.asarray((np.sqrt(near[0] * near[1]) + least) / 2, np.float32)


def _bent(costs: Floats) -> NDArray[np.intp]:
    """Return which step each node of each curve takes, of (n, nodes, steps) costs: least in all."""
    steps = np.arange(costs.shape[2])
    turn = np.abs(steps[:, None] - steps[None]) * np.float32(_BEND)
    away = (np.abs(steps - _REACH) * _AWAY).astype(np.float32)
    costs = np.asarray(costs + away, np.float32)
    total, froms = costs[:, 0], []
    for node in range(1, costs.shape[1]):
        reached = total[:, None] + turn
        froms.append(reached.argmin(-1))
        total = reached.min(-1) + costs[:, node]
    line = [total.argmin(-1)]
    for origin in froms[::-1]:
        line.append(np.take_along_axis(origin, line[-1][:, None], 1)[:, 0])
    return np.stack(line[::-1], 1)


def _smoothed(off: Floats) -> Floats:
    """Return steps (n, nodes) off their curves without corners that cloth has not."""
    reach = len(_SMOOTH) // 2
    padded = np.pad(off, ((0, 0), (reach, reach)), mode="edge")
    windows = np.lib.stride_tricks.sliding_window_view(padded, len(_SMOOTH), axis=1)
    return np.asarray(windows @ _SMOOTH, np.float32)
