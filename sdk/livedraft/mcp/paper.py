"""A sheet of paper that strokes are drawn on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from PIL import Image, ImageColor, ImageDraw
from pydantic import BaseModel, ConfigDict, Field

from livedraft.errors import InvalidImage

SIDE = 512  # px
_FINER = 4  # times, that it is drawn at, so that edges are smooth

Share = Annotated[float, Field(ge=-1, le=2)]  # of the paper's side; beyond it is cut off


class Stroke(BaseModel):
    """A line through points, round at its ends, or an area that they enclose."""

    model_config = ConfigDict(extra="forbid")

    points: Annotated[
        list[tuple[Share, Share]],
        Field(min_length=1, max_length=2000, description="(x, y), 0,0 top left to 1,1"),
    ]
    width: float = Field(default=0.012, gt=0, le=0.5, description="Share of the paper's side.")
    colour: str = Field(default="black", description="A CSS colour, such as #d22 or navy.")
    filled: bool = Field(default=False, description="Fill the area instead of drawing its edge.")


class Paper:
    """White paper with what was drawn on it, in order."""

    def __init__(self) -> None:
        self.strokes: list[Stroke] = []

    def draw(self, strokes: Sequence[Stroke]) -> None:
        """Add strokes; raise InvalidImage for a colour that is none, and add nothing then."""
        for stroke in strokes:
            _colour(stroke)
        self.strokes = [*self.strokes, *strokes]

    @property
    def picture(self) -> Image.Image:
        """What it looks like, RGB."""
        side = SIDE * _FINER
        image = Image.new("RGB", (side, side), "white")
        pen = ImageDraw.Draw(image)
        for stroke in self.strokes:
            _put(pen, stroke, side)
        return image.resize((SIDE, SIDE), Image.Resampling.BOX)


def _put(pen: ImageDraw.ImageDraw, stroke: Stroke, side: int) -> None:
    colour = _colour(stroke)
    points = [(x * side, y * side) for x, y in stroke.points]
    if stroke.filled and len(points) > 2:
        pen.polygon(points, fill=colour)
        return
    width = max(1, round(stroke.width * side))
    if len(points) > 1:
        pen.line(points, fill=colour, width=width, joint="curve")
    for x, y in (points[0], points[-1]):
        pen.ellipse((x - width / 2, y - width / 2, x + width / 2, y + width / 2), fill=colour)


def _colour(stroke: Stroke) -> tuple[int, ...]:
    try:
        return ImageColor.getrgb(stroke.colour)[:3]
    except ValueError:
        raise InvalidImage(
            f"no colour '{stroke.colour[:40]}'", fix="use a CSS colour, such as #d22 or navy"
        ) from None
