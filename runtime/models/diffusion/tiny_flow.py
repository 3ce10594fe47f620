"""Small parts of the transformers' families: the very classes, and tokenizers of single letters."""

from __future__ import annotations

from typing import Any

import diffusers
import transformers
from tokenizers.pre_tokenizers import ByteLevel

from .tiny import WIDTH

# What these classes say of their types is not what they do: to a checker they may be anything.
_DIFFUSERS: Any = diffusers
_TRANSFORMERS: Any = transformers

SIDE = 64  # px that tiny models paint
_LEVELS = 4  # of an autoencoder: latents an eighth as wide
_CHAT = (
    "{% for m in messages %}<|im_start|>{{ m['role'] }}\n{{ m['content'] }}<|im_end|>\n"
    "{% endfor %}{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)
_SPECIAL = (
    *("<|endoftext|>", "<|im_start|>", "<|im_end|>", "<|vision_start|>", "<|vision_end|>"),
    *("<|image_pad|>", "<|video_pad|>"),
)


def flow_scheduler(**config: Any) -> Any:
    """Return the scheduler that all of them have."""
    return _DIFFUSERS.FlowMatchEulerDiscreteScheduler(**config)


def vae(channels: int, **changes: Any) -> Any:
    """Return an autoencoder of so many channels, whose latents are shifted as well as scaled."""
    config: dict[str, Any] = {
        "sample_size": SIDE,
        "block_out_channels": (4, 4, 8, 8),
        "down_block_types": ("DownEncoderBlock2D",) * _LEVELS,
        "up_block_types": ("UpDecoderBlock2D",) * _LEVELS,
        "latent_channels": channels,
        "norm_num_groups": 2,
        "use_quant_conv": False,
        "use_post_quant_conv": False,
        "scaling_factor": 1.5035,
        "shift_factor": 0.0609,
    }
    return _DIFFUSERS.AutoencoderKL(**config | changes)


def t5() -> Any:
    """Return T5's encoder."""
    config = _TRANSFORMERS.T5Config(
        vocab_size=128,
        d_model=WIDTH,
        d_kv=8,
        d_ff=37,
        num_layers=2,
        num_heads=4,
        feed_forward_proj="gated-gelu",
    )
    return _TRANSFORMERS.T5EncoderModel(config)


def t5_tokenizer() -> Any:
    """Return T5's tokenizer, whose pieces are single letters."""
    pieces = [("<pad>", 0.0), ("</s>", 0.0), ("<unk>", 0.0), ("▁", -2.0)]
    pieces += [(chr(code), -3.0) for code in range(33, 127)]
    return _TRANSFORMERS.T5Tokenizer(vocab=pieces, extra_ids=0, model_max_length=512)


def qwen_tokenizer() -> Any:
    """Return Qwen's tokenizer, with its chat's marks and single bytes."""
    words = [*sorted(ByteLevel.alphabet()), *_SPECIAL]
    vocabulary = {word: number for number, word in enumerate(words)}
    tokenizer = _TRANSFORMERS.Qwen2Tokenizer(vocab=vocabulary, merges=[])
    tokenizer.add_special_tokens({"additional_special_tokens": list(_SPECIAL[1:])})
    tokenizer.chat_template = _CHAT
    return tokenizer


def qwen3_config(**changes: Any) -> Any:
    """Return the config of a small Qwen3."""
    config: dict[str, Any] = {
        "hidden_size": 16,
        "intermediate_size": 16,
        "num_hidden_layers": 2,
        "num_attention_heads": 2,
        "num_key_value_heads": 2,
        "head_dim": 8,
        "vocab_size": 300,
        "max_position_embeddings": 1024,
    }
    return _TRANSFORMERS.Qwen3Config(**config | changes)


def qwen_vision() -> Any:
    """Return Qwen2.5-VL, of which pictures are made by its language model alone."""
    text = {
        "hidden_size": 16,
        "intermediate_size": 16,
        "num_hidden_layers": 2,
        "num_attention_heads": 2,
        "num_key_value_heads": 2,
        "vocab_size": 300,
        "max_position_embeddings": 2048,
        "rope_parameters": {
            "mrope_section": [1, 1, 2],
            "rope_type": "default",
            "rope_theta": 1e6,
            "type": "default",
        },
    }
    vision = {
        "depth": 2,
        "hidden_size": 16,
        "intermediate_size": 16,
        "num_heads": 2,
        "out_hidden_size": 16,
        "patch_size": 14,
    }
    config = _TRANSFORMERS.Qwen2_5_VLConfig(
        text_config=text,
        vision_config=vision,
        image_token_id=261,
        vision_start_token_id=259,
        vision_end_token_id=260,
        video_token_id=262,
    )
    return _TRANSFORMERS.Qwen2_5_VLForConditionalGeneration(config)


def clip_projected(width: int, **changes: Any) -> Any:
    """Return CLIP's text encoder with its projection, for the tokenizer of single bytes."""
    config = _TRANSFORMERS.CLIPTextConfig(
        hidden_size=width,
        intermediate_size=37,
        num_attention_heads=4,
        num_hidden_layers=2,
        vocab_size=520,
        projection_dim=width,
        bos_token_id=512,
        eos_token_id=513,
        pad_token_id=1,
        **changes,
    )
    return _TRANSFORMERS.CLIPTextModelWithProjection(config)


def llama_causal() -> Any:
    """Return Llama as it writes on, for Qwen's tokenizer."""
    config = _TRANSFORMERS.LlamaConfig(
        hidden_size=16,
        intermediate_size=16,
        num_hidden_layers=2,
        num_attention_heads=2,
        num_key_value_heads=2,
        vocab_size=300,
    )
    return _TRANSFORMERS.LlamaForCausalLM(config)


def gemma_tokenizer() -> Any:
    """Return Gemma's tokenizer, whose pieces are single letters."""
    words = ["<pad>", "<eos>", "<bos>", "<unk>", "<mask>", "▁", *map(chr, range(33, 127))]
    vocabulary = {word: number for number, word in enumerate(words)}
    return _TRANSFORMERS.GemmaTokenizer(vocab=vocabulary, merges=[])


def gemma() -> Any:
    """Return Gemma 2."""
    config = _TRANSFORMERS.Gemma2Config(
        vocab_size=128,
        hidden_size=8,
        intermediate_size=16,
        num_hidden_layers=1,
        num_attention_heads=2,
        num_key_value_heads=2,
        head_dim=8,
    )
    return _TRANSFORMERS.Gemma2Model(config)


def vae_deep() -> Any:
    """Return a deep-compression autoencoder; this one's latents are half as wide."""
    sides: dict[str, Any] = {}
    for side in ("encoder", "decoder"):
        sides |= {
            f"{side}_block_types": ("ResBlock", "EfficientViTBlock"),
            f"{side}_block_out_channels": (8, 8),
            f"{side}_qkv_multiscales": ((), (5,)),
            f"{side}_layers_per_block": (1, 1),
        }
    return _DIFFUSERS.AutoencoderDC(
        in_channels=3,
        latent_channels=4,
        attention_head_dim=2,
        upsample_block_type="interpolate",
        downsample_block_type="conv",
        decoder_norm_types="rms_norm",
        decoder_act_fns="silu",
        scaling_factor=0.41,
        **sides,
    )
