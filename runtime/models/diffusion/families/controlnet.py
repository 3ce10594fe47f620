"""A ControlNet beside the UNet: the picture keeps to the lines that are drawn."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from typing import Any, ClassVar

import numpy as np
import torch
from torch import Tensor, nn

from livedraft.kernels import pixels_in
from livedraft.runtime.compute.denoise import Conditioning, Denoiser

from ...base import Pixels
from .. import tiny
from ..asked import Asked, Seen
from .unet import StableDiffusion


class ControlNet(StableDiffusion):
    """Zhang et al., "Adding Conditional Control to Text-to-Image Diffusion Models", 2023.

    It begins with noise, and looks at the drawing once: what the ControlNet makes of lines, before
    it sees the latents, holds for all steps.
    """

    pipeline = "StableDiffusionControlNetPipeline"
    refers: ClassVar[bool] = True

    def __init__(self, pipe: Any, tiny_vae: Any = None) -> None:
        super().__init__(pipe, tiny_vae)
        self._embedding = pipe.controlnet.controlnet_cond_embedding
        self._flips = pipe.controlnet.config.controlnet_conditioning_channel_order == "bgr"
        network = Controlled(pipe.unet, _embedded(pipe.controlnet))
        self.denoiser = Denoiser(network, joins=True)

    @classmethod
    def tiny_parts(cls) -> dict[str, Any]:
        """Return those of Stable Diffusion, and a ControlNet."""
        return super().tiny_parts() | {"controlnet": tiny.controlnet()}

    @torch.inference_mode()
    def see(
        self, pictures: Sequence[Pixels], width: int, height: int, small: bool, frames: int = 1
    ) -> list[Seen]:
        """Return what it makes of drawings: it was taught bright lines in the dark, 0 to 1."""
        pixels = torch.from_numpy(np.stack(list(pictures))).to(self.device)
        made = pixels_in(pixels, size=(height, width), dtype=self._own_dtype, low=1.0, high=0.0)
        return [Seen(one, None) for one in self._embed(made).split(1)]

    def conditioned(self, asked: Asked) -> Sequence[Conditioning]:
        """Return the text, and the lines with how closely they are kept to."""
        (call,) = super().conditioned(asked)
        rows = len(call["encoder_hidden_states"])
        if asked.others:
            lines = asked.others[0].mean
        else:  # an empty paper
            shape = (1, 3, asked.height, asked.width)
            lines = self._embed(torch.zeros(shape, dtype=self._own_dtype, device=self.device))
        scale = torch.full((rows, 1, 1, 1), asked.control, dtype=lines.dtype, device=self.device)
        return [{**call, "lines": lines.expand(rows, -1, -1, -1), "scale": scale}]

    def _embed(self, lines: Tensor) -> Tensor:
        """Return the features of lines, (rows, channels, height / 8, width / 8)."""
        found: Tensor = self._embedding(lines.flip(1) if self._flips else lines)
        return found.flip(1) if self._flips else found  # its network will turn them back


def _embedded(controlnet: Any) -> Any:
    """Return the same network, of the same parts, that is given the features of lines."""
    made = copy.copy(controlnet)
    made._modules = {**controlnet._modules, "controlnet_cond_embedding": nn.Identity()}
    return made


class Controlled(nn.Module):
    """A UNet that a ControlNet adds to, as one network."""

    def __init__(self, unet: Any, controlnet: Any) -> None:
        super().__init__()
        self.unet, self.controlnet = unet, controlnet

    def forward(
        self,
        sample: Tensor,
        timestep: Tensor,
        encoder_hidden_states: Tensor,
        lines: Tensor,
        scale: Tensor,
        return_dict: bool,
    ) -> Any:
        """Return what the UNet does, each of its levels changed by what is drawn there."""
        down, middle = self.controlnet(
            sample,
            timestep,
            encoder_hidden_states=encoder_hidden_states,
            controlnet_cond=lines,
            return_dict=False,
        )
        return self.unet(
            sample,
            timestep,
            encoder_hidden_states=encoder_hidden_states,
            down_block_additional_residuals=[scale * each for each in down],
            mid_block_additional_residual=scale * middle,
            return_dict=return_dict,
        )
