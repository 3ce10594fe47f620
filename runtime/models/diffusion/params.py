"""What a user may set of a diffusion model."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from ..base import REFINED, UNASKED, Params
from ..mixins import LoraParams, PromptParams, SeedParams, StepsParams

LEAST_PX, MOST_PX = 64, 2048  # a side
GRID_PX = 8  # a latent stands for so many px a side
MOST_SECONDS = 10  # of a clip


def _side(long: str, grid: int, unasked: str = "") -> Any:
    """Return the field of a refined picture's side, of a multiple of so many px.

    ``unasked`` says what 0 means: if nothing, as its drafts are.
    """
    return Field(
        default=0,
        ge=0,
        le=MOST_PX,
        multiple_of=grid,
        description=f"Of a refined picture, px; 0: {unasked or f'as {long} as its drafts are'}.",
        json_schema_extra={**REFINED, UNASKED: "auto"},
    )


def _steps(default: int, most: int, draft: str) -> Any:
    """Return the field of a refine's steps, of a model whose drafts take so many."""
    return Field(
        default=default,
        ge=1,
        le=most,
        description=f"Denoising steps of a refine; a draft takes {draft}.",
        json_schema_extra=REFINED,
    )


def _guidance(default: float, taught: str = "") -> Any:
    """Return the field of a guidance's scale; ``taught`` says what 1 means."""
    return Field(
        default=default,
        ge=1,
        le=20,
        description="How closely the picture follows the prompt"
        + (f"; 1: {taught}." if taught else "."),
    )


def _seconds(default: float, most: float) -> Any:
    """Return the field of a clip's length."""
    return Field(default=default, gt=0, le=most, description="How long the clip is, s.")


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

    width: int = _side("wide", GRID_PX)
    height: int = _side("high", GRID_PX)


class NegativeParams(Params):
    """A model that is led away from what a picture shall not show."""

    negative_prompt: str = Field(
        default="", max_length=2000, description="What the picture does not show."
    )


class GuidanceParams(Params):
    """A model that follows its prompt as closely as its user likes."""

    guidance: float = _guidance(7.5, "no more than it is taught to")


class QualityParams(Params):
    """A model whose refines take so many steps that some may be foretold by those before."""

    quality: Literal["lossless", "high", "fast"] = Field(
        default="lossless",
        description="Of a refine from 8 steps on. lossless: each step is computed. high, fast: "
        "not those that the ones before foretell, closely or roughly; the picture is a little "
        "another one.",
        json_schema_extra=REFINED,
    )


class ClipParams(Params):
    """A model that makes moving pictures."""

    seconds: float = _seconds(5.0, MOST_SECONDS)


class ResidualParams(GuidanceParams):
    """A model whose guidance may do without a second output a step."""

    residual: Literal["off", "self", "once"] = Field(
        default="off",
        description="Guidance at less work. off: an output with and one without the prompt, at "
        "each step. once: both at the first step, the other steps go on from that. self: one "
        "output a step, led from what the camera sees; negative_prompt does not count.",
    )

    @property
    def instead(self) -> Literal["", "self", "once"]:
        """What stands for the output without the prompt; empty: that itself."""
        return "" if self.residual == "off" else self.residual


class StreamParams(Params):
    """A model that makes a picture of each of a camera's frames, always from the same noise."""

    still: float = Field(
        default=0.0,
        ge=0,
        le=3,
        description="How many levels of 255 a frame may differ, in the tile of 16 px a side that "
        "changed most, to be taken for still: then the picture before it stays. 0: none is.",
    )
    steady: bool = Field(
        default=False,
        description="Calms what is painted between frames: it is carried along with what moves.",
    )
    calm: float = Field(
        default=0.0,
        ge=0,
        le=1,
        description="How much of strength goes where all of the picture moves: fast movement "
        "is followed more closely, and painted less.",
    )
    pipelined: bool = Field(
        default=False,
        description="Frames follow each other at each step, all in one call: as many frames later "
        "as a picture has steps but one, and as many times as often where calls are what it takes.",
    )


class FewStepsParams(LoraParams, StepsParams, SeedParams, PromptParams):
    """Params of a model that was distilled to few steps, and is not guided."""

    steps: int = _steps(4, 8, "one")


