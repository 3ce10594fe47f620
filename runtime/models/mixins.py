"""Params that several models share, each a mix-in: a model's own class takes those that it heeds.

The fields of the last base come first: ``class MyParams(StepsParams, SeedParams, PromptParams)``
has prompt, seed, steps.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from .base import REFINED, Params
from .info import ModelInfo

Weight = Annotated[float, Field(ge=0, le=1.5)]  # of a LoRA; 0: without it


class PromptParams(Params):
    """A model that reads what its picture shall show."""

    prompt: str = Field(default="", max_length=2000, description="What the picture shows.")


class SeedParams(Params):
    """A model that draws random numbers."""

    seed: int = Field(default=42, ge=0, le=2**32 - 1, description="Same seed, same picture.")


class StepsParams(Params):
    """A model that takes as many steps for a final picture as its user likes."""

    steps: int = Field(
        default=4,
        ge=1,
        le=100,
        description="Denoising steps of a refine.",
        json_schema_extra=REFINED,
    )


class LoraParams(Params):
    """A model that LoRAs are attached to, see `Adaptable`."""

    loras: dict[str, Weight] = Field(
        default={}, max_length=4, description="LoRAs by name, with their weights."
    )


class SteadyParams(Params):
    """A model of moving pictures that the runtime keeps calm, see ``Model.stability``."""

    steady: bool = Field(
        default=True,
        title="Steady",
        description="Calms strokes between the frames of a video; off is sharper.",
    )
    pace: bool = Field(
        default=True,
        title="Keep pace",
        description="Leaves out frames on which nothing moves, and makes them smaller on a busy "
        "machine; off makes every frame, as large as it comes.",
    )


def seed_of(params: Params) -> int | None:
    """Return the seed, of params that have one."""
    seed: int | None = getattr(params, "seed", None)
    return seed


def steps_of(params: Params, info: ModelInfo) -> int:
    """Return the steps of a final picture: those of a draft where no param says how many."""
    steps: int = getattr(params, "steps", info.draft_steps)
    return min(steps, max(info.max_steps, info.draft_steps))
