"""From a portrait picture to a face that speaks."""

from __future__ import annotations

import numpy as np

from ...base import Pixels, Plan
from ...onnx import Graph
from ...perception.contours import LOWER_LIP, UPPER_LIP
from ...perception.networks import FaceNetworks, read_parse
from ...perception.parse import Parse, Part
from ..expression import SIZE
from . import notes
from .face import PhotographFace
from .framing import Portrait, framed
from .ground import background, parsed, person

_COVERED = 0.5  # of what should be lips: skin of a hand, or something held


def prepare(
    pixels: Pixels, networks: FaceNetworks | None = None, parser: Graph | None = None
) -> PhotographFace:
    """Return the face of a portrait, uint8 (H, W, 3 | 4) of any size, upright; see its ``notes``.

    The networks are opened anew where none are given, and let go afterwards. Raises InvalidImage
    where no face can speak in it: none is seen, or it is too small, or turned too far aside.
    """
    one = Plan(threads=1)
    portrait = framed(pixels, networks or FaceNetworks.read(plan=one))
    seen = parsed(portrait.pixels, parser or read_parse(plan=one))
    if _hidden(portrait, seen):
        said = (*portrait.notes, notes.MOUTH_HIDDEN)
        portrait = Portrait(portrait.pixels, portrait.mesh, said)
    covered = person(seen, portrait.mesh)
    return PhotographFace(portrait, covered, background(portrait.pixels, covered))


def _hidden(portrait: Portrait, seen: Parse) -> bool:
    """Say whether a hand or a thing covers the lips."""
    lips = portrait.mesh.points[[*UPPER_LIP, *LOWER_LIP]]
    at = np.clip(np.round(lips), 0, SIZE - 1).astype(int)
    other = seen.of(Part.SKIN, Part.OTHER, Part.CLOTHES)
    return bool(float(other[at[:, 1], at[:, 0]].mean()) > _COVERED)
