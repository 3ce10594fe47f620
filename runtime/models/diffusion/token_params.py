"""What a user may set of models whose denoiser is a transformer, beyond what all share."""

from __future__ import annotations

from pydantic import Field

from .params import (
    GRID_PX,
    DiffusionParams,
    GuidanceParams,
    GuidedTokenParams,
    NegativeParams,
    QualityParams,
    TokenParams,
    TokenReferParams,
    _guidance,
    _side,
    _steps,
)


class QwenParams(QualityParams, GuidedTokenParams):
    """Params of Qwen-Image: many steps with guidance, or few without where it was distilled."""

    steps: int = _steps(8, 50, "four")


class QwenEditParams(QualityParams, TokenReferParams, GuidanceParams, NegativeParams):
    """Params of the same that refers to pictures, and begins with none."""

    guidance: float = _guidance(1.0, "as few-step models are taught")
    steps: int = _steps(8, 50, "four")


class SprintParams(DiffusionParams, GuidanceParams):
    """Params of SANA-Sprint, whose latents are a thirty-second as wide."""

    width: int = _side("wide", 4 * GRID_PX)
    height: int = _side("high", 4 * GRID_PX)
    guidance: float = _guidance(4.5)


class EightStepsParams(QualityParams, TokenParams):
    """Params of a model that was distilled to eight steps."""

    steps: int = _steps(8, 16, "one")


class _ToldGuidanceParams(QualityParams, GuidanceParams):
    guidance: float = _guidance(3.5)
    steps: int = _steps(25, 50, "four")


class ToldGuidanceParams(_ToldGuidanceParams, TokenParams):
    """Params of a model of many steps that is told how closely to follow the prompt."""


class ToldGuidanceReferParams(_ToldGuidanceParams, TokenReferParams):
    """Params of such a model that refers to a picture, and begins with none."""


class HiDreamParams(QualityParams, GuidedTokenParams):
    """Params of HiDream-I1 Full, which takes its time, and is guided."""

    guidance: float = _guidance(5.0, "without")
    steps: int = _steps(50, 50, "eight")


class HiDreamDevParams(QualityParams, TokenParams):
    """Params of the same, distilled to fewer steps without guidance."""

    steps: int = _steps(28, 50, "four")


class HiDreamFastParams(QualityParams, TokenParams):
    """Params of the same, distilled to the fewest."""

    steps: int = _steps(16, 28, "four")


class FillParams(QualityParams, TokenParams):
    """Params of FLUX.1 Fill, which is told to follow the prompt very closely."""

    strength: float = Field(
        default=1.0,
        ge=0,
        le=1,
        description="How far what the mask covers may go from the picture; 0 keeps it.",
    )
    guidance: float = Field(
        default=30.0, ge=1, le=100, description="How closely the picture follows the prompt."
    )
    steps: int = _steps(28, 50, "eight")
