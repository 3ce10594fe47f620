"""FLUX.2 klein KV: pictures to refer to are looked at once, and not again in each step."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import torch
from diffusers.models.transformers import transformer_flux2
from torch import Tensor, nn

from livedraft.runtime.compute.denoise import Conditioning

from ..asked import Asked, Seen
from .flow import packed
from .klein import Klein

_FLUX2: Any = transformer_flux2  # its types say what is not so: to a checker it may be anything


class KleinKV(Klein):
    """Black Forest Labs, "FLUX.2 [klein] KV", 2026.

    It was taught that pictures to refer to see neither the text nor the picture in the making, nor
    the time. So their keys and values hold for all steps, prompts and seeds.
    """

    pipeline = "Flux2KleinKVPipeline"

    def __init__(self, pipe: Any, tiny_vae: Any = None) -> None:
        super().__init__(pipe, tiny_vae)
        self.denoiser = replace(self.denoiser, network=Remembering(pipe.transformer))

    @torch.inference_mode()
    def remembered(self, others: Sequence[Seen]) -> Mapping[str, Tensor]:
        """Return keys and values of the pictures' tokens in each layer."""
        latents = [seen.mean for seen in others]
        tokens = torch.cat([packed(each, 1) for each in latents], dim=1)
        places = self.pipe._prepare_image_ids(latents).to(self.device)
        config = self.pipe.transformer.config
        blank = tokens.new_zeros(1, 1, config.joint_attention_dim)
        _, found = self.pipe.transformer(  # with a picture and a text of one token each
            hidden_states=torch.cat([tokens, torch.zeros_like(tokens[:, :1])], dim=1),
            encoder_hidden_states=blank,
            timestep=tokens.new_zeros(1),
            img_ids=torch.cat([places, torch.zeros_like(places[:, :1])], dim=1),
            txt_ids=torch.zeros_like(places[:, :1]),
            guidance=None,
            kv_cache_mode="extract",
            num_ref_tokens=tokens.shape[1],
            return_dict=False,
        )
        pairs = [layer.get() for layer in (*found.double_block_caches, *found.single_block_caches)]
        return {
            f"{what}{n}": kv
            for n, pair in enumerate(pairs)
            for what, kv in zip("kv", pair, strict=True)
        }

    def conditioned(self, asked: Asked) -> Sequence[Conditioning]:
        """Return the text, where each token stands, and what is remembered of other pictures."""
        (call,) = super().conditioned(replace(asked, others=()))
        return [call if asked.memory is None else {**call, "memory": asked.memory}]


class Remembering(nn.Module):
    """The transformer, whose call may have keys and values of pictures, (rows, tokens, …) each."""

    def __init__(self, transformer: Any) -> None:
        super().__init__()
        self.transformer = transformer

    def forward(self, memory: Mapping[str, Tensor] | None = None, **given: Any) -> Any:
        """Return what the transformer does."""
        if memory is None:
            return self.transformer(**given)
        blocks = (self.transformer.transformer_blocks, self.transformer.single_transformer_blocks)
        cache = _FLUX2.Flux2KVCache(*map(len, blocks))
        layers = (*cache.double_block_caches, *cache.single_block_caches)
        for number, layer in enumerate(layers):
            layer.store(memory[f"k{number}"], memory[f"v{number}"])
        cache.num_ref_tokens = memory["k0"].shape[1]
        return self.transformer(**given, kv_cache=cache, kv_cache_mode="cached")
