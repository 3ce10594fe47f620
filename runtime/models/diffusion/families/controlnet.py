"""A ControlNet beside the UNet: the picture keeps to the lines that are drawn."""

from __future__ import annotations

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

    It begins with noise; the drawing is looked at in each step.
    """

    pipeline = "StableDiffusionControlNetPipeline"
    refers: ClassVar[bool] = True

    def __init__(self, pipe: Any, tiny_vae: Any = None) -> None:
        super().__init__(pipe, tiny_vae)
        self.denoiser = Denoiser(Controlled(pipe.unet, pipe.controlnet), joins=True)

    @classmethod
    def tiny_parts(cls) -> dict[str, Any]:
        """Return those of Stable Diffusion, and a ControlNet."""
        return super().tiny_parts() | {"controlnet": tiny.controlnet()}

    @torch.inference_mode()
    def see(
        self, pictures: Sequence[Pixels], width: int, height: int, small: bool, frames: int = 1
    ) -> list[Seen]:
        """Return drawings as it was taught to see them: bright lines in the dark, 0 to 1."""
        pixels = torch.from_numpy(np.stack(list(pictures))).to(self.device)
        made = pixels_in(pixels, size=(height, width), dtype=self._own_dtype, low=1.0, high=0.0)
        return [Seen(one, None) for one in made.split(1)]

    def conditioned(self, asked: Asked) -> Sequence[Conditioning]:
        """Return the text, and the lines with how closely they are kept to."""
        (call,) = super().conditioned(asked)
        rows = len(call["encoder_hidden_states"])
        if asked.others:
            lines = asked.others[0].mean
        else:  # an empty paper
            shape = (1, 3, asked.height, asked.width)
            lines = torch.zeros(shape, dtype=self._own_dtype, device=self.device)
        scale = torch.full((rows, 1, 1, 1), asked.control, dtype=lines.dtype, device=self.device)
        return [{**call, "lines": lines.expand(rows, -1, -1, -1), "scale": scale}]


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
