"""Stable Diffusion XL: a larger UNet with two CLIP text encoders, told the size of the picture."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

import diffusers
import torch

from livedraft.runtime.compute.denoise import Conditioning

from .. import tiny
from ..asked import Asked, Text
from .unet import SCHEDULE, UNet, cut

_DIFFUSERS: Any = diffusers  # its types say what is not so: to a checker it may be anything

_TIME_WIDTH = 8  # numbers that a tiny one has for each of six that tell sizes


class SDXL(UNet):
    """Podell et al., "SDXL: Improving Latent Diffusion Models", 2023."""

    pipeline = "StableDiffusionXLPipeline"
    has_text_kv = True
    unused: ClassVar[tuple[str, ...]] = ("feature_extractor", "image_encoder")

    def __init__(self, pipe: Any, tiny_vae: Any = None) -> None:
        super().__init__(pipe, tiny_vae)
        if pipe.vae.config.force_upcast and pipe.vae.dtype == torch.float16:
            pipe.vae.float()  # it was taught in float32, and overflows in halves

    @classmethod
    def tiny_pipe(cls) -> Any:
        """Return what its models are, small."""
        return getattr(_DIFFUSERS, cls.pipeline)(
            vae=tiny.vae(),
            text_encoder=tiny.clip_text(),
            tokenizer=tiny.clip_tokenizer(),
            text_encoder_2=tiny.clip_text_projected(),
            tokenizer_2=tiny.clip_tokenizer(),
            unet=tiny.unet(
                cross_attention_dim=2 * tiny.WIDTH,
                addition_embed_type="text_time",
                addition_time_embed_dim=_TIME_WIDTH,
                projection_class_embeddings_input_dim=tiny.WIDTH + 6 * _TIME_WIDTH,
                transformer_layers_per_block=(1, 2),
                use_linear_projection=True,
                **cls.tiny_unet,
            ),
            scheduler=cls.tiny_scheduler(),
            add_watermarker=False,
        )

    @classmethod
    def tiny_scheduler(cls) -> Any:
        """Return the scheduler that `sdxl` is published with."""
        return _DIFFUSERS.EulerDiscreteScheduler(**SCHEDULE, timestep_spacing="leading")

    @torch.inference_mode()
    def read(self, prompt: str) -> Text:
        """Encode a prompt by both encoders; each reads 75 tokens of it."""
        rows, _, pooled, _ = self.pipe.encode_prompt(
            prompt, device=self.device, do_classifier_free_guidance=False
        )
        found = {"encoder_hidden_states": rows, "pooled": pooled}
        return Text(found, cut(self.pipe.tokenizer, prompt))

    def avoided(self, prompt: str) -> Text:
        """Encode what a picture shall not show; where nothing is said, zeros as it was taught."""
        text = self.read(prompt)
        if prompt or not self.pipe.config.force_zeros_for_empty_prompt:
            return text
        return Text({name: torch.zeros_like(rows) for name, rows in text.rows.items()})

    def conditioned(self, asked: Asked) -> Sequence[Conditioning]:
        """Return the text, and the size: that before a crop, the crop's corner, the picture's."""
        texts = [asked.text] if asked.negative is None else [asked.negative, asked.text]
        rows = torch.cat([text.rows["encoder_hidden_states"] for text in texts])
        size = [asked.height, asked.width]
        told = torch.tensor([[*size, 0, 0, *size]], dtype=rows.dtype, device=self.device)
        return [
            {
                "encoder_hidden_states": rows,
                "added_cond_kwargs": {
                    "text_embeds": torch.cat([text.rows["pooled"] for text in texts]),
                    "time_ids": told.expand(len(texts), -1),
                },
                "return_dict": False,
            }
        ]


class SDXLTurbo(SDXL):
    """Sauer et al., "Adversarial Diffusion Distillation", 2023."""

    @classmethod
    def tiny_scheduler(cls) -> Any:
        """Return the scheduler that `sdxl-turbo` is published with."""
        return _DIFFUSERS.EulerAncestralDiscreteScheduler(**SCHEDULE, timestep_spacing="trailing")


class SDXLLightning(SDXL):
    """Lin et al., "SDXL-Lightning: Progressive Adversarial Diffusion Distillation", 2024."""

    @classmethod
    def tiny_scheduler(cls) -> Any:
        """Return the scheduler that its authors advise."""
        return _DIFFUSERS.EulerDiscreteScheduler(**SCHEDULE, timestep_spacing="trailing")
