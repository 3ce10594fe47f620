"""FLUX.1 and Kontext: a transformer of text and picture together, with CLIP and T5."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from typing import Any, ClassVar

import diffusers
import torch
from torch import Tensor

from livedraft.errors import WeightsError
from livedraft.runtime.compute.denoise import Conditioning

from ...base import Pixels
from .. import tiny, tiny_flow
from ..asked import Asked, Seen, Text
from .flow import FlowFamily, Tokens, packed, unread

_DIFFUSERS: Any = diffusers  # its types say what is not so: to a checker it may be anything


class Flux(FlowFamily):
    """Black Forest Labs, "FLUX.1 [schnell]", 2024."""

    pipeline = "FluxPipeline"
    unused: ClassVar[tuple[str, ...]] = ("image_encoder", "feature_extractor")
    dtype = "bfloat16"
    most_tokens = 256  # that schnell was taught with
    told_guidance: ClassVar[bool] = False  # whether the transformer is told how closely to follow
    tiny_changes: ClassVar[Mapping[str, Any]] = {}  # of the transformer

    def __init__(self, pipe: Any, tiny_vae: Any = None) -> None:
        super().__init__(pipe, tiny_vae)
        told = bool(pipe.transformer.config.guidance_embeds)
        if told != self.told_guidance:
            raise WeightsError(
                f"these weights are {'' if told else 'not '}told how closely to follow the words, "
                f"and those of {type(self).__name__} are{' not' if told else ''}",
                fix=f"serve them as {'flux-dev' if told else 'flux-schnell'}",
            )
        shared = frozenset({"txt_ids", "img_ids"})
        self.denoiser = Tokens(pipe.transformer, latents="hidden_states", shared=shared)

    @classmethod
    def tiny_pipe(cls) -> Any:
        """Return what it is, small."""
        config: dict[str, Any] = {
            "patch_size": 1,
            "in_channels": 16,
            "num_layers": 1,
            "num_single_layers": 1,
            "attention_head_dim": 16,
            "num_attention_heads": 2,
            "joint_attention_dim": tiny.WIDTH,
            "pooled_projection_dim": tiny.WIDTH,
            "axes_dims_rope": (4, 4, 8),
            "guidance_embeds": cls.told_guidance,
        }
        transformer = _DIFFUSERS.FluxTransformer2DModel(**{**config, **cls.tiny_changes})
        return getattr(_DIFFUSERS, cls.pipeline)(
            scheduler=tiny_flow.flow_scheduler(use_dynamic_shifting=cls.told_guidance),
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
        return Text(rows, unread(self.pipe.tokenizer_2, prompt, self.most_tokens - 1))

    def guided(self, guidance: float) -> bool:
        """Never ask for an output without conditioning: the transformer is told the scale."""
        return False

    def conditioned(self, asked: Asked) -> Sequence[Conditioning]:
        """Return the text, how closely to follow it, and where each token stands."""
        text = asked.text.rows["encoder_hidden_states"]
        factor = 2 * self.pipe.vae_scale_factor
        call = {**asked.text.rows, "guidance": None, "return_dict": False}
        if self.told_guidance:
            call["guidance"] = torch.full((1,), asked.guidance, device=self.device)
        call["txt_ids"] = torch.zeros(text.shape[1], 3, device=self.device, dtype=text.dtype)
        call["img_ids"] = self._places(asked.height // factor, asked.width // factor, text.dtype)
        return [call]

    def _places(self, high: int, wide: int, dtype: torch.dtype) -> Tensor:
        """Return where the tokens of a picture stand: (tokens, 3)."""
        found: Tensor = self.pipe._prepare_latent_image_ids(1, high, wide, self.device, dtype)
        return found


class FluxDev(Flux):
    """Black Forest Labs, "FLUX.1 [dev]", 2024."""

    most_tokens = 512
    told_guidance = True


class FluxKontext(FluxDev):
    """Black Forest Labs, "FLUX.1 Kontext" (arXiv 2506.15742): a picture to refer to."""

    pipeline = "FluxKontextPipeline"
    refers = True

    def seen_size(self, picture: Pixels, width: int, height: int) -> tuple[int, int]:
        """Return a size of a picture's own form that has as many px as Kontext was taught."""
        high, wide = picture.shape[:2]
        native, grid = self.native, 2 * self.pipe.vae_scale_factor
        scale = (native[0] * native[1] / (high * wide)) ** 0.5
        wide, high = (max(1, round(side * scale) // grid) * grid for side in (wide, high))
        return wide, high

    def encoded(self, vae: Any, frames: Tensor) -> list[Seen]:
        """Return the latents of pictures, without chance."""
        return [Seen(seen.mean, None) for seen in super().encoded(vae, frames)]

    def key(self, asked: Asked) -> tuple[Hashable, ...]:
        """Return the size of the picture that is referred to."""
        return tuple(tuple(seen.mean.shape) for seen in asked.others)

    def conditioned(self, asked: Asked) -> Sequence[Conditioning]:
        """Return the same, with the tokens of the other picture, which stand one layer behind."""
        (call,) = super().conditioned(asked)
        if not asked.others:
            return [call]
        latents = asked.others[0].mean
        high, wide = (side // 2 for side in latents.shape[2:])
        behind = self._places(high, wide, call["img_ids"].dtype)
        behind[:, 0] = 1
        places = torch.cat([call["img_ids"], behind])
        return [{**call, "img_ids": places, "hidden_states": packed(latents, 2)}]
