"""Small parts of a family of sound: the very classes."""

from __future__ import annotations

from typing import Any

import diffusers
import transformers

# What these classes say of their types is not what they do: to a checker they may be anything.
_DIFFUSERS: Any = diffusers
_TRANSFORMERS: Any = transformers

RATE = 1000  # samples a second
_LENGTH = 375  # latents, of 32 samples each
_CHANNELS = 4


def autoencoder() -> Any:
    """Return an autoencoder of stereo sound."""
    return _DIFFUSERS.AutoencoderOobleck(
        encoder_hidden_size=6,
        downsampling_ratios=[4, 8],
        decoder_channels=_CHANNELS,
        decoder_input_channels=_CHANNELS,
        audio_channels=2,
        channel_multiples=[2, 4],
        sampling_rate=RATE,
    )


def transformer(width: int) -> Any:
    """Return a transformer over its latents."""
    return _DIFFUSERS.StableAudioDiTModel(
        sample_size=_LENGTH,
        in_channels=_CHANNELS,
        num_layers=2,
        attention_head_dim=8,
        num_key_value_attention_heads=2,
        out_channels=_CHANNELS,
        cross_attention_dim=width,
        time_proj_dim=8,
        global_states_input_dim=2 * width,
        cross_attention_input_dim=width,
        num_attention_heads=4,
    )


def projection(width: int) -> Any:
    """Return what makes rows of texts and of durations."""
    return _DIFFUSERS.StableAudioProjectionModel(
        text_encoder_dim=width, conditioning_dim=width, min_value=0, max_value=32
    )


def t5_of(width: int) -> Any:
    """Return T5's encoder."""
    config = _TRANSFORMERS.T5Config(
        vocab_size=128, d_model=width, d_kv=4, d_ff=8, num_layers=2, num_heads=2
    )
    return _TRANSFORMERS.T5EncoderModel(config)


def edm_scheduler() -> Any:
    """Return a scheduler that needs nothing more: the published one draws noise by torchsde."""
    return _DIFFUSERS.EDMDPMSolverMultistepScheduler(
        solver_order=2,
        prediction_type="v_prediction",
        sigma_data=1.0,
        sigma_schedule="exponential",
        sigma_min=0.3,
        sigma_max=500.0,
    )