class DiffusionParams(SizeParams, StrengthParams, FewStepsParams):
    """Params of such a model that begins with a picture."""


class TaughtGuidanceParams(GuidanceParams, DiffusionParams):
    """Params of a model that was distilled to few steps and is told how closely to follow."""


class GuidedParams(QualityParams, GuidanceParams, NegativeParams, DiffusionParams):
    """Params of a model that takes its time, and is guided."""

    steps: int = _steps(25, 50, "eight")


class ControlParams(Params):
    """A model that keeps to the lines of a drawing."""

    control: float = Field(
        default=1.0,
        ge=0,
        le=2,
        description="How closely the picture keeps to the drawn lines; 0: not at all.",
    )


class ScribbleParams(
    QualityParams, ControlParams, SizeParams, GuidanceParams, NegativeParams, FewStepsParams
):
    """Params of such a model that takes its time, and is guided."""

    steps: int = _steps(20, 50, "eight")


class TokenSizeParams(SizeParams):
    """A model whose transformer takes two by two latents as a token."""

    width: int = _side("wide", 2 * GRID_PX)
    height: int = _side("high", 2 * GRID_PX)


class TokenParams(TokenSizeParams, DiffusionParams):
    """Params of such a model that was distilled to few steps."""


class TokenReferParams(TokenSizeParams, FewStepsParams):
    """Params of such a model that refers to pictures, and begins with none."""


class GuidedTokenParams(TokenParams, GuidanceParams, NegativeParams):
    """Params of such a model that may be guided as well."""

    guidance: float = _guidance(1.0, "as few-step models are taught")


_FULL = "the full size of the weights, if they have one beyond that of drafts"


class VideoParams(
    QualityParams, ClipParams, TokenSizeParams, GuidanceParams, NegativeParams, FewStepsParams
):
    """Params of a model of moving pictures that takes its time, and is guided."""

    width: int = _side("wide", 2 * GRID_PX, _FULL)
    height: int = _side("high", 2 * GRID_PX, _FULL)
    guidance: float = _guidance(5.0, "as few-step models are taught")
    steps: int = _steps(30, 50, "four")


class FineVideoParams(VideoParams):
    """Params of such a model whose latents are a sixteenth as wide."""

    width: int = _side("wide", 4 * GRID_PX, _FULL)
    height: int = _side("high", 4 * GRID_PX, _FULL)


class LightningClipParams(ClipParams, SizeParams, GuidanceParams, NegativeParams, FewStepsParams):
    """Params of AnimateDiff-Lightning, which was taught clips of two seconds."""

    guidance: float = _guidance(1.0, "as it is taught")
    seconds: float = _seconds(2.0, 4.0)
    steps: int = _steps(4, 8, "four")


class ToldGuidanceClipParams(
    QualityParams, ClipParams, TokenSizeParams, GuidanceParams, FewStepsParams
):
    """Params of a model of moving pictures that is told how closely to follow the prompt."""

    guidance: float = _guidance(6.0)
    steps: int = _steps(30, 50, "eight")


class MochiParams(VideoParams):
    """Params of Mochi."""

    guidance: float = _guidance(4.5, "without")
    seconds: float = _seconds(3.0, 5.5)
    steps: int = _steps(50, 64, "eight")


class StreamedParams(StreamParams, DiffusionParams):
    """Params of a stream by a model that was distilled to few steps."""


class StreamedTokenParams(StreamParams, TokenParams):
    """Params of such a stream by a transformer."""


class TaughtStreamedParams(StreamParams, TaughtGuidanceParams):
    """Params of a stream by a model that is told how closely to follow."""


class GuidedStreamedParams(ResidualParams, StreamParams, GuidedParams):
    """Params of a stream by a model that is guided."""

    steps: int = _steps(8, 50, "four")


class CausalParams(TokenSizeParams, FewStepsParams):
    """Params of a stream that goes on; all but seed and size may change on its way."""

    seconds: float = Field(
        default=0.0,
        ge=0,
        le=3600,
        description="Its length, s; 0: no end.",
        json_schema_extra={UNASKED: "no end"},
    )
    steps: int = _steps(4, 16, "four")
