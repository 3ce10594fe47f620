"""What sees people: the networks of perception, as try-on asks them, and the repair net."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

from ..base import Plan
from ..onnx import Graph
from ..perception.detection import Region, detect
from ..perception.networks import PoseNetworks, read_parse
from ..perception.parse import Parse, parse, upper_body, whole_body
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
        """Return where people are, the surest first."""
        return detect(image, self._pose)

    def pose(self, image: Pixels, region: Region) -> Pose | None:
        """Return how somebody stands, or None where nobody is: looked at twice.

        The first look, at what the detector found, says where to look closely.
        """
        first, closer = landmarks(image, region, self._pose)
        if first.score < LEAST_SCORE:
            return None
        second, _ = landmarks(image, closer, self._pose)
        return second if second.score >= LEAST_SCORE else first

    def parse(self, image: Pixels, pose: Pose, whole: bool) -> Parse:
        """Return what is skin, hair, clothes, …: of the upper body, closer, or of the whole."""
        return parse(image, whole_body(pose) if whole else upper_body(pose), self._parse)

    def tracker(self) -> Tracker:
        """Return what follows a person through the frames of a camera."""
        return Tracker(self._pose)
