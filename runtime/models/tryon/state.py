"""What one picture and one session of `tryon` consist of."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, field

from livedraft.media.chunks import VideoChunk

from ..base import Job
from .arrays import Floats, Pixels
from .body.look import Look
from .camera import Camera
from .outfit import Rack
from .params import TryOnParams
from .person import Person
from .wear.layers import Sheets
from .wear.wear import Worn

MOST_SEEN = 3  # ways to see one picture: at a draft's size, at its own, with a user's joints

Key = tuple[object, ...]


@dataclass(slots=True)
class TryOnState:
    """A session's exact caches: garments, the person of the last picture, the camera's."""

    rack: Rack = field(default_factory=Rack)
    picture: Pixels | None = None
    people: OrderedDict[Key, Person | None] = field(default_factory=OrderedDict)
    looks: OrderedDict[Key, Look] = field(default_factory=OrderedDict)
    camera: Camera | None = None

    def see(self, picture: Pixels | None) -> None:
        """Forget the person of another picture."""
        if picture is not self.picture:
            self.picture = picture
            self.people.clear()
            self.looks.clear()


@dataclass(slots=True, eq=False)
class TryOnJob(Job):
    """One picture or frame, with all that is needed to dress who is in it."""

    params: TryOnParams
    image: Pixels | None  # (H, W, 3)
    person: Person | None = None
    garments: list[Sheets] = field(default_factory=list)
    look: Look | None = None
    allowed: Floats | None = None  # (H, W) a hand-made mask
    frame: VideoChunk | None = None  # what the picture is of, where it is a camera's
    camera: Camera | None = None
    worn: Worn | None = None
