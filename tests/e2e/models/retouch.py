"""A model that takes a mask: what it covers is painted in a colour, all else comes back."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from PIL import Image, ImageColor

from livedraft.runtime.models.base import Inputs, Params, Pixels
from livedraft.runtime.models.mixins import PromptParams, SeedParams
from livedraft.runtime.models.painter import Painter, painted

SIDE = 256  # px


class RetouchParams(SeedParams, PromptParams):
    """A prompt that is a colour's name."""


class Retouch(Painter[RetouchParams]):
    """Fills what a mask covers in the colour that the prompt names."""

    info = painted("retouch", "Retouch", width=SIDE, height=SIDE, takes=("sketch", "mask"))
    params: ClassVar[type[Params]] = RetouchParams

    def paint(self, params: RetouchParams, pictures: Inputs, steps: int) -> Pixels:
        """Paint it; without a mask nothing changes."""
        picture = pictures.get("sketch", np.full((SIDE, SIDE, 3), 255, np.uint8))[..., :3].copy()
        mask = pictures.get("mask")
        if mask is not None:
            size = picture.shape[1], picture.shape[0]
            hole = np.asarray(Image.fromarray(mask).convert("L").resize(size)) >= 128
            picture[hole] = ImageColor.getrgb(params.prompt or "black")[:3]
        return picture
