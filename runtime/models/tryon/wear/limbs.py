"""Where a body's limbs lie in a crop: distances from bones, at a quarter of the size."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np

from ..arrays import Box, Floats, Vector, between, enlarged, length, unit
from ..body.frame import SIDES, Body, Side

SHRINK = 4
# Radii of limbs in the shoulders' width, at both ends: bare, and with room for a sleeve.
_UPPER_ARM, _FOREARM = (0.135, 0.112), (0.112, 0.072)
_SLEEVED_UPPER, _SLEEVED_FORE = (0.21, 0.17), (0.17, 0.15)
_THIGH, _SHIN = (0.23, 0.15), (0.15, 0.095)
_TROUSERED_THIGH, _TROUSERED_SHIN = (0.34, 0.28), (0.28, 0.26)
_SAME = (1.0, 1.0)  # radii of what is compared by plain distance
_NECK, _FOOT = 0.17, (0.12, 0.45)
_HEM = 0.06  # how far trousers hang beyond the ankle, of the shin
_RISE, _WAIST = 0.4, 0.24  # from the hips' joints up to where trousers may begin
# Where a neck goes over into a shoulder, in the shoulders' width: so far below their line, so far
# from the middle, and rising so steeply towards the neck.
_ROOT, _OUTER, _SLOPE = -0.14, 0.30, np.float32(0.8)
_LEANS = 0.5  # sine of how far a neck leans at most
_HAND = 0.35  # how far a hand goes on beyond the wrist, of the forearm
_POINT = 1.0  # px: what is shorter has no direction
_FAR = np.float32(9)


@dataclass(frozen=True, eq=False)
class Limbs:
    """Distances in a crop (h, w): 0 at a limb's bone, 1 at its rim; and ways from the neck, px."""

    body: Body
    box: Box
    head: Vector | None = None  # the middle of the face, px, where it is seen

    @property
    def size(self) -> tuple[int, int]:
        """Width and height of the crop, px."""
        return self.box[2] - self.box[0], self.box[3] - self.box[1]

    @cached_property
    def _grid(self) -> tuple[Floats, Floats]:
        """Places of a quarter of the pixels, px: a row (1, w) of x and a column (h, 1) of y."""
        width, height = self.size
        across, down = max(2, width // SHRINK), max(2, height // SHRINK)
        x = (np.arange(across, dtype=np.float32) + 0.5) * (width / across) + self.box[0]
        y = (np.arange(down, dtype=np.float32) + 0.5) * (height / down) + self.box[1]
        return x.astype(np.float32)[None], y.astype(np.float32)[:, None]

    @property
    def _far(self) -> Floats:
        """A plane of the grid on which nothing is near."""
        x, y = self._grid
        return np.full((y.shape[0], x.shape[1]), _FAR)

    def _bone(
        self, start: Vector, end: Vector, radii: tuple[float, float], cut: bool = False
    ) -> Floats:
        """Return the distance from a bone in its radius, which goes from one end's to the other's.

        One that is cut ends there straight; others are round.
        """
        long, way = length(end - start), unit(end - start)
        if long < _POINT:
            way, cut = np.array([1, 0], np.float32), False  # a point is round, from any direction
        # Both ways are sums of a row and a column: only what is not is worked out for each pixel.
        along, aside = self._ways(start, way), self._ways(start, np.array([way[1], -way[0]]))
        on = np.clip(along, 0, np.float32(long))
        ahead = along - on
        wide = on * np.float32((radii[1] - radii[0]) * self.body.width / max(long, 1.0))
        wide += np.float32(radii[0] * self.body.width)
        found = np.sqrt(aside * aside + ahead * ahead) / wide
        if cut:
            beyond = 1 + ahead / np.float32(max(radii[1] * self.body.width, 1.0))
            found = np.maximum(found, np.where(ahead > 0, beyond, 0))
        return np.asarray(found, np.float32)

    def _ways(self, start: Vector, way: Vector) -> Floats:
        """Return how far places lie from one along a way."""
        x, y = self._grid
        return np.asarray((x - start[0]) * way[0] + (y - start[1]) * way[1], np.float32)

    def _whole(self, plane: Floats) -> Floats:
        return enlarged(np.minimum(plane, _FAR), *self.size)

    def _over_sides(self, *bones: tuple[str, str, tuple[float, float], float]) -> Floats:
        """Return the least distance from bones, each named by its joints, on both sides."""
        found = self._far
        for side in SIDES:
            for start, end, radii, beyond in bones:
                one, other = self.body.at(side, start), self.body.at(side, end)
                tip = other + (other - one) * np.float32(beyond)
                cut = end in ("wrist", "ankle") and beyond < _HAND
                found = np.minimum(found, self._bone(one, tip, radii, cut))
        return self._whole(found)

    @cached_property
    def forearms(self) -> Floats:
        """Forearms with hands, with room for sleeves."""
        return self._over_sides(("elbow", "wrist", _SLEEVED_FORE, _HAND))

    @cached_property
    def sleeves(self) -> Floats:
        """Whole arms up to the wrists, with room for sleeves."""
        return self._over_sides(
            ("shoulder", "elbow", _SLEEVED_UPPER, 0), ("elbow", "wrist", _SLEEVED_FORE, 0.25)
        )

    @cached_property
    def arms(self) -> Floats:
        """Bare arms."""
        return np.minimum(*(self.bare("arm", side) for side in SIDES))

    @cached_property
    def legs(self) -> Floats:
        """Bare legs."""
        return np.minimum(*(self.bare("leg", side) for side in SIDES))

    def bare(self, limb: Literal["arm", "leg"], side: Side, from_: Vector | None = None) -> Floats:
        """Return a bare limb, of which nothing is seen before the end of a sleeve or a hem."""
        joints = ("shoulder", "elbow", "wrist") if limb == "arm" else ("hip", "knee", "ankle")
        start, bend, end = (self.body.at(side, joint) for joint in joints)
        upper, lower = (_UPPER_ARM, _FOREARM) if limb == "arm" else (_THIGH, _SHIN)
        tip = end + (end - bend) * np.float32(0.22 if limb == "arm" else 0.14)
        if from_ is None:
            bones = [(start, bend, upper), (bend, tip, lower)]
        elif _away(from_, start, bend) <= _away(from_, bend, tip):
            bones = [_rest(from_, start, bend, upper), (bend, tip, lower)]
        else:
            bones = [_rest(from_, bend, tip, lower)]
        found = [self._bone(one, other, radii, other is tip) for one, other, radii in bones]
        return self._whole(np.minimum.reduce(found))

    @cached_property
    def trousers(self) -> Floats:
        """Legs with room for trousers."""
        return self._over_sides(
            ("hip", "knee", _TROUSERED_THIGH, 0), ("knee", "ankle", _TROUSERED_SHIN, 0.1)
        )

    @cached_property
    def seat(self) -> Floats:
        """Hips and legs as trousers fit them, from the waist down."""
        rise = self.body.down * np.float32(_RISE * self.body.height)
        hips = [*(self.body.at(side, "hip") for side in SIDES), self.body.seat]
        found = [self._bone(hip - rise, hip, (_WAIST, _THIGH[0])) for hip in hips]
        return np.minimum(self._whole(np.minimum.reduce(found)), self.legs)

    @cached_property
    def feet(self) -> Floats:
        """Feet and shoes: what lies beyond an ankle, and not nearer to the other shin."""
        found = self._far
        shins = [(self.body.at(side, "knee"), self.body.at(side, "ankle")) for side in SIDES]
        for (knee, ankle), (other_knee, other_ankle) in (shins, shins[::-1]):
            shin = ankle - knee
            tip = ankle + shin * np.float32(0.55)
            low = ankle + shin * np.float32(_HEM)
            beyond = self._ways(low, shin) > 0
            other = self._bone(other_knee, other_ankle, _SAME)
            own = beyond & (self._bone(ankle, tip, _SAME) < other)
            found = np.minimum(found, np.where(own, self._bone(ankle, tip, _FOOT), _FAR))
        return self._whole(found)

    @cached_property
    def neck(self) -> Floats:
        """The bare neck, from the chest up to the head."""
        reach = np.float32(0.5 * self.body.width)
        neck, way = self.body.neck, self.body.down * reach
        low, high = between(neck, neck + way), neck - self._up * reach
        return self._whole(self._bone(low, high, (_NECK, _NECK)))

    @cached_property
    def trunk(self) -> Floats:
        """0..1: what lies below the slope from the neck to the shoulders."""
        wide = self.body.width
        root = _ROOT * wide - np.clip(_OUTER * wide - np.abs(self.across), 0, None) * _SLOPE
        below: Floats = np.clip((self.down - root) / (0.04 * wide) + 0.5, 0, 1)
        return below

    @property
    def aside(self) -> float:
        """How far to the right of the shoulders' middle the head is, px."""
        return 0.0 if self.head is None else float((self.head - self.body.neck) @ self.body.across)

    @property
    def _up(self) -> Vector:
        """The direction from a head down to the shoulders: heads are held aside, too."""
        if self.head is None:
            return self.body.down
        way = unit(self.body.neck - self.head)
        aside = float(way @ self.body.across)
        if float(way @ self.body.down) <= 0 or abs(aside) > _LEANS:
            aside = float(np.clip(aside, -_LEANS, _LEANS))
        upright = np.float32(np.sqrt(1 - aside * aside))
        return unit(self.body.down * upright + self.body.across * np.float32(aside))

    @cached_property
    def down(self) -> Floats:
        """The way down from the shoulders' line, px."""
        return self._along(self.body.down)

    @cached_property
    def across(self) -> Floats:
        """The way to the right from the middle, px."""
        return self._along(self.body.across)

    def _along(self, way: Vector) -> Floats:
        return enlarged(self._ways(self.body.neck, way), *self.size)

    def crossing(self, side: Side) -> bool:
        """Return whether a forearm lies before the torso, as crossed arms do."""
        for joint in ("elbow", "wrist"):
            at = self.body.at(side, joint) - self.body.neck
            inner = float(at @ self.body.across) * (-1 if side == "l" else 1)
            low = float(at @ self.body.down)
            if 0 < low < 0.95 * self.body.height and inner < 0.36 * self.body.width:
                return True
        return False


def _rest(
    point: Vector, start: Vector, end: Vector, radii: tuple[float, float]
) -> tuple[Vector, Vector, tuple[float, float]]:
    """Return what is left of a bone beyond a point, with the radii at its ends."""
    at = _upon(point, start, end)
    share = length(at - start) / max(length(end - start), 1.0)
    return at, end, (radii[0] + (radii[1] - radii[0]) * share, radii[1])


def _upon(point: Vector, start: Vector, end: Vector) -> Vector:
    """Return the place on a bone that is nearest to a point."""
    way = end - start
    share = float((point - start) @ way) / max(float(way @ way), 1.0)
    return between(start, end, float(np.clip(share, 0, 1)))


def _away(point: Vector, start: Vector, end: Vector) -> float:
    return length(point - _upon(point, start, end))
