"""Pose and parse of one person in moving pictures: a parse now and then, moved in between."""

from __future__ import annotations

from typing import NamedTuple

from ..base import Pixels
from ..onnx import Graph
from .networks import PoseNetworks
from .parse import Parse, parse, whole_body
from .pose import Pose, similarity
from .tracker import Tracker

EVERY_US = 200_000  # of media, from parse to parse: one takes as long as several frames


class Followed(NamedTuple):
    """What is known of a person in one frame."""

    pose: Pose
    parse: Parse


class Follower:
    """Follows one person, and what its pixels are, through the frames of a camera."""

    def __init__(self, networks: PoseNetworks, parser: Graph) -> None:
        self._tracker = Tracker(networks)
        self._parser = parser
        self._last: Followed | None = None  # as it was parsed
        self._at_us = 0  # when that was

    def follow(self, picture: Pixels, at_us: int) -> Followed | None:
        """Return what is known of the person, or None while nobody is there.

        ``picture`` is (H, W, 3 | 4), ``at_us`` its time on the media clock.
        """
        pose = self._tracker.follow(picture, at_us)
        if pose is None:
            self._last = None
            return None
        size = picture.shape[1], picture.shape[0]
        fresh = self._last is not None and 0 <= at_us - self._at_us < EVERY_US
        if self._last is None or not fresh or self._last.parse.size != size:
            self._last = Followed(pose, parse(picture, whole_body(pose), self._parser))
            self._at_us = at_us
            return self._last
        return Followed(pose, self._last.parse.moved(similarity(self._last.pose, pose)))
