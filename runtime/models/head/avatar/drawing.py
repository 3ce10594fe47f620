"""What is known of an avatar's drawing: where its parts are, and the hand that drew it."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from ..expression import SIZE

_Channel = Annotated[int, Field(ge=0, le=255)]
Colour = tuple[_Channel, _Channel, _Channel]
Place = Annotated[float, Field(ge=0, le=SIZE)]  # px of a frame
Length = Annotated[float, Field(gt=0, le=SIZE)]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class MouthDrawing(_Part):
    """A mouth at rest; it is drawn anew in each frame."""

    x: Place
    y: Place
    width: Length  # px, from corner to corner
    slant: float = Field(0.0, ge=-0.6, le=0.6)  # rad, clockwise
    turn: float = Field(0.0, ge=-1, le=1)  # where the face looks: its middle lies off to that side
    smile: float = Field(0.25, ge=-1, le=1)
    lips: Colour | None = None  # painted, or lines alone
    ink: Colour


class EyeDrawing(_Part):
    """An eye; it is drawn anew in each frame."""

    x: Place
    y: Place
    width: Length
    height: Length  # px, of the opening
    pupil: tuple[Length, Length]  # px, its radii
    lid: float = Field(1.0, ge=0, le=3)  # lines: how thick the upper lid is drawn; 0: not, open
    lash: float = Field(0.0, ge=-2, le=2)  # how far it is drawn out, to the right if more than 0
    white: Colour | None = None


class BrowDrawing(_Part):
    """Where a brow is."""

    x: Place
    y: Place
    width: Length


class HeadDrawing(_Part):
    """What moves when the head does."""

    x: Place  # of the face's foremost point, between nose and eyes
    y: Place
    radius: Length
    chin: Place  # its y
    neck: Place  # the y below which nothing moves with the head


class Drawing(_Part):
    """An avatar, as ``avatar.json`` says it; all lengths are px of a frame of 512 × 512."""

    title: str = Field(min_length=1, max_length=80)
    ink: Colour
    line: Length  # how thick lines are
    head: HeadDrawing
    mouth: MouthDrawing
    eyes: tuple[EyeDrawing, ...] = Field(min_length=1, max_length=2)
    brows: tuple[BrowDrawing, ...] = Field((), max_length=2)
    credit: str = Field("", max_length=400)
