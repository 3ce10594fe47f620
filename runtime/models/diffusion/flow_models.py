"""The models by name whose denoiser is a transformer that was taught by flow matching."""

from __future__ import annotations

from typing import ClassVar

from ..base import ModelInfo, Params
from .model import DiffusionModel, info_of
from .params import TokenParams


class FluxSchnell(DiffusionModel):
    """Black Forest Labs, "FLUX.1 [schnell]", 2024."""

    params: ClassVar[type[Params]] = TokenParams
    info: ModelInfo = info_of("flux-schnell")
