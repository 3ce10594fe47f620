"""FLUX.1: a transformer of text and picture together, with CLIP and T5."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import diffusers
import torch

from livedraft.runtime.compute.denoise import Conditioning

from .. import tiny, tiny_flow
from ..family import Asked, Text
from .flow import FlowFamily, Tokens, unread

_DIFFUSERS: Any = diffusers  # its types say what is not so: to a checker it may be anything


class Flux(FlowFamily):
    """Black Forest Labs, "FLUX.1 [schnell]", 2024."""

    pipeline = "FluxPipeline"
    unused = ("image_encoder", "feature_extractor")
    dtype = "bfloat16"
    most_tokens = 256  # that schnell was taught with

    def __init__(self, pipe: Any, tiny_vae: Any = None) -> None:
        super().__init__(pipe, tiny_vae)
        shared = frozenset({"txt_ids", "img_ids"})
        self.denoiser = Tokens(pipe.transformer, latents="hidden_states", shared=shared)

    @classmethod
    def tiny_pipe(cls) -> Any:
        """Return what `flux-schnell` is, small."""
        transformer = _DIFFUSERS.FluxTransformer2DModel(
            patch_size=1,
            in_channels=16,
            num_layers=1,
            num_single_layers=1,
            attention_head_dim=16,
            num_attention_heads=2,
            joint_attention_dim=tiny.WIDTH,
            pooled_projection_dim=tiny.WIDTH,
            axes_dims_rope=(4, 4, 8),
        )
        return _DIFFUSERS.FluxPipeline(
            scheduler=tiny_flow.flow_scheduler(),
            vae=tiny_flow.vae(4),
            text_encoder=tiny.clip_text(),
            tokenizer=tiny.clip_tokenizer(),
            text_encoder_2=tiny_flow.t5(),
            tokenizer_2=tiny_flow.t5_tokenizer(),
            transformer=transformer,
        )

    @torch.inference_mode()
    def read(self, prompt: str) -> Text:
        """Encode a prompt; T5 reads all that CLIP does not."""
        text, pooled, _ = self.pipe.encode_prompt(
            prompt, None, self.device, max_sequence_length=self.most_tokens
        )
        rows = {"encoder_hidden_states": text, "pooled_projections": pooled}
        return Text(rows, unread(self.pipe.tokenizer_2, prompt, self.most_tokens))

    def conditioned(self, asked: Asked) -> Sequence[Conditioning]:
        """Return the text, and where each token of text and picture stands."""
        text = asked.text.rows["encoder_hidden_states"]
        factor = 2 * self.pipe.vae_scale_factor
        places = self.pipe._prepare_latent_image_ids(
            1, asked.height // factor, asked.width // factor, self.device, text.dtype
        )
        none = torch.zeros(text.shape[1], 3, device=self.device, dtype=text.dtype)
        return [{**asked.text.rows, "txt_ids": none, "img_ids": places, "return_dict": False}]
