"""Where the things of a scene are on the page: each placed against what was named before it.

The page is fitted around them at the end. What is in front has the larger layer.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import cv2
import numpy as np

from ..words.kinds import Kinds
from .placed import (
    Group,
    Mask,
    Placed,
    Shape,
    box,
    high,
    in_two_rows,
    moved,
    narrowed,
    scaled,
    wide,
)

GRID = 64  # cells a side of a shape's mask, over its own box
PROBES = 48  # cells of a unit when overlaps are measured
FRONT = 30.0  # layers between a container and its front
GAP = 0.07  # between neighbours
HIDDEN = 0.3  # share of what is behind something that it hides
SUNK = 0.24  # share of what is in something that is below its rim
FILLED = 0.62  # of a container's width, by what is in it


class Arranger:
    """Places drawings whose shapes are known."""

    def __init__(self, kinds: Kinds, shape: Callable[[str], Shape], seed: int, first: bool) -> None:
        """`first` is whether the seed is the likeliest one: then nothing is mirrored."""
        self._kinds, self._shape = kinds, shape
        self._rng, self._first = np.random.default_rng(seed), first

    def several(self, label: str, thing: int, count: int) -> Group:
        """Return as many of one drawing on the ground, each a little different."""
        size = self._kinds.size(label)
        if count == 1:
            return [self._one(label, thing, size, mirrored=self._turned())]
        row: Group = []
        for index in range(count):
            own = size * self._rng.uniform(0.93, 1.04)
            lean = float(self._rng.uniform(-5, 5)) if size < 1 else 0.0
            made = replace(self._one(label, thing, own, mirrored=self._turned()), tilt=lean)
            right = row[-1].right if row else -GAP * size
            row.append(made.moved(right + GAP * size - made.left, 0.0))
            row[-1] = replace(row[-1], layer=float(index) / 100)
        return row if count <= 2 else in_two_rows(row)

    def put(self, there: Group, thing: Group, relation: str) -> Group:
        """Return both, the second placed against the first as the relation says."""
        ways: dict[str, Callable[[Group, Group], Group]] = {
            "on": self._on,
            "over": self._over,
            "under": self._under,
            "in": self._inside,
            "behind": self._behind,
            "before": self._before,
            "between": self._between,
            "with": self._with,
            "worn": self._worn,
        }
        return ways.get(relation, self._beside)(there, thing)

    def _one(self, label: str, thing: int, size: float, mirrored: bool = False) -> Placed:
        shape = self._shape(label)
        scale = size / max(shape.width, shape.height)
        width, height = shape.width * scale, shape.height * scale
        rim = self._kinds.rim(label) or 0.0
        return Placed(label, thing, 0.0, -height, width, height, mirrored=mirrored, rim=rim)

    def _turned(self) -> bool:
        return not self._first and bool(self._rng.random() < 0.5)

    # Each of these takes what is there and what its relation is said of: "A on B" is `_on(A, B)`.

    def _beside(self, first: Group, second: Group) -> Group:
        _, top, right, bottom = box(first)
        x0, y0, _, y1 = box(second)
        skies = [all(self._kinds.in_the_sky(p.label) for p in group) for group in (first, second)]
        drop = bottom - y1  # on the same ground
        if skies[1] and not skies[0]:
            drop = top - y0 - 0.15
        elif skies[0] and not skies[1]:
            drop = top - y0 + 0.15
        elif all(skies):
            drop = (top + bottom) / 2 - (y0 + y1) / 2
        return first + moved(second, right + GAP - x0, drop)

    def _with(self, who: Group, what: Group) -> Group:
        _, top, right, bottom = box(who)
        x0, _, x1, y1 = box(what)
        one = what[0]
        if self._kinds.is_hat(one.label):
            return self._worn(who, what)
        if self._kinds.flies(one.label):  # its string ends in a hand
            return who + moved(what, right - x0 + 0.02, bottom - 0.35 * (bottom - top) - y1)
        if self._kinds.size(one.label) < 0.9 and len(who) == 1:  # held in front
            x = right - 0.45 * (x1 - x0) - x0
            return who + moved(what, x, bottom + 0.06 - y1, 10.0)
        return self._beside(who, what)

    def _worn(self, who: Group, what: Group) -> Group:
        one, hat = who[-1], what[0]
        scale = 0.62 * one.width / hat.width
        hat = replace(hat, width=hat.width * scale, height=hat.height * scale)
        x = self._highest(one) - hat.width / 2
        y = one.top + 0.22 * hat.height - hat.height
        return [*who, hat.moved(x - hat.left, y - hat.top, 10.0)]

    def _on(self, who: Group, base: Group) -> Group:
        left, _, right, bottom = box(who)
        x0, y0, x1, y1 = box(base)
        seat = self._kinds.seat(base[0].label) if len(base) == 1 else None
        if seat is not None:
            who = narrowed(who, 0.8 * (x1 - x0))
            left, _, right, bottom = box(who)
            y = y0 + seat * (y1 - y0)
        else:
            half = 0.2 * (right - left)
            middle = (x0 + x1) / 2
            y = self._surface(base, middle - half, middle + half)
            y += 0.05 * min(1.0, right - left)
        return base + moved(who, (x0 + x1) / 2 - (left + right) / 2, y - bottom, 10.0)

    def _over(self, what: Group, base: Group) -> Group:
        left, _, right, bottom = box(what)
        x0, _, x1, _ = box(base)
        share = 0.72 if all(self._kinds.in_the_sky(p.label) for p in what) else 0.5
        x = x0 + share * (x1 - x0)
        half = (right - left) / 2
        y = self._surface(base, x - half, x + half) - GAP
        return base + moved(what, x - (left + right) / 2, y - bottom, -10.0)

    def _under(self, who: Group, roof: Group) -> Group:
        x0, y0, x1, y1 = box(roof)
        if not (len(roof) == 1 and self._kinds.shelters(roof[0].label)):
            left, top, right, _ = box(who)
            x = (x0 + x1) / 2 - (left + right) / 2
            return who + moved(roof, -x, top - y1 - 0.4 * GAP, 10.0)
        who = narrowed(who, 0.62 * (x1 - x0))
        left, top, right, bottom = box(who)
        room = 0.58 * (y1 - y0)
        if bottom - top > room:
            who = scaled(who, room / (bottom - top))
            left, top, right, bottom = box(who)
        x = (
            (x0 + x1) / 2 - 0.06 * (x1 - x0) - right
            if len(who) == 1
            else (x0 + x1 - left - right) / 2
        )
        x = max(x, x0 - 0.1 * (x1 - x0) - left)
        return roof + moved(who, x, y1 - bottom, 10.0)

    def _inside(self, who: Group, holder: Group) -> Group:
        one = holder[-1]
        rim = self._kinds.rim(one.label)
        if rim is None:  # before it, low
            room = min(0.45 * one.height / high(who), 0.5 * one.width / wide(who))
            who = scaled(who, min(1.0, room))
            left, _, right, bottom = box(who)
            x, y = one.middle - (left + right) / 2, one.bottom - 0.1 * one.height - bottom
            return holder + moved(who, x, y, 10.0)
        who = scaled(who, FILLED * one.width / wide(who))
        left, top, right, bottom = box(who)
        level = one.top + rim * one.height
        sunk = min(SUNK * (bottom - top), 0.7 * (one.bottom - level))
        inside = moved(who, one.middle - (left + right) / 2, level + sunk - bottom, 10.0)
        return [*holder[:-1], *inside, replace(one, holds=True)]

    def _behind(self, who: Group, front: Group) -> Group:
        """Put something behind, to the side, until just a part of it is hidden."""
        left, _, right, bottom = box(who)
        x0, _, x1, y1 = box(front)
        start = moved(who, (x0 + x1) / 2 - (left + right) / 2, y1 - bottom - 0.08, -10.0)
        best = min(
            (abs(self._hidden(moved(start, step / 12, 0.0), front) - HIDDEN), step)
            for step in range(1, 36)
        )
        return moved(start, best[1] / 12, 0.0) + front

    def _before(self, front: Group, who: Group) -> Group:
        """Put something before another one, lower and to the side."""
        left, _, right, bottom = box(front)
        x0, _, x1, y1 = box(who)
        start = moved(front, (x0 + x1) / 2 - (left + right) / 2, y1 - bottom + 0.15, 10.0)
        best = min(
            (abs(self._hidden(who, moved(start, step / 12, 0.0)) - HIDDEN), step)
            for step in range(24)
        )
        return who + moved(start, best[1] / 12, 0.0)

    def _between(self, who: Group, both: Group) -> Group:
        if len(both) == 1:
            return self._beside(who, both)  # "between a house" says no other side
        half = len(both) // 2
        return self._beside(self._beside(both[:half], who), both[half:])

    def _hidden(self, behind: Group, front: Group) -> float:
        """Return the share of something that what is in front of it hides."""
        left, top, right, bottom = box(behind)
        size = (round((right - left) * PROBES) + 1, round((bottom - top) * PROBES) + 1)
        own, other = (self._probed(group, left, top, size) for group in (behind, front))
        return float((own & other).sum() / max(1, own.sum()))

    def _surface(self, base: Group, left: float, right: float) -> float:
        """Return where what falls on it from above between two sides comes to rest."""
        x0, y0, x1, y1 = box(base)
        size = (round((x1 - x0) * PROBES) + 1, round((y1 - y0) * PROBES) + 1)
        mask = self._probed(base, x0, y0, size)
        first = max(0, round((left - x0) * PROBES))
        columns = mask[:, first : max(first + 1, round((right - x0) * PROBES))].any(1)
        return y0 + (float(columns.argmax()) / PROBES if columns.any() else y1 - y0)

    def _highest(self, one: Placed) -> float:
        """Return the middle of the top of something."""
        mask = self._shape(one.label).mask
        columns = np.nonzero(mask[: GRID // 6].any(0))[0]
        share = float(columns.mean() + 0.5) / GRID if len(columns) else 0.5
        return one.left + one.width * (1 - share if one.mirrored else share)

    def _probed(self, group: Group, left: float, top: float, size: tuple[int, int]) -> Mask:
        found = np.zeros(size[::-1], np.uint8)
        for one in group:
            mask = self._shape(one.label).mask.astype(np.uint8)
            mask = mask[:, ::-1] if one.mirrored else mask
            across, down = one.width * PROBES / GRID, one.height * PROBES / GRID
            at = np.array(
                [[across, 0, (one.left - left) * PROBES], [0, down, (one.top - top) * PROBES]]
            )
            found |= cv2.warpAffine(np.ascontiguousarray(mask), at, size, flags=cv2.INTER_NEAREST)
        return found > 0
