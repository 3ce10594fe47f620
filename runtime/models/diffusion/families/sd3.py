"""Stable Diffusion 3 and 3.5: a transformer of text and picture, with two CLIPs and T5."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import diffusers
import torch

from livedraft.runtime.compute.denoise import Conditioning, Denoiser

from .. import tiny, tiny_flow
from ..asked import Asked, Text
from .flow import FlowFamily, unread

_DIFFUSERS: Any = diffusers  # its types say what is not so: to a checker it may be anything


class SD3(FlowFamily):
    """Esser et al., "Scaling Rectified Flow Transformers" (arXiv 2403.03206)."""

    pipeline = "StableDiffusion3Pipeline"
    unused = ("image_encoder", "feature_extractor")
    dtype = "bfloat16"
    most_tokens = 256

    def __init__(self, pipe: Any, tiny_vae: Any = None) -> None:
        super().__init__(pipe, tiny_vae)
        self.denoiser = Denoiser(pipe.transformer, latents="hidden_states", joins=True)

    @classmethod
    def tiny_pipe(cls) -> Any:
        """Return what `sd3` is, small."""
        transformer = _DIFFUSERS.SD3Transformer2DModel(
            sample_size=tiny_flow.SIDE // 8,
            patch_size=2,
            in_channels=4,
            out_channels=4,
            num_layers=2,
            attention_head_dim=8,
            num_attention_heads=4,
            caption_projection_dim=32,
            joint_attention_dim=tiny.WIDTH,
            pooled_projection_dim=tiny.WIDTH,
            qk_norm="rms_norm",
        )
        half = tiny.WIDTH // 2  # the two CLIPs' rows stand side by side
        return _DIFFUSERS.StableDiffusion3Pipeline(
            transformer=transformer,
            scheduler=tiny_flow.flow_scheduler(shift=3.0),
            vae=tiny_flow.vae(4),
            text_encoder=tiny_flow.clip_projected(half),
            tokenizer=tiny.clip_tokenizer(),
            text_encoder_2=tiny_flow.clip_projected(half),
            tokenizer_2=tiny.clip_tokenizer(),
            text_encoder_3=tiny_flow.t5(),
            tokenizer_3=tiny_flow.t5_tokenizer(),
        )

    @property
    def least(self) -> float:
        """The noise of a whole way's last step, as the scheduler has it."""
        return float(self.pipe.scheduler.sigma_min)

    @torch.inference_mode()
    def read(self, prompt: str) -> Text:
        """Encode a prompt; T5 reads more of it than the CLIPs do."""
        text, _, pooled, _ = self.pipe.encode_prompt(
            prompt,
            None,
            None,
            device=self.device,
            do_classifier_free_guidance=False,
            max_sequence_length=self.most_tokens,
        )
        rows = {"encoder_hidden_states": text, "pooled_projections": pooled}
        return Text(rows, unread(self.pipe.tokenizer_3, prompt, self.most_tokens - 1))

    def conditioned(self, asked: Asked) -> Sequence[Conditioning]:
        """Return the text, after that which it shall not be where there is guidance."""
        texts = [asked.text] if asked.negative is None else [asked.negative, asked.text]
        rows = {
            name: torch.cat([text.rows[name] for text in texts])
            for name in ("encoder_hidden_states", "pooled_projections")
        }
        return [{**rows, "return_dict": False}]
