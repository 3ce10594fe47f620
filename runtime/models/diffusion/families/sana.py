"""SANA-Sprint: linear attention over latents a thirty-second as wide, one to four steps."""

from __future__ import annotations

import inspect
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import diffusers
import torch
import transformers
from torch import Tensor

from livedraft.runtime.compute.denoise import Conditioning, Denoiser, Denoising
from livedraft.runtime.compute.flow import trigflow
from livedraft.runtime.compute.sampling import Sampler

from ...caches import cached
from .. import tiny_flow
from ..asked import Asked, Seen, Text
from ..family import Family
from .flow import unread

_DIFFUSERS: Any = diffusers  # its types say what is not so: to a checker it may be anything
_TRANSFORMERS: Any = transformers
_SAMPLERS = 64  # that are kept


@dataclass(frozen=True)
class _Sprint(Denoiser):
    """The transformer, taught straight ways, as it is asked for ways around a circle.

    Source: Chen et al., "SANA-Sprint" (arXiv 2503.09641), section 3.1.
    """

    latents: str = "hidden_states"

    def enter(self, way: Denoising, call: Conditioning) -> Any:
        """Return latents that lie on the straight way."""
        straight = self._straight(way)
        scale = (straight**2 + (1 - straight) ** 2).sqrt()
        return super().enter(way, call) * scale.to(way.latents.dtype)

    def told(self, time: Tensor) -> Tensor:
        """Return where on the straight way an angle is."""
        return time.sin() / (time.cos() + time.sin())

    def combined(self, way: Denoising, outputs: Sequence[Tensor]) -> tuple[Tensor, Tensor | None]:
        """Return the direction around the circle."""
        straight = self._straight(way)
        scale = (straight**2 + (1 - straight) ** 2).sqrt()
        turn = 1 - 2 * straight
        output, _ = super().combined(way, outputs)
        made = (turn * scale * way.latents + (turn + 2 * straight**2) * output) / scale
        return made.to(way.latents.dtype), None

    def _straight(self, way: Denoising) -> Tensor:
        return self.told(way.sampler.times[way.step])


class Sana(Family):
    """Chen et al., "SANA-Sprint", 2025; its guidance is a number that the transformer is told."""

    pipeline = "SanaSprintPipeline"
    dtype = "bfloat16"
    has_text_kv = True
    drafts_small = False  # its own autoencoder is another kind
    most_tokens = 300

    def __init__(self, pipe: Any, tiny_vae: Any = None) -> None:
        super().__init__(pipe, tiny_vae)
        trigflow(pipe.scheduler, 1)  # another is refused as it is loaded
        self.denoiser = _Sprint(pipe.transformer)
        # What its authors put before every prompt.
        asked = inspect.signature(type(pipe).__call__).parameters["complex_human_instruction"]
        self._instruction = asked.default

    @classmethod
    def tiny_pipe(cls) -> Any:
        """Return what `sana-sprint` is, small."""
        transformer = _DIFFUSERS.SanaTransformer2DModel(
            patch_size=1,
            in_channels=4,
            out_channels=4,
            num_layers=1,
            num_attention_heads=2,
            attention_head_dim=4,
            num_cross_attention_heads=2,
            cross_attention_head_dim=4,
            cross_attention_dim=8,
            caption_channels=8,
            sample_size=32,
            qk_norm="rms_norm_across_heads",
            guidance_embeds=True,
        )
        return _DIFFUSERS.SanaSprintPipeline(
            tokenizer=tiny_flow.gemma_tokenizer(),
            text_encoder=tiny_flow.gemma(),
            vae=tiny_flow.vae_deep(),
            transformer=transformer,
            scheduler=_DIFFUSERS.SCMScheduler(),
        )

    @property
    def native(self) -> tuple[int, int]:
        """Width and height that the transformer was taught, px."""
        side = self.pipe.transformer.config.sample_size * self.pipe.vae_scale_factor
        return side, side

    def guided(self, guidance: float) -> bool:
        """Never ask for an output without conditioning: the transformer is told the scale."""
        return False

    def sampler(self, asked: Asked, guidance: float) -> Sampler:
        """Return the sampler of what is asked for, on the device."""
        strength = asked.strength if asked.seen is not None else 1.0
        return cached(
            self._samplers,
            (asked.steps, strength),
            lambda: trigflow(self.pipe.scheduler, asked.steps, strength).to(self.device),
            _SAMPLERS,
        )

    def encoded(self, vae: Any, frames: Tensor) -> list[Seen]:
        """Return the latents of pictures; there is no chance in them."""
        latents = vae.encode(frames).latent * vae.config.scaling_factor
        return [Seen(one, None) for one in latents.split(1)]

    @torch.inference_mode()
    def read(self, prompt: str) -> Text:
        """Encode a prompt, with the instruction before it that the model was taught with."""
        text, mask = self.pipe.encode_prompt(
            prompt,
            device=self.device,
            max_sequence_length=self.most_tokens,
            complex_human_instruction=self._instruction,
        )
        rows = {"encoder_hidden_states": text, "encoder_attention_mask": mask}
        return Text(rows, unread(self.pipe.tokenizer, prompt, self.most_tokens - 2))

    def conditioned(self, asked: Asked) -> Sequence[Conditioning]:
        """Return the text, and how closely to follow it."""
        scale = self.pipe.transformer.config.guidance_embeds_scale
        text = asked.text.rows["encoder_hidden_states"]
        guidance = torch.full((1,), asked.guidance, device=self.device).to(text.dtype) * scale
        return [{**asked.text.rows, "guidance": guidance, "return_dict": False}]
