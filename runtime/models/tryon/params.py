"""What a user may set of `tryon`."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from ..base import Params
from .body.frame import JOINTS

Share = Annotated[float, Field(ge=0, le=1)]  # of a picture's width or height
Place = tuple[Share, Share]
Beyond = Annotated[float, Field(ge=-0.5, le=1.5)]  # a hand may be outside of the picture
Name = Annotated[str, Field(max_length=40, pattern="^[a-z0-9_]*$")]
Joint = Annotated[str, Field(pattern=f"^({'|'.join(JOINTS)})_[lr]$")]  # l: the picture's left
View = Literal["picture", "layer", "mask"]
Sku = Annotated[str, Field(max_length=200)]


class TryOnParams(Params):
    """Params of `tryon`."""

    sku: Sku = Field(
        default="", description="A garment of the catalogue; a garment's picture goes before it."
    )
    lower_sku: Sku = Field(
        default="", title="Lower SKU", description="A second garment, worn under a top."
    )
    category: Literal["auto", "upper", "lower", "dress"] = Field(
        default="auto", description="What the garment is, where its picture does not tell."
    )
    sleeves: Literal["auto", "none", "short", "long"] = Field(
        default="auto", description="How long its sleeves are, where its picture does not tell."
    )
    fit: float = Field(default=0.0, ge=-1, le=1, description="How it sits, from slim to loose.")
    points: dict[Name, Place] = Field(
        default={},
        max_length=40,
        description="Where points of the garment lie in its picture, as shares of its size.",
    )
    joints: dict[Joint, tuple[Beyond, Beyond]] = Field(
        default={},
        max_length=2 * len(JOINTS),
        description="Where joints lie in the person's picture, as shares of its size.",
    )
    subject: Place | None = Field(
        default=None,
        description="Who is dressed, of several: a place on them, as shares of the picture's size.",
    )
    view: View = Field(
        default="picture",
        description="The picture, a layer with alpha to lay over one's own, or what may change. "
        "A camera's frames come whole: a layer would lie over later ones than it is of.",
    )
