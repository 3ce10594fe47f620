"""Small parts of the families of moving pictures: the very classes, with random weights."""

from __future__ import annotations

from typing import Any

import diffusers
import transformers

from .tiny import WIDTH

# What these classes say of their types is not what they do: to a checker they may be anything.
_DIFFUSERS: Any = diffusers
_TRANSFORMERS: Any = transformers

_TIME_SCALE = 20  # of a time's embedding: else a wrong time would hardly be seen


def umt5() -> Any:
    """Return the encoder of UMT5, for T5's tokenizer."""
    config = _TRANSFORMERS.UMT5Config(
        vocab_size=128,
        d_model=WIDTH,
        d_kv=8,
        d_ff=37,
        num_layers=2,
        num_heads=4,
        feed_forward_proj="gated-gelu",
    )
    return _TRANSFORMERS.UMT5EncoderModel(config)


def wan_vae() -> Any:
    """Return Wan's causal autoencoder: a latent stands for 8 by 8 px and four frames."""
    return _DIFFUSERS.AutoencoderKLWan(
        base_dim=3,
        z_dim=16,
        dim_mult=[1, 1, 1, 1],
        num_res_blocks=1,
        temperal_downsample=[False, True, True],
    )


def wan_transformer(kind: str = "WanTransformer3DModel", **changes: Any) -> Any:
    """Return Wan's transformer, whose positions reach four latents a side, and in time."""
    config: dict[str, Any] = {
        "patch_size": (1, 2, 2),
        "num_attention_heads": 2,
        "attention_head_dim": 12,
        "in_channels": 16,
        "out_channels": 16,
        "text_dim": WIDTH,
        "freq_dim": 32,
        "ffn_dim": 32,
        "num_layers": 2,
        "cross_attn_norm": True,
        "rope_max_seq_len": 4,
    }
    made = getattr(_DIFFUSERS, kind)(**config | changes)
    made.condition_embedder.time_proj.weight.data *= _TIME_SCALE
    return made
