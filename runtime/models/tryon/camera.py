"""A person before a camera: tracked in each frame, parsed a few times a second."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from concurrent.futures import Executor
from dataclasses import replace
from functools import partial

import numpy as np

from ..perception.joints import ARMS, FACE, Joint
from ..perception.pose import Pose
from ..perception.tracker import Tracker
from .arrays import Pixels, Vector
from .body.frame import Body
from .body.look import Look, motion
from .exposure import brightened
from .eyes import Eyes
from .looking import Looking
from .person import LEAST_PX, Person, placed
from .steady import Steady

PARSE_US = 200_000  # between looks: a parse so old, moved with the body, still fits by .97 IoU
CALM_US = 500_000  # between looks at who holds still, or moves as one: a torso takes all along
_LEGS = (Joint.LEFT_KNEE, Joint.RIGHT_KNEE, Joint.LEFT_ANKLE, Joint.RIGHT_ANKLE)
# Off where a torso took them, in the shoulders' width: joints of head and limbs that have moved.
# Those of who holds still seem to by a third of it, at times by two.
_STIRRED = ((FACE, 0.04), ((*ARMS, *_LEGS), 0.12))
_SEEN = 0.5  # of presence and visibility: a hidden joint is a guess
_REST_US = 100_000  # after each: looks alone would else keep one of two cores busy
_GAP_US = 500_000  # after so long without a frame it is another scene
_HEMS = 9  # looks at a hem, of which the median counts: colours of a moving picture err


class Camera:
    """What is known of the person from the frames before.

    A parse takes as long as several frames: ``worker`` has it done beside them, and a look that is
    older moves with the body until the next is there. Only a first look is waited for.
    """

    def __init__(self, tracker: Tracker, worker: Executor) -> None:
        self.steady = Steady()
        self._tracker, self._looking = tracker, Looking(worker)
        self._look: Look | None = None
        self._pose: Pose | None = None  # of who stood so then
        self._next: Pose | None = None  # the same of the look that is under way
        self._of: tuple[object, ...] = ()  # what the look is of, beside the person
        self._at_us = 0  # of the frame before
        self._begun_us, self._arrived_us = 0, 0  # of the newest look
        self._hems: deque[float | None] = deque(maxlen=_HEMS)

    def follow(
        self, image: Pixels, at_us: int, subject: Vector | None, joints: Mapping[str, Vector]
    ) -> Person | None:
        """Return who is in the next frame, shown at this time on the media clock, µs."""
        height, width = image.shape[:2]
        if not 0 < at_us - self._at_us <= _GAP_US:
            self.forget()
        self._at_us = at_us
        if min(height, width) < LEAST_PX:
            return None
        near = None if subject is None else (float(subject[0]) * width, float(subject[1]) * height)
        pose = self._tracker.follow(brightened(image), at_us, near)
        if pose is None:
            self.forget()
            return None
        return Person(image, pose, placed(pose, image, joints))

    def look(self, eyes: Eyes, person: Person, at_us: int, whole: bool) -> Look:
        """Return what the person wears, seen anew where that was too long ago.

        What a look that was begun some frames ago raised is raised here.
        """
        of = (person.image.shape, whole)
        if of != self._of:
            self.forget()
        if self._look is None:
            self._begun_us, self._arrived_us, self._of = at_us, at_us, of
            self._pose = self._next = person.pose
            self._look = self._settled(person.look(eyes, whole, still=False))
            return self._look
        if self._looking.idle and self._due(self._look, person, at_us):
            self._begun_us, self._next = at_us, person.pose
            self._looking.begin(partial(person.look, eyes, whole, still=False))
        arrived = self._looking.arrived()
        if arrived is not None:
            self._look, self._arrived_us = self._settled(arrived), at_us
            self._pose = self._next
        return self._look

    def _due(self, look: Look, person: Person, at_us: int) -> bool:
        """Return whether it is time to look again: sooner at who moves their head or a limb."""
        if at_us - self._arrived_us < _REST_US or at_us - self._begun_us < PARSE_US:
            return False
        return at_us - self._begun_us >= CALM_US or _stirred(self._pose, look.body, person)

    def forget(self) -> None:
        """Know nothing of what anybody wears, and want no look that is under way."""
        self._looking.drop()
        self._look = None
        self._hems.clear()

    def _settled(self, now: Look) -> Look:
        """Return a look whose hem is where most looks before saw it, if most did."""
        self._hems.append(now.hem)
        known = sorted(hem for hem in self._hems if hem is not None)
        told = 2 * len(known) >= len(self._hems)
        return replace(now, hem=known[len(known) // 2] if told and known else None)


def _stirred(then: Pose | None, body: Body, now: Person) -> bool:
    """Return whether head or limbs are not where the torso took them; ``body`` is of then, too."""
    if then is None:
        return True
    surely = np.minimum.reduce(
        [each for pose in (then, now.pose) for each in (pose.presence, pose.visibility)]
    )
    move = motion(body, now.body)
    carried = then.points @ move[:, :2].T + move[:, 2]
    off = np.linalg.norm(now.pose.points - carried, axis=1) / now.body.width
    return any(
        (off[list(joints)] > most)[surely[list(joints)] >= _SEEN].any() for joints, most in _STIRRED
    )
