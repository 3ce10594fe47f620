"""What sees people: the networks of perception, as try-on asks them, and the repair net."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Self

import numpy as np

from ..base import Plan
from ..onnx import Graph
from ..perception.detection import Region, detect, everybody
from ..perception.joints import HIPS, SHOULDERS
from ..perception.networks import PoseNetworks, read_parse
from ..perception.parse import Parse, parse, parse_still, upper_body, whole_body
from ..perception.pose import LEAST_SCORE, Pose, landmarks
from ..perception.tracker import Tracker
from .arrays import Pixels
from .repair.net import Repair


@dataclass(frozen=True, slots=True)
class Eyes:
    """Opened networks; pictures are (H, W, 3)."""

    _pose: PoseNetworks
    _parse: Graph
    repair: Repair

    @classmethod
    def load(cls, plan: Plan) -> Self:
        """Open what ships; raise WeightsError where it is missing."""
        return cls(PoseNetworks.read(plan=plan), read_parse(plan=plan), Repair.read(plan=plan))

    @property
    def skin(self) -> Graph:
        """The network that tells skin from clothes, see `garment.prepare`."""
        return self._parse

    def people(self, image: Pixels) -> Sequence[Region]:
        """Return where people are, the surest first; small ones where there are no others."""
        return everybody(image, self._pose) or detect(image, self._pose, closely=True)

    def pose(self, image: Pixels, region: Region) -> Pose | None:
        """Return how somebody stands, or None where nobody is: looked at twice.

        The first look, at what the detector found, says where to look closely. A small face is
        at times found upside down: who stands on their head is looked at the other way, too, and
        the way counts in which both looks agree better.
        """
        pose, apart = self._twice(image, region)
        if pose is not None and _on_head(pose):
            turned = replace(region.square, angle=region.square.angle + np.pi)
            other, further = self._twice(image, replace(region, square=turned))
            if other is not None and further < apart:
                return other
        return pose

    def _twice(self, image: Pixels, region: Region) -> tuple[Pose | None, float]:
        """Return a pose, and how far its joints are from the first look's, in its size."""
        first, closer = landmarks(image, region, self._pose)
        if first.score < LEAST_SCORE:
            return None, np.inf
        second, _ = landmarks(image, closer, self._pose)
        if second.score < LEAST_SCORE:
            return first, np.inf
        moved = np.linalg.norm(second.points - first.points, axis=1)
        return second, float(moved.mean()) / second.scale

    def parse(self, image: Pixels, pose: Pose, whole: bool, still: bool = True) -> Parse:
        """Return what is skin, hair, clothes, …: of the upper body, closer, or of the whole.

        A ``still`` is looked at twice where the first look cannot be right: a camera has not time.
        """
        box = whole_body(pose) if whole else upper_body(pose)
        if still:
            return parse_still(image, box, pose, self._parse)
        return parse(image, box, self._parse)

    def tracker(self) -> Tracker:
        """Return what follows a person through the frames of a camera."""
        return Tracker(self._pose)


def _on_head(pose: Pose) -> bool:
    """Return whether hips are higher up in the picture than shoulders, by far."""
    way = pose.points[list(HIPS)].mean(0) - pose.points[list(SHOULDERS)].mean(0)
    return bool(way[1] < -abs(way[0]))
