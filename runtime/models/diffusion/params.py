"""What a user may set of a diffusion model."""

from __future__ import annotations

from pydantic import Field

from ..base import REFINED, Params
from ..mixins import PromptParams, SeedParams, StepsParams


class StrengthParams(Params):
    """A model that begins with a picture."""

    strength: float = Field(
        default=0.6,
        ge=0,
        le=1,
        description="How far the picture may go from the drawing; 0 keeps it.",
    )


class DiffusionParams(StrengthParams, StepsParams, SeedParams, PromptParams):
    """Params of a model that is not guided away from anything."""

    steps: int = Field(
        default=4,
        ge=1,
        le=8,
        description="Denoising steps of a refine; a draft takes one.",
        json_schema_extra=REFINED,
    )
