"""What a user may set: which styles, how strongly, whose colours."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from ..base import Params

Style = Literal[
    "painterly",
    "pastel",
    "night",
    "watercolour",
    "mosaic",
    "poster",
    "engraving",
    "ember",
    "woodblock",
    "ink-wash",
    "pencil",
]


class RestyleParams(Params):
    """One style, or a mix of two; all may change between two frames."""

    style: Style = Field(default="painterly", title="Style", description="How it is painted.")
    second: Style = Field(
        default="pastel", title="Second style", description="Mixed in, by its share."
    )
    share: float = Field(
        default=0.0, ge=0, le=1, title="Share", description="Of the second style; 0: without it."
    )
    strength: float = Field(
        default=1.0, ge=0, le=1, title="Strength", description="0 shows what the camera sees."
    )
    colours: Literal["taken", "kept"] = Field(
        default="taken", title="Colours", description="taken: the style's. kept: the camera's."
    )
    steady: bool = Field(
        default=True,
        title="Steady",
        description="Calms strokes between the frames of a video; off is sharper.",
    )

    @property
    def mix(self) -> dict[str, float]:
        """The styles by their weights, which sum to 1."""
        if self.second == self.style:
            return {self.style: 1.0}
        return {self.style: 1 - self.share, self.second: self.share}
