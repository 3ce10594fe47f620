"""A test double of a model that paints anew: white where its mask is."""

from __future__ import annotations

import numpy as np

from livedraft.runtime.models.base import Inputs, Params, Pixels
from livedraft.runtime.models.painter import Painter, painted


class Masked(Painter[Params]):
    """Shows the picture, and white where it is to be painted anew."""

    info = painted("masked", "Masked", width=64, height=64, takes=("picture", "mask"))

    def paint(self, params: Params, pictures: Inputs, steps: int) -> Pixels:
        """Lay white over what is masked."""
        picture, mask = pictures["picture"], pictures["mask"]
        return np.where(mask[..., :1] > 127, np.uint8(255), picture[..., :3])
