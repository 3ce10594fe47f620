"""A person before a camera: tracked in each frame, parsed a few times a second."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from ..perception.tracker import Tracker
from .arrays import Pixels, Vector
from .body.look import Look
from .eyes import Eyes
from .person import LEAST_PX, Person, placed
from .steady import Steady

PARSE_US = 200_000  # between parses: one so old, moved with the body, still fits by .97 IoU
_HEMS = 9  # looks at a hem, of which the median counts: colours of a moving picture err


@dataclass
class Camera:
    """What is known of the person from the frames before."""

    tracker: Tracker
    steady: Steady = field(default_factory=Steady)
    _look: Look | None = None
    _size: tuple[int, ...] = ()
    _whole: bool = False
    _at_us: int = 0  # when the look was taken
    _hems: deque[float | None] = field(default_factory=lambda: deque(maxlen=_HEMS))

    def follow(
        self, image: Pixels, at_us: int, subject: Vector | None, joints: Mapping[str, Vector]
    ) -> Person | None:
        """Return who is in the next frame, shown at this time on the media clock, µs."""
        height, width = image.shape[:2]
        if min(height, width) < LEAST_PX:
            return None
        near = None if subject is None else (float(subject[0]) * width, float(subject[1]) * height)
        pose = self.tracker.follow(image, at_us, near)
        if pose is None:
            self._look = None
            self._hems.clear()
            return None
        return Person(image, pose, placed(pose, image, joints))

    def look(self, eyes: Eyes, person: Person, at_us: int, whole: bool) -> Look:
        """Return what the person wears, seen anew where that was too long ago."""
        fresh = 0 <= at_us - self._at_us < PARSE_US and whole == self._whole
        if self._look is None or not fresh or self._size != person.image.shape:
            self._look = self._settled(person.look(eyes, whole, under=False))
            self._at_us, self._whole, self._size = at_us, whole, person.image.shape
        return self._look

    def _settled(self, now: Look) -> Look:
        """Return a look whose hem is where most looks before saw it, if most did."""
        self._hems.append(now.hem)
        known = sorted(hem for hem in self._hems if hem is not None)
        told = 2 * len(known) >= len(self._hems)
        return replace(now, hem=known[len(known) // 2] if told and known else None)
