"""Qwen-Image: a transformer of text and picture, with the language model of Qwen2.5-VL."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import Any

import diffusers
import torch
import transformers
from torch import Tensor

from livedraft.runtime.compute.denoise import Conditioning, Denoising
from livedraft.runtime.compute.sampling import Sampler

from .. import tiny_flow
from ..asked import Asked, Seen, Text
from .flow import FlowFamily, Tokens, unread

_DIFFUSERS: Any = diffusers  # its types say what is not so: to a checker it may be anything
_TRANSFORMERS: Any = transformers
TEXT, MASK = "encoder_hidden_states", "encoder_hidden_states_mask"  # arguments


@dataclass(slots=True, eq=False)
class _Guided(Denoising):
    """Latents on their way, and how closely they follow the prompt."""

    guidance: float = 1.0


@dataclass(frozen=True)
class _Qwen(Tokens):
    """The transformer, whose guidance keeps the length of each token."""

    joins: bool = False

    def combined(self, way: Denoising, outputs: Sequence[Tensor]) -> tuple[Tensor, Tensor | None]:
        """Return the direction, led away from what the picture shall not be, as long as before."""
        output, *bases = (each[:, : way.x.shape[1]] for each in outputs)
        if bases and isinstance(way, _Guided):
            away = bases[0] + way.guidance * (output - bases[0])
            output = away * (output.norm(dim=-1, keepdim=True) / away.norm(dim=-1, keepdim=True))
        return output, None


class Qwen(FlowFamily):
    """Wu et al., "Qwen-Image Technical Report" (arXiv 2508.02324)."""

    pipeline = "QwenImagePipeline"
    dtype = "bfloat16"
    drafts_small = False  # the field has none of its latents that is an AutoencoderTiny
    most_tokens = 1024

    def __init__(self, pipe: Any, tiny_vae: Any = None) -> None:
        super().__init__(pipe, tiny_vae)
        self.denoiser = _Qwen(pipe.transformer, latents="hidden_states", padded=(TEXT, MASK))

    @classmethod
    def tiny_pipe(cls) -> Any:
        """Return what `qwen-image` is, small."""
        transformer = _DIFFUSERS.QwenImageTransformer2DModel(
            patch_size=2,
            in_channels=16,
            out_channels=4,
            num_layers=2,
            attention_head_dim=16,
            num_attention_heads=3,
            joint_attention_dim=16,
            axes_dims_rope=(8, 4, 4),
        )
        vae = _DIFFUSERS.AutoencoderKLQwenImage(
            base_dim=8,
            z_dim=4,
            dim_mult=[1, 1, 2, 2],
            num_res_blocks=1,
            temperal_downsample=[False, True, True],
            latents_mean=[0.1, -0.2, 0.0, 0.3],
            latents_std=[1.5, 0.8, 1.0, 1.2],
        )
        scheduler = tiny_flow.flow_scheduler(use_dynamic_shifting=True)
        encoder, tokenizer = tiny_flow.qwen_vision(), tiny_flow.qwen_tokenizer()
        pipe = _DIFFUSERS.QwenImagePipeline(scheduler, vae, encoder, tokenizer, transformer)
        pipe.default_sample_size = tiny_flow.SIDE // pipe.vae_scale_factor
        return pipe

    @property
    def native(self) -> tuple[int, int]:
        """Width and height that diffusers makes where nobody says another, px."""
        side = self.pipe.default_sample_size * self.pipe.vae_scale_factor
        return side, side

    @property
    def latent_shape(self) -> tuple[int, int]:
        """Channels of latents, and how many px of a side one of them stands for."""
        return self.pipe.vae.config.z_dim, self.pipe.vae_scale_factor

    def sampler(self, asked: Asked, guidance: float) -> Sampler:
        """Return the sampler of what is asked for; guidance is the network's own affair."""
        return super().sampler(asked, 1.0)

    def key(self, asked: Asked) -> tuple[Hashable, ...]:
        """Return whether a step takes a second call."""
        return (asked.negative is not None,)

    def begin(self, asked: Asked) -> Denoising:
        """Return latents at their start; texts differ in length, so each has a call of its own."""
        way = super().begin(asked)
        parts = (way.latents, way.sampler, way.calls, way.generator)
        return _Guided(*parts, known=way.known, guidance=asked.guidance)

    @torch.inference_mode()
    def read(self, prompt: str) -> Text:
        """Encode a prompt, as many rows as it has tokens."""
        text, mask = self.pipe.encode_prompt(
            prompt, self.device, max_sequence_length=self.most_tokens
        )
        end = unread(self.pipe.tokenizer, prompt, self.most_tokens)
        return Text({TEXT: text, MASK: mask}, end)

    def conditioned(self, asked: Asked) -> Sequence[Conditioning]:
        """Return the text, then that which it shall not be where there is guidance."""
        factor = 2 * self.pipe.vae_scale_factor
        form = [[(1, asked.height // factor, asked.width // factor)]]
        texts = [asked.text] if asked.negative is None else [asked.text, asked.negative]
        return [{**text.rows, "img_shapes": form, "return_dict": False} for text in texts]

    def encoded(self, vae: Any, frames: Tensor) -> list[Seen]:
        """Return the latents of pictures, each a film of one frame."""
        spread = vae.encode(frames.unsqueeze(2)).latent_dist
        mean, deviation = self._spread(frames)
        means, deviations = (spread.mean - mean) / deviation, spread.std / deviation
        pairs = zip(means.squeeze(2).split(1), deviations.squeeze(2).split(1), strict=True)
        return [Seen(*pair) for pair in pairs]

    def decode(self, latents: Tensor, small: bool) -> Tensor:
        """Return pictures of latents, (batch, 3, height, width), -1 to 1 and a little beyond."""
        mean, deviation = self._spread(latents)
        raw = latents.unsqueeze(2) * deviation + mean
        frames: Tensor = self.pipe.vae.decode(raw, return_dict=False)[0][:, :, 0]
        return frames

    def _spread(self, like: Tensor) -> tuple[Tensor, Tensor]:
        """Return mean and deviation that latents were taught with, by channel."""
        config = self.pipe.vae.config
        pair = (torch.tensor(config.latents_mean), torch.tensor(config.latents_std))
        mean, deviation = (each.view(1, -1, 1, 1, 1).to(like) for each in pair)
        return mean, deviation
