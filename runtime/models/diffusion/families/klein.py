"""FLUX.2 klein: a transformer of text, picture and pictures to refer to, with Qwen3."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import Any

import diffusers
import torch
import transformers
from diffusers.pipelines.flux2 import pipeline_flux2_klein
from torch import Tensor

from livedraft.runtime.compute.denoise import Conditioning

from ...base import Pixels
from .. import tiny_flow
from ..asked import Asked, Seen, Text
from .flow import FlowFamily, Tokens, before, packed, unread

_DIFFUSERS: Any = diffusers  # its types say what is not so: to a checker it may be anything
_TRANSFORMERS: Any = transformers
_KLEIN: Any = pipeline_flux2_klein
_MOST_PX = 1024 * 1024  # of a picture to refer to; larger ones are looked at smaller


class Klein(FlowFamily):
    """Black Forest Labs, "FLUX.2 [klein]", 2026."""

    pipeline = "Flux2KleinPipeline"
    dtype = "bfloat16"
    refers = True
    drafts_small = False  # the field has none of its latents that is an AutoencoderTiny
    most_tokens = 512

    def __init__(self, pipe: Any, tiny_vae: Any = None) -> None:
        super().__init__(pipe, tiny_vae)
        # Its latents are patches already.
        self.denoiser = Tokens(pipe.transformer, latents="hidden_states", patch=1)
        self._before = before(pipe.tokenizer)
        layers = pipe.text_encoder.config.num_hidden_layers
        self._layers = tuple(layers * part // 4 for part in (1, 2, 3))  # 9, 18, 27 of 36

    @classmethod
    def tiny_pipe(cls) -> Any:
        """Return what `flux2-klein` is, small."""
        transformer = _DIFFUSERS.Flux2Transformer2DModel(
            patch_size=1,
            in_channels=16,
            num_layers=1,
            num_single_layers=1,
            attention_head_dim=16,
            num_attention_heads=2,
            joint_attention_dim=48,
            timestep_guidance_channels=32,
            axes_dims_rope=(4, 4, 4, 4),
            guidance_embeds=False,
        )
        encoder = _TRANSFORMERS.Qwen3ForCausalLM(tiny_flow.qwen3_config(num_hidden_layers=4))
        vae = _DIFFUSERS.AutoencoderKLFlux2(
            block_out_channels=(4, 4, 8, 8),
            down_block_types=("DownEncoderBlock2D",) * 4,
            up_block_types=("UpDecoderBlock2D",) * 4,
            layers_per_block=1,
            mid_block_add_attention=False,  # too slow in tests for large pictures to refer to
            latent_channels=4,
            norm_num_groups=2,
            sample_size=tiny_flow.SIDE,
        )
        vae.bn.running_mean.normal_(0.0, 0.1)
        vae.bn.running_var.uniform_(0.5, 2.0)
        scheduler = tiny_flow.flow_scheduler(use_dynamic_shifting=True)
        tokenizer = tiny_flow.qwen_tokenizer()
        return getattr(_DIFFUSERS, cls.pipeline)(
            scheduler, vae, encoder, tokenizer, transformer, is_distilled=True
        )

    @property
    def latent_shape(self) -> tuple[int, int]:
        """Channels of the latents' patches, and the px of a side of one of them."""
        return self.pipe.transformer.config.in_channels, 2 * self.pipe.vae_scale_factor

    def shift(self, asked: Asked) -> float:
        """Return how far the schedule is shifted, by a formula of klein's own."""
        return float(_KLEIN.compute_empirical_mu(self.tokens(asked), asked.steps))

    @torch.inference_mode()
    def read(self, prompt: str) -> Text:
        """Encode a prompt by three of Qwen3's layers."""
        text, places = self.pipe.encode_prompt(
            prompt,
            self.device,
            max_sequence_length=self.most_tokens,
            text_encoder_out_layers=self._layers,
        )
        rows = {"encoder_hidden_states": text, "txt_ids": places}
        return Text(rows, unread(self.pipe.tokenizer, prompt, self.most_tokens - self._before))

    def seen_size(self, picture: Pixels, width: int, height: int) -> tuple[int, int]:
        """Return a picture's own size, in whole tokens and no more than klein looks at."""
        high, wide = picture.shape[:2]
        scale = min(1.0, (_MOST_PX / (high * wide)) ** 0.5)
        grid = int(self.latent_shape[1])
        wide, high = (max(1, int(side * scale) // grid) * grid for side in (wide, high))
        return wide, high

    def encoded(self, vae: Any, frames: Tensor) -> list[Seen]:
        """Return the patches of pictures' latents, without chance."""
        raw = vae.encode(frames).latent_dist.mode()
        mean, deviation = self._spread(raw)
        patches = (self.pipe._patchify_latents(raw) - mean) / deviation
        return [Seen(one, None) for one in patches.split(1)]

    def key(self, asked: Asked) -> tuple[Hashable, ...]:
        """Return the sizes of the pictures that are referred to."""
        return tuple(tuple(seen.mean.shape) for seen in asked.others)

    def conditioned(self, asked: Asked) -> Sequence[Conditioning]:
        """Return the text, the tokens of other pictures, and where each token stands."""
        grid = self.latent_shape[1]
        shape = torch.empty(1, 1, asked.height // grid, asked.width // grid)
        places = self.pipe._prepare_latent_ids(shape).to(self.device)
        call = {**asked.text.rows, "guidance": None, "img_ids": places, "return_dict": False}
        if asked.others:
            latents = [seen.mean for seen in asked.others]
            others = self.pipe._prepare_image_ids(latents).to(self.device)
            call["img_ids"] = torch.cat([places, others], dim=1)
            call["hidden_states"] = torch.cat([packed(each, 1) for each in latents], dim=1)
        return [call]

    def decode(self, latents: Tensor, small: bool) -> Tensor:
        """Return pictures of latents, (batch, 3, height, width), -1 to 1 and a little beyond."""
        mean, deviation = self._spread(latents)
        raw = self.pipe._unpatchify_latents(latents * deviation + mean)
        frames: Tensor = self.pipe.vae.decode(raw, return_dict=False)[0]
        return frames

    def _spread(self, like: Tensor) -> tuple[Tensor, Tensor]:
        """Return mean and deviation that patches were taught with, by channel."""
        norm = self.pipe.vae.bn
        mean = norm.running_mean.view(1, -1, 1, 1).to(like)
        epsilon = self.pipe.vae.config.batch_norm_eps
        return mean, (norm.running_var.view(1, -1, 1, 1).to(like) + epsilon).sqrt()
