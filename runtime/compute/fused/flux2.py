"""Blocks of FLUX.2: modulated norms, gates, and what stands before attention."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import torch
from torch import Tensor, nn

from livedraft.kernels import (
    attention,
    gated_norm_modulate,
    gated_residual,
    norm_modulate,
    qk_norm_rope,
    swiglu,
)

Methods = Mapping[str, Callable[..., Any]]
_LARGEST = 65504.0  # of float16, to which diffusers clips


def double_block(block: Any) -> Methods:
    """Fuse norms with what scales and shifts them, and gates with the norm that follows."""

    def forward(
        hidden_states: Tensor,
        encoder_hidden_states: Tensor,
        temb_mod_img: Tensor,
        temb_mod_txt: Tensor,
        image_rotary_emb: Any = None,
        joint_attention_kwargs: dict[str, Any] | None = None,
    ) -> tuple[Tensor, Tensor]:
        image, text = _split(temb_mod_img, 2), _split(temb_mod_txt, 2)
        made, made_text = block.attn(
            hidden_states=_modulated(block.norm1, hidden_states, image[0]),
            encoder_hidden_states=_modulated(block.norm1_context, encoder_hidden_states, text[0]),
            image_rotary_emb=image_rotary_emb,
            **(joint_attention_kwargs or {}),
        )
        image_end = _half(hidden_states, made, image, block.norm2, block.ff)
        context = block.norm2_context, block.ff_context
        return _half(encoder_hidden_states, made_text, text, *context, clip=True), image_end

    return {"forward": forward}


def single_block(block: Any) -> Methods:
    """Fuse the norm with what scales and shifts it, and the gate with the residual."""

    def forward(
        hidden_states: Tensor,
        encoder_hidden_states: Tensor | None,
        temb_mod: Tensor,
        image_rotary_emb: Any = None,
        joint_attention_kwargs: dict[str, Any] | None = None,
        split_hidden_states: bool = False,
        text_seq_len: int | None = None,
    ) -> Any:
        if encoder_hidden_states is not None:
            text_seq_len = encoder_hidden_states.shape[1]
            hidden_states = torch.cat([encoder_hidden_states, hidden_states], dim=1)
        mod = _split(temb_mod, 1)[0]
        made = block.attn(
            hidden_states=_modulated(block.norm, hidden_states, mod),
            image_rotary_emb=image_rotary_emb,
            **(joint_attention_kwargs or {}),
        )
        summed = _clipped(_gated(hidden_states, made, mod[2]))
        if split_hidden_states:
            return summed[:, :text_seq_len], summed[:, text_seq_len:]
        return summed

    return {"forward": forward}


def parallel_attention(block: Any) -> Methods:
    """Fuse norm and rotation of queries and keys with the change of layout, and the gate."""
    if type(block.processor).__name__ != "Flux2ParallelSelfAttnProcessor":
        return {}

    def forward(
        hidden_states: Tensor,
        attention_mask: Tensor | None = None,
        image_rotary_emb: Any = None,
        **kwargs: Any,
    ) -> Tensor:
        packed = block.to_qkv_mlp_proj(hidden_states)
        width = 3 * block.inner_dim
        cos, sin = (None, None) if image_rotary_emb is None else image_rotary_emb
        query, key, value = qk_norm_rope(
            packed[..., :width],
            block.norm_q.weight,
            block.norm_k.weight,
            None if cos is None else cos[..., ::2],  # given twice, for each of a pair
            None if sin is None else sin[..., ::2],
            heads=block.heads,
            eps=block.norm_q.eps,
        )
        seen = attention(query, key, value, attention_mask).transpose(1, 2).flatten(2)
        made: Tensor = block.to_out(torch.cat([seen, swiglu(packed[..., width:])], dim=-1))
        return made

    return {"forward": forward}


def activation(block: Any) -> Methods:
    """Fuse SiLU and product of a projection's halves."""
    return {"forward": swiglu}


def _split(mod: Tensor, sets: int) -> list[tuple[Tensor, ...]]:
    """Return shift, scale and gate, as often as a block has them, each (batch, 1, channels)."""
    mod = mod.unsqueeze(1) if mod.ndim == 2 else mod
    parts = mod.chunk(3 * sets, dim=-1)
    return [parts[3 * at : 3 * at + 3] for at in range(sets)]


def _modulated(norm: nn.LayerNorm, x: Tensor, mod: Any) -> Tensor:
    shift, scale, _ = mod
    return norm_modulate(x, scale, shift, None, None, "layer", norm.eps)


def _half(x: Tensor, made: Tensor, mods: Any, norm: Any, ff: Any, *, clip: bool = False) -> Tensor:
    """Add what attention made, then what the feed-forward makes of the sum."""
    shift, scale, gate = mods[1]
    total, normed = gated_norm_modulate(
        x, made, mods[0][2], scale, shift, None, None, "layer", norm.eps
    )
    summed = _gated(total, ff(normed), gate)
    return _clipped(summed) if clip else summed


def _gated(x: Tensor, made: Tensor, gate: Tensor) -> Tensor:
    if gate.shape[:2] == (x.shape[0], 1):
        return gated_residual(x, made, gate[:, 0])
    return x + gate * made  # a gate for each token, as references have it


def _clipped(x: Tensor) -> Tensor:
    return x.clip(-_LARGEST, _LARGEST) if x.dtype == torch.float16 else x


FUSIONS: Mapping[str, Callable[[Any], Methods]] = {
    "Flux2TransformerBlock": double_block,
    "Flux2SingleTransformerBlock": single_block,
    "Flux2ParallelSelfAttention": parallel_attention,
    "Flux2SwiGLU": activation,
}
