"""Blocks of Wan: modulated norms, and what stands before self-attention."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import torch
from torch import Tensor, nn

from livedraft.kernels import attention, gated_norm_modulate, norm_modulate, qk_norm_rope

Methods = Mapping[str, Callable[..., Any]]


def block(made: Any) -> Methods:
    """Fuse norms with what scales and shifts them, and residuals with the norm that follows."""
    if isinstance(made.norm2, nn.Identity):
        return {}

    def forward(
        hidden_states: Tensor, encoder_hidden_states: Tensor, temb: Tensor, rotary_emb: Any
    ) -> Tensor:
        if temb.ndim != 3:  # a time for each token, as Wan 2.2's small model has it
            theirs: Tensor = type(made).forward(
                made, hidden_states, encoder_hidden_states, temb, rotary_emb
            )
            return theirs
        shift, scale, gate, ff_shift, ff_scale, ff_gate = (
            made.scale_shift_table + temb.float()
        ).chunk(6, dim=1)
        normed = norm_modulate(hidden_states, scale, shift, None, None, "layer", made.norm1.eps)
        seen = made.attn1(normed, None, None, rotary_emb)
        norm = made.norm2
        total, normed = gated_norm_modulate(
            hidden_states, seen, gate, None, None, norm.weight, norm.bias, "layer", norm.eps
        )
        read = made.attn2(normed, encoder_hidden_states, None, None)
        total, normed = gated_norm_modulate(
            total, read, None, ff_scale, ff_shift, None, None, "layer", made.norm3.eps
        )
        fed = made.ffn(normed)
        summed: Tensor = (total.float() + fed.float() * ff_gate).type_as(hidden_states)
        return summed

    return {"forward": forward}


def self_attention(made: Any) -> Methods:
    """Fuse norm and rotation of queries and keys with the change of layout."""
    plain = type(made.processor).__name__ == "WanAttnProcessor" and made.add_k_proj is None
    if not plain or getattr(made, "fused_projections", False):
        return {}

    def forward(
        hidden_states: Tensor,
        encoder_hidden_states: Tensor | None = None,
        attention_mask: Tensor | None = None,
        rotary_emb: Any = None,
        **kwargs: Any,
    ) -> Tensor:
        if encoder_hidden_states is not None or rotary_emb is None:
            theirs: Tensor = type(made).forward(
                made, hidden_states, encoder_hidden_states, attention_mask, rotary_emb, **kwargs
            )
            return theirs
        parts = (made.to_q, made.to_k, made.to_v)
        packed = torch.cat([part(hidden_states) for part in parts], dim=-1)
        cos, sin = (each.flatten(0, -2) for each in rotary_emb)
        query, key, value = qk_norm_rope(
            packed,
            made.norm_q.weight,
            made.norm_k.weight,
            cos[..., 0::2].float(),  # given twice, for each of a pair
            sin[..., 1::2].float(),
            heads=made.heads,
            eps=made.norm_q.eps,
        )
        seen = attention(query, key, value, attention_mask).transpose(1, 2).flatten(2)
        projected: Tensor = made.to_out[1](made.to_out[0](seen))
        return projected

    return {"forward": forward}


FUSIONS: Mapping[str, Callable[[Any], Methods]] = {
    "WanTransformerBlock": block,
    "WanAttention": self_attention,
}
