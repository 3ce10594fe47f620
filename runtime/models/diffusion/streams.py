"""The models by name that paint a camera, of weights that others paint drawings with."""

from __future__ import annotations

from typing import ClassVar

from ..base import ModelInfo, Params
from .model import info_of
from .params import (
    GuidedStreamedParams,
    StreamedParams,
    StreamedTokenParams,
    TaughtStreamedParams,
)
from .streaming import Streaming, seeing


class SDTurboStream(Streaming):
    """Sauer et al., "Adversarial Diffusion Distillation", 2023, frame by frame."""

    params: ClassVar[type[Params]] = StreamedParams
    info: ModelInfo = seeing(info_of("sd-turbo-stream", Streaming.pictures))


class SDXLTurboStream(Streaming):
    """The same, of Stable Diffusion XL."""

    params: ClassVar[type[Params]] = StreamedParams
    info: ModelInfo = seeing(info_of("sdxl-turbo-stream", Streaming.pictures))


class LCMStream(Streaming):
    """Luo et al., "Latent Consistency Models", 2023, frame by frame."""

    params: ClassVar[type[Params]] = TaughtStreamedParams
    info: ModelInfo = seeing(info_of("lcm-stream", Streaming.pictures))


class SD15Stream(Streaming):
    """Stable Diffusion 1.5, best with an LCM-LoRA and an LCMScheduler, frame by frame."""

    params: ClassVar[type[Params]] = GuidedStreamedParams
    info: ModelInfo = seeing(info_of("sd-1.5-stream", Streaming.pictures))


class FluxSchnellStream(Streaming):
    """Black Forest Labs, "FLUX.1 [schnell]", 2024, frame by frame."""

    params: ClassVar[type[Params]] = StreamedTokenParams
    info: ModelInfo = seeing(info_of("flux-schnell-stream", Streaming.pictures))
