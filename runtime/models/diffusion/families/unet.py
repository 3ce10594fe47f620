"""Latent diffusion by a UNet and one CLIP text encoder: Stable Diffusion 1 and 2, turbo, LCM."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import diffusers
import torch

from livedraft.runtime.compute.denoise import Conditioning, Denoiser

from .. import tiny
from ..family import Asked, Family, Text

_DIFFUSERS: Any = diffusers  # its types say what is not so: to a checker it may be anything

SCHEDULE = {
    "beta_start": 0.00085,
    "beta_end": 0.012,
    "beta_schedule": "scaled_linear",
    "steps_offset": 1,
}


class UNet(Family):
    """Rombach et al., "High-Resolution Image Synthesis with Latent Diffusion", 2022."""

    pipeline = "StableDiffusionPipeline"
    unused = ("safety_checker", "feature_extractor", "image_encoder")

    def __init__(self, pipe: Any, tiny_vae: Any = None) -> None:
        super().__init__(pipe, tiny_vae)
        self.denoiser = Denoiser(pipe.unet, latents="sample", time="timestep")

    @classmethod
    def tiny_pipe(cls) -> Any:
        """Return what `sd-turbo` is, small."""
        return _DIFFUSERS.StableDiffusionPipeline(
            vae=tiny.vae(),
            text_encoder=tiny.clip_text(),
            tokenizer=tiny.clip_tokenizer(),
            unet=tiny.unet(),
            scheduler=_DIFFUSERS.EulerDiscreteScheduler(**SCHEDULE, timestep_spacing="trailing"),
            safety_checker=None,
            feature_extractor=None,
            requires_safety_checker=False,
        )

    @property
    def native(self) -> tuple[int, int]:
        """Width and height that the UNet was taught, px."""
        side = self.pipe.unet.config.sample_size * self.pipe.vae_scale_factor
        return side, side

    @torch.inference_mode()
    def read(self, prompt: str) -> Text:
        """Encode a prompt; CLIP reads 75 tokens of it."""
        rows, _ = self.pipe.encode_prompt(prompt, self.device, 1, False)
        return Text({"encoder_hidden_states": rows}, cut(self.pipe.tokenizer, prompt))

    def conditioned(self, asked: Asked) -> Sequence[Conditioning]:
        """Return the text, after that which it shall not be where there is guidance."""
        texts = [asked.text] if asked.negative is None else [asked.negative, asked.text]
        return [
            {
                "encoder_hidden_states": torch.cat(
                    [text.rows["encoder_hidden_states"] for text in texts]
                ),
                "return_dict": False,
            }
        ]


def cut(tokenizer: Any, prompt: str) -> str:
    """Return the end of a prompt that a tokenizer's encoder does not read."""
    most = tokenizer.model_max_length
    tokens = tokenizer(prompt)["input_ids"]
    return "" if len(tokens) <= most else str(tokenizer.decode(tokens[most - 1 : -1])).strip()
