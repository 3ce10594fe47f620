"""Small parts of the families of moving pictures: the very classes, with random weights."""

from __future__ import annotations

from typing import Any

import diffusers
import torch
import transformers

from .tiny import WIDTH
from .tiny_flow import qwen_tokenizer

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


def wan_vae_fine(channels: int) -> Any:
    """Return the autoencoder of Wan 2.2 5B: a latent stands for 16 by 16 px and four frames."""
    return _DIFFUSERS.AutoencoderKLWan(
        base_dim=8,
        decoder_base_dim=8,
        z_dim=channels,
        dim_mult=[1, 1, 1, 1],
        num_res_blocks=1,
        temperal_downsample=[False, True, True],
        latents_mean=[0.1] * channels,
        latents_std=[0.4] * channels,
        is_residual=True,
        in_channels=12,
        out_channels=12,
        patch_size=2,
        scale_factor_spatial=16,
    )


def clip_vision() -> Any:
    """Return CLIP's encoder of pictures."""
    config = _TRANSFORMERS.CLIPVisionConfig(
        hidden_size=WIDTH,
        intermediate_size=37,
        projection_dim=WIDTH,
        num_hidden_layers=2,
        num_attention_heads=4,
        image_size=16,
        patch_size=4,
    )
    return _TRANSFORMERS.CLIPVisionModel(config)


def clip_processor() -> Any:
    """Return what makes its pictures as large as it reads."""
    return _TRANSFORMERS.CLIPImageProcessor(
        size={"shortest_edge": 16}, crop_size={"height": 16, "width": 16}
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


def motion_adapter() -> Any:
    """Return the layers in time for the tiny UNet; what is zero in them is random."""
    made = _DIFFUSERS.MotionAdapter(
        block_out_channels=(16, 32),
        motion_layers_per_block=1,
        motion_norm_num_groups=8,
        motion_num_attention_heads=4,
    )
    return _without_zeros(made)


def llama() -> Any:
    """Return Llama, which reads HunyuanVideo's prompts, for ``chat_tokenizer``."""
    config = _TRANSFORMERS.LlamaConfig(
        hidden_size=16,
        intermediate_size=16,
        num_hidden_layers=3,
        num_attention_heads=2,
        num_key_value_heads=2,
        vocab_size=512,
    )
    return _TRANSFORMERS.LlamaModel(config)


def chat_tokenizer(template: str) -> Any:
    """Return a tokenizer of single letters that knows the words of a template."""
    tokenizer = qwen_tokenizer()
    words = [word for word in dict.fromkeys(template.split()) if "{}" not in word]
    tokenizer.add_tokens([word for word in words if len(word) > 1])
    return tokenizer


def hunyuan_vae() -> Any:
    """Return HunyuanVideo's causal autoencoder."""
    return _DIFFUSERS.AutoencoderKLHunyuanVideo(
        latent_channels=4,
        down_block_types=("HunyuanVideoDownBlock3D",) * 4,
        up_block_types=("HunyuanVideoUpBlock3D",) * 4,
        block_out_channels=(8, 8, 8, 8),
        layers_per_block=1,
        norm_num_groups=4,
    )


def hunyuan_transformer() -> Any:
    """Return HunyuanVideo's transformer."""
    return _DIFFUSERS.HunyuanVideoTransformer3DModel(
        in_channels=4,
        out_channels=4,
        num_attention_heads=2,
        attention_head_dim=10,
        num_layers=1,
        num_single_layers=1,
        num_refiner_layers=1,
        patch_size=2,
        patch_size_t=1,
        guidance_embeds=True,
        text_embed_dim=16,
        pooled_projection_dim=WIDTH,
        rope_axes_dim=(2, 4, 4),
    )


def mochi_vae() -> Any:
    """Return Mochi's autoencoder, of which the decoder is used."""
    return _DIFFUSERS.AutoencoderKLMochi(
        latent_channels=12,
        out_channels=3,
        encoder_block_out_channels=(32, 32, 32, 32),
        decoder_block_out_channels=(32, 32, 32, 32),
        layers_per_block=(1, 1, 1, 1, 1),
    )


def mochi_transformer() -> Any:
    """Return Mochi's transformer."""
    return _DIFFUSERS.MochiTransformer3DModel(
        patch_size=2,
        num_attention_heads=2,
        attention_head_dim=8,
        num_layers=2,
        pooled_projection_dim=16,
        in_channels=12,
        text_embed_dim=WIDTH,
        time_embed_dim=4,
        max_sequence_length=256,
    )


def _without_zeros(made: Any) -> Any:
    for weights in made.parameters():
        if not weights.any():
            torch.nn.init.normal_(weights, std=0.2)
    return made
