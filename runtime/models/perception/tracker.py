"""One person followed from frame to frame: found once, then tracked, and steadied."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from ..base import Pixels
from .detection import Region, detect
from .networks import PoseNetworks
from .one_euro import OneEuro
from .pose import LEAST_SCORE, Pose, Seen, look

FORGETS_S = 0.5  # of media: what is older says nothing of where somebody is now
_AGAIN_S = 0.2  # of media, between searches while nobody is there
# Of the filter, whose unit is the person's size: see the card for what they were weighed by.
_CUTOFF, _BETA = 1.0, 8.0


class Tracker:
    """Follows one person through the frames of a camera.

    Frames come with their times on the media clock, in µs; where those jump or the frames' size
    changes, the person is looked for anew.
    """

    def __init__(self, networks: PoseNetworks) -> None:
        self._networks = networks
        self._filter = OneEuro(_CUTOFF, _BETA)
        self._region: Region | None = None
        self._size = (0, 0)  # px, of the frame before
        self._at_s = -FORGETS_S  # of the frame before
        self._searched_s: float | None = None  # when somebody was last looked for

    def follow(
        self, picture: Pixels, at_us: int, subject: tuple[float, float] | None = None
    ) -> Pose | None:
        """Return the person's pose, or None while nobody is there.

        ``picture`` is (H, W, 3 | 4); of several people the one nearest to ``subject``, px, is
        followed, else the surest.
        """
        at_s, size = at_us / 1e6, (picture.shape[1], picture.shape[0])
        if size != self._size or not 0 < at_s - self._at_s <= FORGETS_S:
            self.forget()
        self._size, self._at_s = size, at_s
        seen = self._tracked(picture) or self._found(picture, subject)
        if seen is None:
            self._region = None
            return None
        points = np.concatenate([seen.pose.points, seen.guides]).astype(np.float64)
        steady = self._filter.filtered(points, at_s, seen.pose.scale).astype(np.float32)
        self._region = replace(seen, guides=steady[-2:]).region
        return seen.pose.moved(steady[:-2])

    def forget(self) -> None:
        """Look for somebody anew in the next frame."""
        self._region, self._searched_s = None, None
        self._filter.reset()

    def _tracked(self, picture: Pixels) -> Seen | None:
        """Return who is where somebody was, if that is so."""
        if self._region is None:
            return None
        seen = look(picture, self._region, self._networks)
        if seen.pose.score < LEAST_SCORE:
            self._filter.reset()
            return None
        return seen

    def _found(self, picture: Pixels, subject: tuple[float, float] | None) -> Seen | None:
        """Return who is in a picture, if anybody; not in every frame, since that takes long."""
        if self._searched_s is not None and self._at_s - self._searched_s < _AGAIN_S:
            return None
        self._searched_s = self._at_s
        regions = detect(picture, self._networks)
        if subject is not None:
            regions.sort(key=lambda each: _distance(each, subject))
        looks = (look(picture, region, self._networks) for region in regions)
        return next((seen for seen in looks if seen.pose.score >= LEAST_SCORE), None)


def _distance(region: Region, subject: tuple[float, float]) -> float:
    return float(np.hypot(region.square.x - subject[0], region.square.y - subject[1]))
