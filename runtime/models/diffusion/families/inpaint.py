"""UNets that were taught to paint what a mask covers: they see the mask and the rest beside it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import torch
import torch.nn.functional as F
from torch import Tensor

from livedraft.runtime.compute.denoise import Conditioning, Denoiser, Denoising, Known, drawn

from ..asked import Asked
from .sdxl import SDXL
from .unet import StableDiffusion, UNet

_CHANNELS = 9  # latents, the mask, and the latents of what it does not cover


@dataclass(frozen=True)
class _Told(Denoiser):
    """A UNet whose call has channels that go behind those of the latents."""

    def enter(self, way: Denoising, call: Conditioning) -> Any:
        """Return the latents, and behind them the mask and the rest of the picture."""
        latents = super().enter(way, call)
        told = call[self.latents]
        return torch.cat([latents, told.expand(len(latents), *told.shape[1:])], dim=1)


class _Inpainting(UNet):
    told_mask = True
    draws_picture = False

    def __init__(self, pipe: Any, tiny_vae: Any = None) -> None:
        super().__init__(pipe, tiny_vae)
        self.denoiser = _Told(pipe.unet)

    def mask(self, way: Denoising, asked: Asked, known: Known) -> None:
        """Tell the network of the mask, and of the rest of the picture."""
        hole = F.interpolate(known.hole, size=known.latents.shape[-2:]).to(known.latents)
        assert asked.rest is not None  # ``told_mask`` has it prepared
        rest: Tensor = asked.rest.mean
        if asked.rest.deviation is not None:
            rest = rest + asked.rest.deviation * drawn(rest, way.generator)
        told = torch.cat([hole, rest], dim=1)
        way.calls = [{**call, self.denoiser.latents: told} for call in way.calls]


class Inpaint(_Inpainting, StableDiffusion):
    """Rombach et al., 2022: Stable Diffusion 1.5 that was taught on with masks."""

    pipeline = "StableDiffusionInpaintPipeline"
    tiny_unet: ClassVar[Mapping[str, Any]] = {"in_channels": _CHANNELS}


class SDXLInpaint(_Inpainting, SDXL):
    """Podell et al., 2023, taught on with masks."""

    pipeline = "StableDiffusionXLInpaintPipeline"
    tiny_unet: ClassVar[Mapping[str, Any]] = {"in_channels": _CHANNELS}
