"""``face``: the meshes of faces in pictures, and of one face before a camera."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Self

import numpy as np
from pydantic import Field

from livedraft.protocol.messages import Note

from ..base import DEFAULT_PLAN, ModelInfo, Params, Pixels, Plan
from .contours import CONTOURS
from .face_tracker import FaceTracker
from .faces import MOST_FACES
from .mesh import Mesh, meshes
from .networks import FaceNetworks
from .overlay import with_mesh
from .seeing import Seeing, Seen, more, seer, share

NO_FACE = Note(
    code="no_face",
    message="No face is seen: show one from the front, larger and in better light.",
    param="",
    choices=[],
)


class FaceParams(Params):
    """How many faces are looked at, and how much is told of each."""

    people: int = Field(
        default=4,
        ge=1,
        le=MOST_FACES,
        title="People",
        description="At most so many faces in a picture; before a camera it is one.",
    )
    points: bool = Field(
        default=False,
        title="All points",
        description="Tell all 468 points of each face, not only its contours.",
    )


class FaceModel(Seeing[FaceParams, FaceTracker]):
    """Find faces and their points; of a camera's one is followed, and steadied."""

    info: ModelInfo = seer(
        "face", "face-mesh", "Face", "Finds the points of faces in a picture or a camera."
    )
    params: ClassVar[type[Params]] = FaceParams

    def __init__(self, networks: FaceNetworks) -> None:
        self._networks = networks

    @classmethod
    def load(cls, source: str = "", plan: Plan = DEFAULT_PLAN) -> Self:
        """Load what ships, or a folder with face_detection.onnx and face_mesh.onnx.

        Raises WeightsError where they are missing or damaged.
        """
        return cls(FaceNetworks.read(source, plan))

    def follower(self) -> FaceTracker:
        """Return a tracker that follows nobody yet."""
        return FaceTracker(self._networks)

    def look(self, picture: Pixels, params: FaceParams) -> Seen:
        """Find every face in a picture, up to as many as are asked for."""
        return _seen(picture, meshes(picture, self._networks), params)

    def follow(self, follower: FaceTracker, frame: Pixels, at_us: int, params: FaceParams) -> Seen:
        """Follow one face."""
        found = follower.follow(frame, at_us)
        return _seen(frame, [found] if found else [], params)


def _seen(picture: Pixels, found: Sequence[Mesh], params: FaceParams) -> Seen:
    shown = found[: params.people]
    size = (picture.shape[1], picture.shape[0])
    people = [described(each, size, params.points) for each in shown]
    notes: tuple[Note, ...] = () if shown else (NO_FACE,)
    if len(found) > len(shown):
        notes = (more("faces", len(found), len(shown)),)
    return Seen(with_mesh(picture, shown), {"people": people}, notes)


def described(mesh: Mesh, size: tuple[int, int], points: bool = False) -> Mapping[str, Any]:
    """Return a mesh as clients have it: places in 0..1 of the picture's width and height.

    Each is x, y and depth, in widths, negative where it is nearer than the face's middle. ``turn``
    is in degrees, to the picture's right, down and clockwise; ``lips`` and ``lids`` are how far
    they are apart, in widths of the mouth and of the eye.
    """
    places = [
        [share(x, size[0]), share(y, size[1]), share(depth, size[0])]
        for (x, y), depth in zip(mesh.points, mesh.depth, strict=True)
    ]
    low, high = (edge.clip(0, size) for edge in (mesh.points.min(axis=0), mesh.points.max(axis=0)))
    right, left = mesh.lids_apart
    told: dict[str, Any] = {
        "score": round(mesh.presence, 3),
        "box": [share(edge[axis], size[axis]) for edge in (low, high) for axis in (0, 1)],
        "turn": {name: round(float(np.degrees(a)), 1) for name, a in mesh.turn._asdict().items()},
        "lips": round(mesh.lips_apart, 3),
        "lids": {"right": round(right, 3), "left": round(left, 3)},
        "contours": {name: [places[i] for i in line] for name, line in CONTOURS.items()},
    }
    return told | {"points": places} if points else told
