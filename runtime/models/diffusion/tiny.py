"""Small parts for tests: the very classes, random weights, tokenizers that need no download."""

from __future__ import annotations

from typing import Any

import torch
from diffusers import models
from tokenizers.pre_tokenizers import ByteLevel
from transformers import (
    CLIPTextConfig,
    CLIPTextModel,
    CLIPTextModelWithProjection,
    CLIPTokenizer,
)

# What these classes say of their types is not what they do: to a checker they may be anything.
_MODELS: Any = models
_CLIP_TEXT: Any = CLIPTextModel
_CLIP_PROJECTED: Any = CLIPTextModelWithProjection
_CLIP_CONFIG: Any = CLIPTextConfig
_CLIP_TOKENIZER: Any = CLIPTokenizer

WIDTH = 32  # numbers of a token
_TEXT: dict[str, Any] = {
    "hidden_size": WIDTH,
    "intermediate_size": 37,
    "num_attention_heads": 4,
    "num_hidden_layers": 2,
    "vocab_size": 520,
    "projection_dim": WIDTH,
    "bos_token_id": 512,
    "eos_token_id": 513,
    "pad_token_id": 1,
}


def clip_tokenizer() -> Any:
    """Return CLIP's tokenizer with a vocabulary of single bytes."""
    letters = sorted(ByteLevel.alphabet())
    ends = ["<|startoftext|>", "<|endoftext|>"]
    words = letters + [letter + "</w>" for letter in letters] + ends
    vocabulary = {word: number for number, word in enumerate(words)}
    return _CLIP_TOKENIZER(vocab=vocabulary, merges=[], model_max_length=77)


def clip_text(**changes: Any) -> Any:
    """Return CLIP's text encoder for that tokenizer."""
    return _CLIP_TEXT(_CLIP_CONFIG(**_TEXT | changes))


def clip_text_projected() -> Any:
    """Return the text encoder whose last word's numbers are projected, SDXL's second."""
    return _CLIP_PROJECTED(_CLIP_CONFIG(**_TEXT))


def unet(**changes: Any) -> Any:
    """Return a UNet with attention at two of its levels; its native latents are 8 x 8."""
    config: dict[str, Any] = {
        "sample_size": 8,
        "in_channels": 4,
        "out_channels": 4,
        "block_out_channels": (16, 32),
        "layers_per_block": 1,
        "down_block_types": ("DownBlock2D", "CrossAttnDownBlock2D"),
        "up_block_types": ("CrossAttnUpBlock2D", "UpBlock2D"),
        "cross_attention_dim": WIDTH,
        "attention_head_dim": 8,
        "norm_num_groups": 8,
    }
    return _MODELS.UNet2DConditionModel(**config | changes)


def controlnet() -> Any:
    """Return the ControlNet of that UNet; its zeros are random, or it would do nothing."""
    made = _MODELS.ControlNetModel(
        block_out_channels=(16, 32),
        layers_per_block=1,
        down_block_types=("DownBlock2D", "CrossAttnDownBlock2D"),
        cross_attention_dim=WIDTH,
        attention_head_dim=8,
        norm_num_groups=8,
        conditioning_embedding_out_channels=(4, 4, 8, 8),  # an eighth as wide, as latents are
    )
    for weights in made.parameters():
        if not weights.any():
            torch.nn.init.normal_(weights)
    return made


def vae() -> Any:
    """Return an autoencoder of four levels as the real ones: latents an eighth as wide."""
    return _MODELS.AutoencoderKL(
        block_out_channels=(4, 4, 8, 8),
        down_block_types=("DownEncoderBlock2D",) * 4,
        up_block_types=("UpDecoderBlock2D",) * 4,
        latent_channels=4,
        norm_num_groups=2,
    )


def vae_tiny() -> Any:
    """Return an AutoencoderTiny of the same latents, much narrower than the real one."""
    channels = (4, 4, 4, 4)
    return _MODELS.AutoencoderTiny(
        encoder_block_out_channels=channels,
        decoder_block_out_channels=channels,
        num_encoder_blocks=(1, 1, 1, 1),
        num_decoder_blocks=(1, 1, 1, 1),
    )
