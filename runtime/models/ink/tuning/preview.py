"""A strip of pictures that shows what a LoRA has learned: sketch, before, now, target."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image

from livedraft.files import replacing
from livedraft.protocol.messages import Stage

from ...base import Pixels, Request
from ..model import Ink
from ..state import InkParams
from .pictures import Picture

SHOWN = 4  # pictures
SIDE = 128  # px
NAME = "now"


class Preview:
    """Draws the strip with the very code that serves: what it shows is what users get."""

    def __init__(self, pictures: list[Picture], model: Ink, path: Path, prompt: str = "") -> None:
        self._model, self._path, self._prompt = model, path, prompt
        self._pictures = pictures[:: max(1, len(pictures) // SHOWN)][:SHOWN]
        self._rows = [self._row(picture) for picture in self._pictures]

    def draw(self, lora: Path) -> None:
        """Write the strip for a file as it stands now."""
        read = self._model.read_lora(NAME, lora)
        assert read is not None, "it was trained for this model"
        self._model.attach(read)
        strip = Image.new("RGB", (4 * SIDE, len(self._rows) * SIDE), "white")
        for row, (picture, cells) in enumerate(zip(self._pictures, self._rows, strict=True)):
            now = self._paint(picture, {NAME: 1.0})
            for column, cell in enumerate((*cells[:2], now, cells[2])):
                strip.paste(_small(cell), (column * SIDE, row * SIDE))
        self._model.detach(NAME)
        with replacing(self._path) as partial:
            strip.save(partial)

    def _row(self, picture: Picture) -> tuple[Pixels, Pixels, Pixels]:
        art = picture.art.copy()
        art[..., :3] /= np.maximum(art[..., 3:], 1e-3)
        target = (np.clip(art, 0, 1) * 255).astype(np.uint8)
        return _sketch(picture), self._paint(picture, {}), target

    def _paint(self, picture: Picture, loras: dict[str, float]) -> Pixels:
        prompt = f"{self._prompt} {picture.caption}".strip() if loras else picture.caption
        params = InkParams(prompt=prompt, loras=loras)
        inputs = {"sketch": _sketch(picture)}
        job = self._model.prepare(
            [(self._model.open(), Request(params, inputs, Stage.DRAFT, steps=1))]
        )[0]
        self._model.step([job])
        return self._model.emit([job])[0][0].pixels


def _sketch(picture: Picture) -> Pixels:
    ink = np.zeros((*picture.lines.shape, 4), np.uint8)
    ink[..., 3] = (picture.lines * 255).astype(np.uint8)
    return ink


def _small(pixels: Pixels) -> Image.Image:
    paper = Image.new("RGBA", (pixels.shape[1], pixels.shape[0]), "white")
    paper.alpha_composite(Image.fromarray(pixels))
    return paper.convert("RGB").resize((SIDE, SIDE), Image.Resampling.LANCZOS)
