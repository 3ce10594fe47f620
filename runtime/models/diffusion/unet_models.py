"""The models by name whose denoiser is a UNet."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from ..base import ModelInfo, Params
from .model import SKETCH, DiffusionModel, info_of
from .params import GuidedParams, ScribbleParams, TaughtGuidanceParams


class SDTurbo(DiffusionModel):
    """Sauer et al., "Adversarial Diffusion Distillation", 2023."""

    info: ModelInfo = info_of("sd-turbo")


class SDXLTurbo(DiffusionModel):
    """The same, of Stable Diffusion XL."""

    info: ModelInfo = info_of("sdxl-turbo")


class SDXLLightning(DiffusionModel):
    """Lin et al., "SDXL-Lightning: Progressive Adversarial Diffusion Distillation", 2024."""

    info: ModelInfo = info_of("sdxl-lightning")


class LCMDreamshaper(DiffusionModel):
    """Luo et al., "Latent Consistency Models", 2023."""

    params: ClassVar[type[Params]] = TaughtGuidanceParams
    info: ModelInfo = info_of("lcm")


class SD15(DiffusionModel):
    """Rombach et al., "High-Resolution Image Synthesis with Latent Diffusion Models", 2022."""

    params: ClassVar[type[Params]] = GuidedParams
    info: ModelInfo = info_of("sd-1.5")


class SD21(DiffusionModel):
    """The same with OpenCLIP's text encoder, at 768 px."""

    params: ClassVar[type[Params]] = GuidedParams
    info: ModelInfo = info_of("sd-2.1")


class SDXL(DiffusionModel):
    """Podell et al., "SDXL: Improving Latent Diffusion Models", 2023."""

    params: ClassVar[type[Params]] = GuidedParams
    info: ModelInfo = info_of("sdxl")


class SD15Inpaint(DiffusionModel):
    """Rombach et al., 2022, with a UNet that sees the mask and the rest of the picture."""

    params: ClassVar[type[Params]] = GuidedParams
    info: ModelInfo = info_of("sd-1.5-inpaint")


class SDXLInpaint(DiffusionModel):
    """Podell et al., 2023, with such a UNet."""

    params: ClassVar[type[Params]] = GuidedParams
    info: ModelInfo = info_of("sdxl-inpaint")


class Scribble(DiffusionModel):
    """Zhang et al., "Adding Conditional Control to Text-to-Image Diffusion Models", 2023."""

    params: ClassVar[type[Params]] = ScribbleParams
    pictures: ClassVar[Mapping[str, str]] = {
        SKETCH: "Dark lines on paper, which the picture keeps."
    }
    info: ModelInfo = info_of("sd-1.5-scribble", pictures)
