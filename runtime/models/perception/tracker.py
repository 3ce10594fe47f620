"""One person followed from frame to frame: found once, then tracked, and steadied."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from ..base import Pixels
from .detection import Region, detect
from .joints import FACE, TORSO, Joint
from .motion import Motion
from .networks import PoseNetworks
from .one_euro import EVEN, OneEuro, Trust, Values
from .pose import LEAST_SCORE, Pose, Seen, first_look, look

FORGETS_S = 0.5  # of media: what is older says nothing of where somebody is now
_AGAIN_S = 0.2  # of media, between searches while nobody is there
# Of the filter, whose unit is the person's size: see the card for what they were weighed by.
_CUTOFF, _BETA = 1.0, 8.0
# How much new places count where the motion of head and torso is known: of joints that move with
# them, and of those that are guessed beyond the picture's edge.
_RIGID, _GUESSED = 0.12, 0.03
# Off where they are expected, in the person's size: from where on joints that move with head and
# torso are believed to move otherwise, as those of who turns do, and from where on wholly.
_TURNS = (0.06, 0.2)
_NEW_OFF = 0.35  # how much one frame counts of that: it may err by far


class Tracker:
    """Follows one person through the frames of a camera.

    Frames come with their times on the media clock, in µs; where those jump or the frames' size
    changes, the person is looked for anew.
    """

    def __init__(self, networks: PoseNetworks) -> None:
        self._networks = networks
        self._filter = OneEuro(_CUTOFF, _BETA)
        self._motion = Motion()
        self._off: Values = np.zeros((len(Joint), 2))
        self._region: Region | None = None
        self._size = (0, 0)  # px, of the frame before
        self._at_s = -FORGETS_S  # of the frame before
        self._searched_s: float | None = None  # when somebody was last looked for
        self._lifted = False  # how they are looked for next

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
        moved = self._motion.since(picture)
        if seen is None:
            self._region = None
            return None
        points = np.concatenate([seen.pose.points, seen.guides]).astype(np.float64)
        expected = None if moved is None else self._filter.carried(moved)
        trust = EVEN
        if expected is not None:
            off = (points - expected)[:-2] / seen.pose.scale
            self._off = self._off + _NEW_OFF * (off - self._off)
            trust = _trust(seen, np.linalg.norm(self._off, axis=1), size)
        steady = self._filter.filtered(points, at_s, seen.pose.scale, trust).astype(np.float32)
        self._region = replace(seen, guides=steady[-2:]).region
        pose = seen.pose.moved(steady[:-2])
        self._motion.watch(pose)
        return pose

    def forget(self) -> None:
        """Look for somebody anew in the next frame."""
        self._region, self._searched_s, self._lifted = None, None, False
        self._filter.reset()
        self._motion.forget()
        self._off[:] = 0

    def _tracked(self, picture: Pixels) -> Seen | None:
        """Return who is where somebody was, if that is so."""
        if self._region is None:
            return None
        seen = look(picture, self._region, self._networks)
        if seen.pose.score < LEAST_SCORE:
            self._filter.reset()
            self._off[:] = 0
            return None
        return seen

    def _found(self, picture: Pixels, subject: tuple[float, float] | None) -> Seen | None:
        """Return who is in a picture, if anybody; not in every frame, since that takes long."""
        if self._searched_s is not None and self._at_s - self._searched_s < _AGAIN_S:
            return None
        self._searched_s = self._at_s
        # Every other time with shadows lifted: who is dark before a bright wall is found so.
        regions = detect(picture, self._networks, lifted=self._lifted)
        if subject is not None:
            regions.sort(key=lambda each: _distance(each, subject))
        looks = (first_look(picture, region, self._networks) for region in regions)
        found = next((seen for seen in looks if seen.pose.score >= LEAST_SCORE), None)
        self._lifted = found is None and not self._lifted
        return found


def _trust(seen: Seen, off: Values, size: tuple[int, int]) -> Trust:
    """Return how much new places of joints, and of the two guides after them, count.

    ``off`` is how far joints have been from where they were expected, in the person's size.
    """
    pose, rigid = seen.pose, [*FACE, *TORSO]
    calm = np.clip(pose.presence * pose.visibility, _GUESSED, 1).astype(np.float64) ** 2
    lively = calm.copy()
    turns = np.clip((off[rigid] - _TURNS[0]) / (_TURNS[1] - _TURNS[0]), 0, 1)
    calm[rigid], lively[rigid] = _RIGID + (1 - _RIGID) * turns, turns
    beyond = ((pose.points < 0) | (pose.points > size)).any(axis=1)
    calm[beyond], lively[beyond] = _GUESSED, 0
    return Trust(
        np.append(calm, [_RIGID, _RIGID])[:, None], np.append(lively, [_RIGID, _RIGID])[:, None]
    )


def _distance(region: Region, subject: tuple[float, float]) -> float:
    return float(np.hypot(region.square.x - subject[0], region.square.y - subject[1]))
