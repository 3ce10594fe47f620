"""From a portrait picture to a face that speaks."""

from __future__ import annotations

import numpy as np

from livedraft.errors import InvalidImage

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

# How much of what should be lips is skin of a hand, or something held: what is told, and refused.
_PARTLY, _COVERED = 0.15, 0.5


def prepare(
    pixels: Pixels, networks: FaceNetworks | None = None, parser: Graph | None = None
) -> PhotographFace:
    """Return the face of a portrait, uint8 (H, W, 3 | 4) of any size, upright; see its ``notes``.

    The networks are opened anew where none are given, and let go afterwards. Raises InvalidImage
    where no face can speak in it: none is seen, or it is too small, turned too far aside, or
    something covers its mouth.
    """
    one = Plan(threads=1)
    portrait = framed(pixels, networks or FaceNetworks.read(plan=one))
    seen = parsed(portrait.pixels, parser or read_parse(plan=one))
    hidden = _hidden(portrait, seen)
    if hidden > _COVERED:
        raise InvalidImage(
            "something covers the portrait's mouth", fix="send one in which the whole face is seen"
        )
    if hidden > _PARTLY:
        said = (*portrait.notes, notes.MOUTH_HIDDEN)
        portrait = Portrait(portrait.pixels, portrait.mesh, said)
    covered = person(seen, portrait.mesh)
    return PhotographFace(portrait, covered, background(portrait.pixels, covered))


def _hidden(portrait: Portrait, seen: Parse) -> float:
    """Return how much of the lips a hand or a thing covers, 0..1."""
    lips = portrait.mesh.points[[*UPPER_LIP, *LOWER_LIP]]
    at = np.clip(np.round(lips), 0, SIZE - 1).astype(int)
    other = seen.of(Part.SKIN, Part.OTHER, Part.CLOTHES)
    return float(other[at[:, 1], at[:, 0]].mean())
