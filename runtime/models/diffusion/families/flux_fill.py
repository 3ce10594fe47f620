"""FLUX.1 Fill: a transformer that was taught to see a mask, and what it leaves."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import torch
import torch.nn.functional as F

from livedraft.runtime.compute.denoise import Conditioning, Denoising, Known

from ..asked import Asked
from ..tensors import one_of
from .flow import Tokens, packed
from .flux import FluxDev

_LATENTS = 16  # numbers of a tiny one's token
_HOLES = 64 * 4  # of its mask: pixels that a token stands for


@dataclass(frozen=True)
class _Told(Tokens):
    """A transformer whose tokens have numbers behind those of the latents."""

    def enter(self, way: Denoising, call: Conditioning) -> Any:
        """Return the latents' tokens, longer by what the call says."""
        return torch.cat([way.x, call[self.latents]], dim=2)


class FluxFill(FluxDev):
    """Black Forest Labs, "FLUX.1 Tools", 2024."""

    pipeline = "FluxFillPipeline"
    unused = ()
    told_mask = True
    tiny_changes: ClassVar[Mapping[str, Any]] = {
        "in_channels": 2 * _LATENTS + _HOLES,
        "out_channels": _LATENTS,
    }

    def __init__(self, pipe: Any, tiny_vae: Any = None) -> None:
        super().__init__(pipe, tiny_vae)
        plain = self.denoiser
        self.denoiser = _Told(plain.network, latents=plain.latents, shared=plain.shared)

    def mask(self, way: Denoising, asked: Asked, known: Known) -> None:
        """Tell the network of the mask, each pixel of it, and of the rest of the picture."""
        assert asked.rest is not None  # ``told_mask`` has it prepared
        rest = one_of(*asked.rest, way.generator)
        pixels = F.pixel_unshuffle(known.hole.to(rest), int(self.pipe.vae_scale_factor))
        told = torch.cat([packed(rest, 2), packed(pixels, 2)], dim=2)
        way.calls = [{**call, self.denoiser.latents: told} for call in way.calls]
