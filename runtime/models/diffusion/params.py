"""What a user may set of a diffusion model."""

from __future__ import annotations

from pydantic import Field

from ..base import REFINED, Params
from ..mixins import PromptParams, SeedParams, StepsParams

LEAST_PX, MOST_PX = 64, 2048  # a side
GRID_PX = 8  # a latent stands for so many px a side


class StrengthParams(Params):
    """A model that begins with a picture."""

    strength: float = Field(
        default=0.6,
        ge=0,
        le=1,
        description="How far the picture may go from the drawing; 0 keeps it.",
    )


class SizeParams(Params):
    """A model whose refined pictures may have another size than its drafts."""

    width: int = Field(
        default=0,
        ge=0,
        le=MOST_PX,
        multiple_of=GRID_PX,
        description="Of a refined picture, px; 0: as wide as its drafts are.",
        json_schema_extra=REFINED,
    )
    height: int = Field(
        default=0,
        ge=0,
        le=MOST_PX,
        multiple_of=GRID_PX,
        description="Of a refined picture, px; 0: as high as its drafts are.",
        json_schema_extra=REFINED,
    )


class NegativeParams(Params):
    """A model that is led away from what a picture shall not show."""

    negative_prompt: str = Field(
        default="", max_length=2000, description="What the picture does not show."
    )


class GuidanceParams(Params):
    """A model that follows its prompt as closely as its user likes."""

    guidance: float = Field(
        default=7.5,
        ge=1,
        le=20,
        description="How closely the picture follows the prompt; 1: no more than it is taught to.",
    )


class FewStepsParams(StepsParams, SeedParams, PromptParams):
    """Params of a model that was distilled to few steps, and is not guided."""

    steps: int = Field(
        default=4,
        ge=1,
        le=8,
        description="Denoising steps of a refine; a draft takes one.",
        json_schema_extra=REFINED,
    )


class DiffusionParams(SizeParams, StrengthParams, FewStepsParams):
    """Params of such a model that begins with a picture."""


class TokenSizeParams(SizeParams):
    """A model whose transformer takes two by two latents as a token."""

    width: int = Field(
        default=0,
        ge=0,
        le=MOST_PX,
        multiple_of=2 * GRID_PX,
        description="Of a refined picture, px; 0: as wide as its drafts are.",
        json_schema_extra=REFINED,
    )
    height: int = Field(
        default=0,
        ge=0,
        le=MOST_PX,
        multiple_of=2 * GRID_PX,
        description="Of a refined picture, px; 0: as high as its drafts are.",
        json_schema_extra=REFINED,
    )


class TokenParams(TokenSizeParams, DiffusionParams):
    """Params of such a model that was distilled to few steps."""


class TokenReferParams(TokenSizeParams, FewStepsParams):
    """Params of such a model that refers to pictures, and begins with none."""
