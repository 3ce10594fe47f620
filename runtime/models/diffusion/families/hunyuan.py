"""HunyuanVideo: a transformer of text and clips, with Llama and CLIP."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import diffusers
import torch
from diffusers.pipelines.hunyuan_video import pipeline_hunyuan_video
from torch import Tensor

from livedraft.runtime.compute.denoise import Conditioning

from .. import tiny, tiny_flow, tiny_video
from ..asked import Asked, Text
from ..video import Moving, Reel, VideoFamily
from .flow import FlowFamily

_DIFFUSERS: Any = diffusers  # its types say what is not so: to a checker it may be anything
_HUNYUAN: Any = pipeline_hunyuan_video
_SHIFT = 7.0  # of the schedule, as it is published


class Hunyuan(VideoFamily, FlowFamily):
    """Kong et al., "HunyuanVideo", 2024."""

    pipeline = "HunyuanVideoPipeline"
    dtype = "bfloat16"
    most_tokens = 256
    rate = 24.0
    each = 4
    taught = (960, 544)

    def __init__(self, pipe: Any, tiny_vae: Any = None) -> None:
        super().__init__(pipe, tiny_vae)
        transformer = pipe.transformer
        self.denoiser = Moving(transformer, latents="hidden_states", dtype=transformer.dtype)
        if self.device.type == "cuda":
            pipe.vae.enable_tiling()  # a whole clip would take more than there is

    @classmethod
    def tiny_pipe(cls) -> Any:
        """Return what `hunyuan-video` is, small."""
        template = _HUNYUAN.DEFAULT_PROMPT_TEMPLATE["template"]
        return _DIFFUSERS.HunyuanVideoPipeline(
            text_encoder=tiny_video.llama(),
            tokenizer=tiny_video.chat_tokenizer(template),
            transformer=tiny_video.hunyuan_transformer(),
            vae=tiny_video.hunyuan_vae(),
            scheduler=tiny_flow.flow_scheduler(shift=_SHIFT),
            text_encoder_2=tiny.clip_text(),
            tokenizer_2=tiny.clip_tokenizer(),
        )

    @property
    def latent_shape(self) -> tuple[int, int]:
        """Channels of latents, and how many px of a side one of them stands for."""
        return self.pipe.transformer.config.in_channels, self.pipe.vae_scale_factor_spatial

    def shift(self, asked: Asked) -> float:
        """Return nothing of use: the schedule is shifted alike for all sizes."""
        return 1.0

    def guided(self, guidance: float) -> bool:
        """Never ask for an output without conditioning: the transformer is told the scale."""
        return False

    @torch.inference_mode()
    def read(self, prompt: str) -> Text:
        """Encode a prompt by Llama, in the chat that it was taught in, and by CLIP."""
        text, pooled, mask = self.pipe.encode_prompt(
            prompt, device=self.device, max_sequence_length=self.most_tokens
        )
        own = self._own_dtype
        rows = {
            "encoder_hidden_states": text.to(own),
            "encoder_attention_mask": mask.to(own),
            "pooled_projections": pooled.to(own),
        }
        return Text(rows, self._unread(prompt))

    def conditioned(self, asked: Asked) -> Sequence[Conditioning]:
        """Return the text, and how closely to follow it."""
        scale = asked.guidance * 1000
        guidance = torch.full((1,), scale, device=self.device, dtype=self._own_dtype)
        return [{**asked.text.rows, "guidance": guidance, "return_dict": False}]

    def decoded(self, reel: Reel) -> Tensor:
        """Return all frames: its autoencoder keeps nothing from one piece to the next."""
        vae = self.pipe.vae
        raw = (reel.latents / vae.config.scaling_factor).to(vae.dtype)
        frames: Tensor = vae.decode(raw, return_dict=False)[0]
        return frames

    def _unread(self, prompt: str) -> str:
        """Return the end of a prompt that Llama does not get, which has the template first."""
        template, tokenizer = _HUNYUAN.DEFAULT_PROMPT_TEMPLATE, self.pipe.tokenizer
        head = template["template"].partition("{}")[0]
        most = self.most_tokens + template["crop_start"] - len(tokenizer(head)["input_ids"])
        tokens = tokenizer(prompt, add_special_tokens=False, verbose=False)["input_ids"]
        return str(tokenizer.decode(tokens[most:])).strip()
