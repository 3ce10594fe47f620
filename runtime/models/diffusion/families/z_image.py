"""Z-Image: a transformer that takes pictures and texts of any length as lists, with Qwen3."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import diffusers
import torch
import transformers
from torch import Tensor

from livedraft.runtime.compute.denoise import Conditioning, Denoiser, Denoising

from .. import tiny_flow
from ..asked import Asked, Text
from .flow import FlowFamily, before, unread

_DIFFUSERS: Any = diffusers  # its types say what is not so: to a checker it may be anything
_TRANSFORMERS: Any = transformers


@dataclass(frozen=True)
class _ZImage(Denoiser):
    """The transformer: its time goes from 0 to 1, and it says the way to noise backwards."""

    latents: str = "x"
    time: str = "t"
    joins: bool = True

    def enter(self, way: Denoising, call: Conditioning) -> Any:
        """Return the latents of each row, (channels, 1, height, width)."""
        return list(super().enter(way, call).unsqueeze(2).unbind())

    def told(self, time: Tensor) -> Tensor:
        """Return how far the picture is."""
        return (1000 - time) / 1000

    def left(self, made: Any) -> Tensor:
        """Return all rows, as the sampler takes them."""
        return -torch.stack(list(made[0])).squeeze(2)


class ZImage(FlowFamily):
    """Z-Image Team, "Z-Image", 2025 (arXiv 2511.22699)."""

    pipeline = "ZImagePipeline"
    dtype = "bfloat16"
    most_tokens = 512

    def __init__(self, pipe: Any, tiny_vae: Any = None) -> None:
        super().__init__(pipe, tiny_vae)
        self.denoiser = _ZImage(pipe.transformer)
        self._before = before(pipe.tokenizer)

    @classmethod
    def tiny_pipe(cls) -> Any:
        """Return what `z-image-turbo` is, small."""
        transformer = _DIFFUSERS.ZImageTransformer2DModel(
            all_patch_size=(2,),
            all_f_patch_size=(1,),
            in_channels=4,
            dim=32,
            n_layers=2,
            n_refiner_layers=1,
            n_heads=2,
            n_kv_heads=2,
            qk_norm=True,
            cap_feat_dim=16,
            rope_theta=256.0,
            t_scale=1000.0,
            axes_dims=[8, 4, 4],
            axes_lens=[1024, 32, 32],
        )
        for padding in (transformer.x_pad_token, transformer.cap_pad_token):
            torch.nn.init.normal_(padding)  # diffusers leaves them as memory happens to be
        return _DIFFUSERS.ZImagePipeline(
            scheduler=tiny_flow.flow_scheduler(shift=3.0),
            vae=tiny_flow.vae(4),
            text_encoder=_TRANSFORMERS.Qwen3Model(tiny_flow.qwen3_config()),
            tokenizer=tiny_flow.qwen_tokenizer(),
            transformer=transformer,
        )

    @torch.inference_mode()
    def read(self, prompt: str) -> Text:
        """Encode a prompt, as many rows as it has tokens."""
        texts, _ = self.pipe.encode_prompt(
            prompt, self.device, False, max_sequence_length=self.most_tokens
        )
        return Text(
            {"cap_feats": texts},
            unread(self.pipe.tokenizer, prompt, self.most_tokens - self._before),
        )

    def conditioned(self, asked: Asked) -> Sequence[Conditioning]:
        """Return the text."""
        return [{**asked.text.rows, "return_dict": False}]
