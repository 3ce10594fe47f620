"""HiDream-I1: a transformer with experts, of text and picture, with two CLIPs, T5 and Llama."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import diffusers
import torch
from torch import Tensor

from livedraft.errors import InvalidParams
from livedraft.runtime.compute.denoise import Conditioning, Denoiser, Denoising
from livedraft.runtime.compute.sampling import Sampler, scheduled

from ...caches import cached
from .. import tiny, tiny_flow
from ..asked import Asked, Text
from .flow import FlowFamily, unread

_DIFFUSERS: Any = diffusers  # its types say what is not so: to a checker it may be anything
_LAYERS = "encoder_hidden_states_llama3"  # of Llama, each of all rows
_SAMPLERS = 64  # that are kept
_SIDE = 8  # latents a side of a tiny one


@dataclass(frozen=True)
class _HiDream(Denoiser):
    """The transformer, which says the way from the picture to noise the other way round."""

    latents: str = "hidden_states"
    time: str = "timesteps"
    axes: Mapping[str, int] = field(default_factory=lambda: {_LAYERS: 1})
    joins: bool = True

    def left(self, made: Any) -> Tensor:
        """Return the rows, turned round."""
        rows: Tensor = -made[0]
        return rows


class HiDream(FlowFamily):
    """HiDream.ai, "HiDream-I1" (arXiv 2505.22705)."""

    pipeline = "HiDreamImagePipeline"
    dtype = "bfloat16"
    most_tokens = 128  # of each encoder

    def __init__(self, pipe: Any, tiny_vae: Any = None) -> None:
        super().__init__(pipe, tiny_vae)
        self.denoiser = _HiDream(pipe.transformer)

    @classmethod
    def tiny_pipe(cls) -> Any:
        """Return what it is, small."""
        transformer = _DIFFUSERS.HiDreamImageTransformer2DModel(
            patch_size=2,
            in_channels=4,
            out_channels=4,
            num_layers=1,
            num_single_layers=1,
            attention_head_dim=8,
            num_attention_heads=4,
            caption_channels=[tiny.WIDTH, 16],
            text_emb_dim=2 * tiny.WIDTH,
            num_routed_experts=4,
            num_activated_experts=2,
            axes_dims_rope=(4, 2, 2),
            max_resolution=(_SIDE, _SIDE),
            llama_layers=(0, 1),
            force_inference_output=True,
        )
        clips = [
            tiny_flow.clip_projected(tiny.WIDTH, max_position_embeddings=cls.most_tokens)
            for _ in range(2)
        ]
        return _DIFFUSERS.HiDreamImagePipeline(
            scheduler=cls.tiny_scheduler(),
            vae=tiny_flow.vae(4),
            text_encoder=clips[0],
            tokenizer=tiny.clip_tokenizer(),
            text_encoder_2=clips[1],
            tokenizer_2=tiny.clip_tokenizer(),
            text_encoder_3=tiny_flow.t5(),
            tokenizer_3=tiny_flow.t5_tokenizer(),
            text_encoder_4=tiny_flow.llama_causal(),
            tokenizer_4=tiny_flow.qwen_tokenizer(),
            transformer=transformer,
        )

    @classmethod
    def tiny_scheduler(cls) -> Any:
        """Return the scheduler that it is published with."""
        return _DIFFUSERS.UniPCMultistepScheduler(
            prediction_type="flow_prediction", use_flow_sigmas=True, flow_shift=3.0
        )

    @property
    def least(self) -> float:
        """The noise of a whole way's last step, as the scheduler has it."""
        return float(self.pipe.scheduler.sigma_min)

    def shift(self, asked: Asked) -> float:
        """Return how far a schedule is shifted that is so by size: as for the largest picture."""
        low, high, few, many = 0.5, 1.15, 256, 4096
        slope = (high - low) / (many - few)
        return float(self.pipe.transformer.max_seq * slope + (low - slope * few))

    def sampler(self, asked: Asked, guidance: float) -> Sampler:
        """Return the steps of a flow, or those of UniPC, which is told no noise levels."""
        if not isinstance(self.pipe.scheduler, _DIFFUSERS.UniPCMultistepScheduler):
            return super().sampler(asked, guidance)
        strength = asked.strength if asked.seen is not None else 1.0
        return cached(
            self._samplers,
            (asked.steps, strength, guidance),
            lambda: scheduled(self.pipe.scheduler, asked.steps, strength, guidance).to(self.device),
            _SAMPLERS,
        )

    def begin(self, asked: Asked) -> Denoising:
        """Return latents at their start; raise InvalidParams for more than it has room for."""
        most = int(self.pipe.transformer.max_seq)
        if self.tokens(asked) > most:
            pixels = most * (2 * int(self.pipe.vae_scale_factor)) ** 2
            raise InvalidParams(
                f"{asked.width} × {asked.height} px is more than this model reaches",
                fix=f"let width times height be {pixels} or less",
            )
        return super().begin(asked)

    @torch.inference_mode()
    def read(self, prompt: str) -> Text:
        """Encode a prompt, of which each of four encoders reads as many tokens."""
        t5, _, llama, _, pooled, _ = self.pipe.encode_prompt(
            prompt,
            device=self.device,
            do_classifier_free_guidance=False,
            max_sequence_length=self.most_tokens,
        )
        rows = {"encoder_hidden_states_t5": t5, _LAYERS: llama, "pooled_embeds": pooled}
        return Text(rows, min(map(partial(self._unread, prompt), self._readers), key=len))

    @property
    def _readers(self) -> tuple[Any, Any]:
        """The tokenizers of the encoders that read the most of a prompt."""
        return self.pipe.tokenizer_3, self.pipe.tokenizer_4

    def _unread(self, prompt: str, tokenizer: Any) -> str:
        return unread(tokenizer, prompt, self.most_tokens - tokenizer.num_special_tokens_to_add())

    def conditioned(self, asked: Asked) -> Sequence[Conditioning]:
        """Return the text, after that which it shall not be where there is guidance."""
        texts = [asked.text] if asked.negative is None else [asked.negative, asked.text]
        rows = {
            name: torch.cat([text.rows[name] for text in texts], self.denoiser.axes.get(name, 0))
            for name in asked.text.rows
        }
        return [{**rows, "return_dict": False}]


class HiDreamDistilled(HiDream):
    """The same, distilled: Dev and Fast, which go to the picture and back by fresh noise."""

    @classmethod
    def tiny_scheduler(cls) -> Any:
        """Return the scheduler that they are published with."""
        return _DIFFUSERS.FlowMatchLCMScheduler(shift=3.0)
