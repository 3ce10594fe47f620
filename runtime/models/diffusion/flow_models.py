"""The models by name whose denoiser is a transformer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from ..base import ModelInfo, Params
from .model import SKETCH, DiffusionModel, info_of
from .params import GuidedTokenParams, TokenParams, TokenReferParams
from .token_params import (
    EightStepsParams,
    FillParams,
    HiDreamDevParams,
    HiDreamFastParams,
    HiDreamParams,
    QwenEditParams,
    QwenParams,
    SprintParams,
    ToldGuidanceParams,
    ToldGuidanceReferParams,
)


class FluxSchnell(DiffusionModel):
    """Black Forest Labs, "FLUX.1 [schnell]", 2024."""

    params: ClassVar[type[Params]] = TokenParams
    info: ModelInfo = info_of("flux-schnell")


class FluxDev(DiffusionModel):
    """Black Forest Labs, "FLUX.1 [dev]", 2024."""

    params: ClassVar[type[Params]] = ToldGuidanceParams
    info: ModelInfo = info_of("flux-dev")


class FluxFill(DiffusionModel):
    """The same, taught on with masks: "FLUX.1 Tools"."""

    params: ClassVar[type[Params]] = FillParams
    info: ModelInfo = info_of("flux-fill")


class FluxKontext(DiffusionModel):
    """Black Forest Labs, "FLUX.1 Kontext", 2025."""

    params: ClassVar[type[Params]] = ToldGuidanceReferParams
    pictures: ClassVar[Mapping[str, str]] = {
        SKETCH: "A drawing or a photograph that is changed as the prompt says."
    }
    info: ModelInfo = info_of("flux-kontext", pictures)


class Flux2Klein(DiffusionModel):
    """Black Forest Labs, "FLUX.2 [klein]", 2026."""

    params: ClassVar[type[Params]] = TokenReferParams
    pictures: ClassVar[Mapping[str, str]] = {
        SKETCH: "A drawing or a photograph that the picture is made of, as the prompt says.",
        "reference": "One more to take from: a garment, a face, a style.",
    }
    info: ModelInfo = info_of("flux2-klein", pictures)


class Flux2KleinKV(DiffusionModel):
    """The same of nine thousand million weights, taught to look at pictures once."""

    params: ClassVar[type[Params]] = TokenReferParams
    pictures: ClassVar[Mapping[str, str]] = Flux2Klein.pictures
    info: ModelInfo = info_of("flux2-klein-kv", pictures)


class ZImageTurbo(DiffusionModel):
    """Z-Image Team, "Z-Image", 2025."""

    params: ClassVar[type[Params]] = EightStepsParams
    info: ModelInfo = info_of("z-image-turbo")


class SanaSprint(DiffusionModel):
    """Chen et al., "SANA-Sprint", 2025."""

    params: ClassVar[type[Params]] = SprintParams
    info: ModelInfo = info_of("sana-sprint")


class StableDiffusion3(DiffusionModel):
    """Esser et al., "Scaling Rectified Flow Transformers", 2024."""

    params: ClassVar[type[Params]] = GuidedTokenParams
    info: ModelInfo = info_of("sd3")


class PixArtLCM(DiffusionModel):
    """Chen et al., "PixArt-delta", 2024."""

    params: ClassVar[type[Params]] = GuidedTokenParams
    info: ModelInfo = info_of("pixart")


class QwenImage(DiffusionModel):
    """Wu et al., "Qwen-Image Technical Report", 2025."""

    params: ClassVar[type[Params]] = QwenParams
    info: ModelInfo = info_of("qwen-image")


class QwenImageEdit(DiffusionModel):
    """The same, that changes pictures as the prompt says."""

    params: ClassVar[type[Params]] = QwenEditParams
    pictures: ClassVar[Mapping[str, str]] = {
        SKETCH: "A drawing or a photograph that is changed: the prompt's “picture 1”.",
        "reference": "One more to take from: “picture 2”.",
        "reference_2": "And one more: “picture 3”.",
    }
    info: ModelInfo = info_of("qwen-image-edit", pictures)


class HiDream(DiffusionModel):
    """HiDream.ai, "HiDream-I1", 2025: Full."""

    params: ClassVar[type[Params]] = HiDreamParams
    info: ModelInfo = info_of("hidream")


class HiDreamDev(DiffusionModel):
    """The same, distilled: Dev."""

    params: ClassVar[type[Params]] = HiDreamDevParams
    info: ModelInfo = info_of("hidream-dev")


class HiDreamFast(DiffusionModel):
    """The same, distilled further: Fast."""

    params: ClassVar[type[Params]] = HiDreamFastParams
    info: ModelInfo = info_of("hidream-fast")
