"""Whether somebody wears a garment in its picture: skin is seen, of a skin's colour."""

from __future__ import annotations

import numpy as np

from livedraft.errors import InvalidImage

from ....onnx import Graph
from ....perception.parse import SIDE, Part, parse, shown
from ....perception.squares import Box, cut
from ..garment import Mask, Pixels

_SKIN = 0.015  # of what is no background: garments' labels and leather reach a tenth of it
_WARM = 0.002  # of the picture, that may be skin, before the network is asked at all


def refuse_worn(picture: Pixels, network: Graph) -> None:
    """Raise InvalidImage where a person wears the garment of a (H, W, 3|4) picture.

    `network` tells skin and hair, see `perception.networks.read_parse`; by itself it takes some
    black or printed cloth for skin, so that only what is of skin's hue counts.
    """
    colour = np.ascontiguousarray(picture[..., :3])
    height, width = colour.shape[:2]
    whole = Box(0.0, 0.0, float(width), float(height))
    warm = _warm(np.asarray(cut(colour, shown(colour, whole), SIDE) * 255, np.uint8))
    if warm.mean() < _WARM:
        return
    found = parse(colour, whole, network).classes
    skin = found[..., [Part.SKIN, Part.FACE]].sum(-1) > 0.5
    there = found[..., Part.BACKGROUND] < 0.5
    if (skin & warm).sum() > _SKIN * max(1, int(there.sum())):
        raise InvalidImage(
            "somebody wears the garment in its picture",
            fix="send a picture of the garment alone: laid flat, or hung up",
        )


def _warm(picture: Pixels) -> Mask:
    """Return which pixels have a hue that skin of any tone has: red over green over blue."""
    red, green, blue = (picture[..., i].astype(np.int16) for i in range(3))
    return np.asarray((red > green + 4) & (green > blue - 6) & (red > blue + 12) & (red > 35))
