"""Latent diffusion by a UNet and one CLIP text encoder: Stable Diffusion 1 and 2, turbo, LCM."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import diffusers
import torch

from livedraft.runtime.compute.denoise import Conditioning, Denoiser
from livedraft.runtime.compute.samplers import sampler

from .. import tiny
from ..asked import Asked, Text
from ..family import Family

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
    unused: ClassVar[tuple[str, ...]] = ("safety_checker", "feature_extractor", "image_encoder")

    tiny_unet: ClassVar[Mapping[str, Any]] = {}  # how it differs from the plainest

    def __init__(self, pipe: Any, tiny_vae: Any = None) -> None:
        super().__init__(pipe, tiny_vae)
        sampler(pipe.scheduler, 1)  # one that cannot step is refused as it is loaded
        self.denoiser = Denoiser(pipe.unet, joins=True)

    @classmethod
    def tiny_pipe(cls) -> Any:
        """Return what its models are, small."""
        return getattr(_DIFFUSERS, cls.pipeline)(**cls.tiny_parts(), requires_safety_checker=False)

    @classmethod
    def tiny_parts(cls) -> dict[str, Any]:
        """Return its parts, by the names that its pipeline has for them."""
        return {
            "vae": tiny.vae(),
            "text_encoder": tiny.clip_text(),
            "tokenizer": tiny.clip_tokenizer(),
            "unet": tiny.unet(**cls.tiny_unet),
            "scheduler": cls.tiny_scheduler(),
            "safety_checker": None,
            "feature_extractor": None,
        }

    @classmethod
    def tiny_scheduler(cls) -> Any:
        """Return the scheduler that `sd-turbo` is published with."""
        return _DIFFUSERS.EulerDiscreteScheduler(**SCHEDULE, timestep_spacing="trailing")

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


class StableDiffusion(UNet):
    """What was taught to be led by guidance, in some twenty steps of DDIM: `sd-1.5`."""

    @classmethod
    def tiny_scheduler(cls) -> Any:
        """Return the scheduler that it is published with."""
        return _DIFFUSERS.PNDMScheduler(**SCHEDULE, skip_prk_steps=True)


class StableDiffusion2(StableDiffusion):
    """The same, that predicts velocities: `sd-2.1`."""

    tiny_unet: ClassVar[Mapping[str, Any]] = {"use_linear_projection": True}

    @classmethod
    def tiny_scheduler(cls) -> Any:
        """Return the scheduler that it is published with."""
        own = {"clip_sample": False, "set_alpha_to_one": False, "prediction_type": "v_prediction"}
        return _DIFFUSERS.DDIMScheduler(**SCHEDULE, **own)


class LCM(UNet):
    """Luo et al., "Latent Consistency Models", 2023: guidance is told to the network, as a number.

    So one output a step suffices, and nothing can be named that a picture shall not show.
    """

    pipeline = "LatentConsistencyModelPipeline"
    tiny_unet: ClassVar[Mapping[str, Any]] = {"time_cond_proj_dim": 16}

    @classmethod
    def tiny_scheduler(cls) -> Any:
        """Return the scheduler that it is published with."""
        return _DIFFUSERS.LCMScheduler(**SCHEDULE, clip_sample=False)

    def guided(self, guidance: float) -> bool:
        """Say that it never needs an output without conditioning."""
        return False

    def conditioned(self, asked: Asked) -> Sequence[Conditioning]:
        """Return the text, and the scale of guidance as the network was taught it."""
        width = self.pipe.unet.config.time_cond_proj_dim
        scale = torch.tensor([asked.guidance - 1])
        told = self.pipe.get_guidance_scale_embedding(scale, embedding_dim=width)
        told = told.to(self.device, self.pipe.unet.dtype)
        return [{**call, "timestep_cond": told} for call in super().conditioned(asked)]


def cut(tokenizer: Any, prompt: str) -> str:
    """Return the end of a prompt that a tokenizer's encoder does not read."""
    most = tokenizer.model_max_length
    tokens = tokenizer(prompt)["input_ids"]
    return "" if len(tokens) <= most else str(tokenizer.decode(tokens[most - 1 : -1])).strip()
