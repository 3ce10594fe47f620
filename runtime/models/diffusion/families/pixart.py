"""PixArt: a transformer that attends to T5's text, with the samplers of the UNets."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import diffusers
import torch
from torch import Tensor

from livedraft.runtime.compute.denoise import Conditioning, Denoiser
from livedraft.runtime.compute.samplers import sampler

from .. import tiny, tiny_flow
from ..asked import Asked, Text
from ..family import Family
from .flow import unread

_DIFFUSERS: Any = diffusers  # its types say what is not so: to a checker it may be anything
_TOLD_ITS_SIZE = 128  # latents a side of the model that is told how large the picture is


@dataclass(frozen=True)
class _PixArt(Denoiser):
    """The transformer, which says beside the noise how sure it is of it."""

    latents: str = "hidden_states"
    joins: bool = True

    def left(self, made: Any) -> Tensor:
        """Return the noise alone."""
        noise: Tensor = made[0].chunk(2, 1)[0]
        return noise


class PixArt(Family):
    """Chen et al., "PixArt-delta" (arXiv 2401.05252): few steps by latent consistency."""

    pipeline = "PixArtAlphaPipeline"
    dtype = "bfloat16"
    has_text_kv = True
    most_tokens = 120

    def __init__(self, pipe: Any, tiny_vae: Any = None) -> None:
        super().__init__(pipe, tiny_vae)
        sampler(pipe.scheduler, 1)  # one that cannot step is refused as it is loaded
        self.denoiser = _PixArt(pipe.transformer)

    @classmethod
    def tiny_pipe(cls) -> Any:
        """Return what `pixart` is, small; it is told the picture's size as the real one is."""
        transformer = _DIFFUSERS.PixArtTransformer2DModel(
            sample_size=_TOLD_ITS_SIZE,
            patch_size=8,
            num_layers=2,
            attention_head_dim=8,
            num_attention_heads=3,
            caption_channels=tiny.WIDTH,
            cross_attention_dim=24,
            in_channels=4,
            out_channels=8,
        )
        vae = tiny_flow.vae(
            4,
            block_out_channels=(4,),
            down_block_types=("DownEncoderBlock2D",),
            up_block_types=("UpDecoderBlock2D",),
            mid_block_add_attention=False,  # of every pixel to every other: too slow for tests
            scaling_factor=0.18,
            shift_factor=None,
        )
        scheduler = _DIFFUSERS.LCMScheduler(
            beta_start=0.0001, beta_end=0.02, beta_schedule="linear"
        )
        return _DIFFUSERS.PixArtAlphaPipeline(
            tiny_flow.t5_tokenizer(), tiny_flow.t5(), vae, transformer, scheduler
        )

    @property
    def native(self) -> tuple[int, int]:
        """Width and height that the transformer was taught, px."""
        side = self.pipe.transformer.config.sample_size * self.pipe.vae_scale_factor
        return side, side

    @torch.inference_mode()
    def read(self, prompt: str) -> Text:
        """Encode a prompt."""
        text, mask, _, _ = self.pipe.encode_prompt(
            prompt, False, device=self.device, max_sequence_length=self.most_tokens
        )
        rows = {"encoder_hidden_states": text, "encoder_attention_mask": mask}
        return Text(rows, unread(self.pipe.tokenizer, prompt, self.most_tokens - 1))

    def conditioned(self, asked: Asked) -> Sequence[Conditioning]:
        """Return the text and the picture's size, after what it shall not be if it is guided."""
        texts = [asked.text] if asked.negative is None else [asked.negative, asked.text]
        names = ("encoder_hidden_states", "encoder_attention_mask")
        rows = {name: torch.cat([text.rows[name] for text in texts]) for name in names}
        size: dict[str, Tensor | None] = {"resolution": None, "aspect_ratio": None}
        if self.pipe.transformer.config.sample_size == _TOLD_ITS_SIZE:
            ways: dict[str, Any] = {
                "dtype": rows["encoder_hidden_states"].dtype,
                "device": self.device,
            }
            pixels, aspect = [asked.height, asked.width], [asked.height / asked.width]
            size["resolution"] = torch.tensor([pixels] * len(texts), **ways)
            size["aspect_ratio"] = torch.tensor([aspect] * len(texts), **ways)
        return [{**rows, "added_cond_kwargs": size, "return_dict": False}]
