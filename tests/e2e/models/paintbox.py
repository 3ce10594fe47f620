"""A model that takes all that the element offers, and says in its picture what it was given."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, ClassVar, Literal

import numpy as np
from PIL import Image, ImageColor
from pydantic import Field

from livedraft.media.chunks import Still
from livedraft.runtime.models.adapters import Adaptable, Adapter
from livedraft.runtime.models.base import (
    COLOURED,
    REFINED,
    ImageInput,
    Job,
    LoraInfo,
    ModelInfo,
    Params,
    Pixels,
    Request,
)
from livedraft.runtime.models.mixins import (
    LoraParams,
    PromptParams,
    SeedParams,
    StepsParams,
    Weight,
)
from livedraft.runtime.models.null import Null

SIDE = 256  # px, of a draft


class PaintboxParams(LoraParams, StepsParams, SeedParams, PromptParams):
    """A palette, LoRAs, sizes, and how long a final picture takes."""

    style: Literal["flat", "shaded", "3d", "noto", "line"] = "flat"
    palette: tuple[Annotated[str, Field(pattern="^#[0-9a-fA-F]{6}$")], ...] = Field(
        default=(), max_length=6
    )
    size: Literal[256, 512, 1024] = Field(default=512, json_schema_extra=REFINED)
    tint: float = Field(default=0.5, ge=0, le=1, json_schema_extra=COLOURED)
    loras: dict[str, Weight] = Field(default={}, max_length=2)
    final_s: float = Field(default=0, ge=0, le=60)


@dataclass(slots=True, eq=False)
class PaintboxJob(Job):
    """The picture, ready from the start."""

    picture: Pixels
    seconds: float


class Paintbox(Null[PaintboxParams, None, PaintboxJob], Adaptable[Adapter]):
    """Paint what is inked in the main colour, on a transparent ground."""

    info: ModelInfo = ModelInfo(
        id="paintbox",
        task="sketch-to-image",
        title="Paintbox",
        description="Paints what is inked in the main colour, on a clear ground.",
        licence="Apache-2.0",
        commercial="yes",
        width=SIDE,
        height=SIDE,
        alpha=True,
        inputs=(ImageInput("sketch", SIDE, SIDE, alpha=True, required=False, most_px=1024),),
        draft_steps=1,
        max_steps=4,
        loras=(
            LoraInfo("wood", "Woodcut", "Carved lines."),
            LoraInfo("night", "Night", ""),
            LoraInfo("glass", "Stained glass", ""),
        ),
    )
    params: ClassVar[type[Params]] = PaintboxParams

    def read_lora(self, name: str, path: Path) -> Adapter:
        """Take any file: its text is what it says of itself."""
        return Adapter(LoraInfo(name, name.title(), path.read_text()))

    def attach(self, adapter: Adapter) -> None:
        """Paint as before."""

    def detach(self, name: str) -> None:
        """Paint as before."""

    def open(self) -> None:
        """Keep nothing for a session."""

    def prepare(self, items: Sequence[tuple[None, Request[PaintboxParams]]]) -> list[PaintboxJob]:
        """Colour the ink; its sharpness is that of the sketch that came."""
        return [self._job(request) for _, request in items]

    def _job(self, request: Request[PaintboxParams]) -> PaintboxJob:
        params = request.params
        draft = request.stage == "draft"
        side = SIDE if draft else params.size
        sketch = request.inputs.get("sketch", np.zeros((side, side, 4), np.uint8))
        ink = Image.fromarray(sketch).convert("RGBA").resize((side, side), Image.Resampling.NEAREST)
        colour = ImageColor.getrgb(params.palette[0] if params.palette else "#000000")
        picture = Image.new("RGBA", (side, side), (*colour[:3], 0))
        picture.putalpha(ink.getchannel("A"))
        seconds = 0.0 if draft else params.final_s
        return PaintboxJob("paintbox", request.steps, np.asarray(picture), seconds)

    def step(self, jobs: Sequence[PaintboxJob]) -> None:
        """Take the time that was asked for, as a model would compute."""
        time.sleep(max(job.seconds / job.steps for job in jobs))
        for job in jobs:
            job.step += 1

    def emit(self, jobs: Sequence[PaintboxJob]) -> list[list[Still]]:
        """Return the pictures."""
        return [[Still(job.picture)] for job in jobs]
