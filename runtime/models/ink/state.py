"""What one picture and one session of `ink` consist of: params, jobs, caches."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, field
from typing import Annotated, Literal

from pydantic import Field

from ..base import COLOURED, REFINED, Job, Pixels
from ..mixins import LoraParams, PromptParams, SeedParams, StepsParams
from ..onnx import Graph
from .colour import Floats
from .drawing.parts import Placed
from .drawing.sketch import Outline, Sketch, blank, read_photograph
from .finish.light import Look
from .finish.poster import poster
from .inference.lora import Mix
from .scenes.pieces import Piece
from .words.part_words import Named
from .words.prompt import Prompt
from .words.text import EncodedText


class InkParams(LoraParams, StepsParams, SeedParams, PromptParams):
    """Params of `ink`."""

    prompt: str = Field(default="", max_length=1000, description="What the drawing shows.")
    steps: int = Field(
        default=2,
        ge=1,
        le=4,
        description="Steps of a refine; a draft takes one.",
        json_schema_extra=REFINED,
    )
    style: Literal["flat", "shaded", "3d", "noto"] = Field(
        default="flat", description="How it is painted."
    )
    size: Literal[256, 512, 1024] = Field(
        default=512,
        description="Side of a refined picture, px; drafts are 256.",
        json_schema_extra=REFINED,
    )
    strength: float = Field(
        default=0.5,
        ge=0,
        le=1,
        description="How freely coloured strokes are taken: up to 0.5 their colours bind, "
        "at 1 they count as lines only.",
        json_schema_extra=COLOURED,
    )
    lines: float = Field(
        default=0.8,
        ge=0,
        le=1,
        description="How much of the drawn lines stays on the picture, in a dark tone of what is "
        "painted there; 0 is what the networks paint alone.",
    )
    palette: tuple[Annotated[str, Field(pattern="^#[0-9a-fA-F]{6}$")], ...] = Field(
        default=(), max_length=6, description="Colours to paint with, the main one first."
    )


@dataclass(slots=True, eq=False)
class InkJob(Job):
    """One picture: its conditions and its latent."""

    draft: bool
    sketch: Sketch
    palette: Floats  # (1, 6, 4)
    text: EncodedText
    style: str
    condition: Graph  # makes films and tint, with the session's adapters
    outlines: tuple[Outline, ...]  # of the sketch at 256 px and each size up to the picture's
    ink: Floats  # (size, size), coverage by the drawn lines that stay
    darkness: float  # how much of them stays, 0..1
    seed: int
    look: Look
    photograph: Floats | None  # (size, size, 4), an illustration of it that needs no network
    latent: Floats  # (1, 4, 64, 64), the last prediction in -1..1; zeros before the first
    things: tuple[InkJob, ...] = ()  # of a scene, each painted alone
    pieces: tuple[Piece, ...] = ()  # where they are laid, from back to front

    @property
    def alone(self) -> tuple[InkJob, ...]:
        """What the networks paint: the things of a scene, or the picture itself."""
        return self.things or (self,)

    @property
    def size(self) -> int:
        """Side of the picture, px."""
        return len(self.ink)


@dataclass(frozen=True, slots=True, eq=False)
class Handed:
    """The picture that another model was given to finish, and what it was painted from."""

    params: InkParams
    sketch: Pixels | None
    picture: Pixels  # (H, W, 3), on paper


@dataclass(slots=True)
class InkState:
    """A session's exact caches: the last sketch by identity, prompts, and palettes."""

    pixels: Pixels | None = None
    sketch: Sketch = field(default_factory=blank)
    prompts: OrderedDict[str, Prompt] = field(default_factory=OrderedDict)
    # In the last sketch, by whether its strokes say colours.
    placed: OrderedDict[tuple[Named, bool], Placed] = field(default_factory=OrderedDict)
    palettes: OrderedDict[tuple[str, str, int, Mix], Floats] = field(default_factory=OrderedDict)
    things: OrderedDict[str, InkState] = field(default_factory=OrderedDict)  # of a scene, by words
    handed: Handed | None = None

    def photograph(self, params: InkParams, size: int) -> Floats | None:
        """Return a painting or a photograph as an illustration (S, S, 4); None for line art."""
        if not self.sketch.painted or self.pixels is None:
            return None
        picture = read_photograph(self.pixels, size)
        return poster(picture, params.style, params.strength, params.lines)
