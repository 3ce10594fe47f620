"""A sheet of paper that strokes are drawn on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from PIL import Image, ImageColor, ImageDraw
from pydantic import BaseModel, ConfigDict, Field

from livedraft.errors import BadInput, InvalidImage

SIDE = 512  # px
_FINER = 4  # times, that it is drawn at, so that edges are smooth
MOST_POINTS = 4000  # of one call: a line across the paper takes some ms for each

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
    """White paper with what was drawn on it; it holds the picture alone, however much was drawn."""

    def __init__(self) -> None:
        self.strokes = 0  # that were drawn
        self.picture = Image.new("RGB", (SIDE, SIDE), "white")  # what it looks like

    def draw(self, strokes: Sequence[Stroke]) -> Paper:
        """Return the paper with more strokes on it; takes up to seconds.

        Raises InvalidImage for a colour that is none, BadInput for too many points.
        """
        points = sum(len(stroke.points) for stroke in strokes)
        if points > MOST_POINTS:
            raise BadInput(
                f"strokes of {points} points",
                fix=f"draw them in several calls, of at most {MOST_POINTS} points each",
            )
        colours = [_colour(stroke) for stroke in strokes]
        side = SIDE * _FINER
        image = self.picture.resize((side, side), Image.Resampling.NEAREST)
        pen = ImageDraw.Draw(image)
        for stroke, colour in zip(strokes, colours, strict=True):
            _put(pen, stroke, colour, side)
        drawn = Paper()
        drawn.strokes = self.strokes + len(strokes)
        drawn.picture = image.resize((SIDE, SIDE), Image.Resampling.BOX)
        return drawn


def _put(pen: ImageDraw.ImageDraw, stroke: Stroke, colour: tuple[int, ...], side: int) -> None:
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
        found = ImageColor.getrgb(stroke.colour)[:3]
        return tuple(min(max(part, 0), 255) for part in found)  # as CSS has it
    except (ValueError, OverflowError):
        raise InvalidImage(
            f"no colour '{stroke.colour[:40]}'", fix="use a CSS colour, such as #d22 or navy"
        ) from None
