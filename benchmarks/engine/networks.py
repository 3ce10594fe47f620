"""Networks as large as the real ones, with random weights made where they are to run.

Every figure of speed is the same as with trained weights: what is computed does not depend on them.
Configs are those that the models are published with; the tiny ones only show that the script runs.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any

import diffusers
import torch

_DIFFUSERS: Any = diffusers  # its types say what is not so: to a checker it may be anything

Config = Mapping[str, Any]

_SD_UNET: Config = {
    "attention_head_dim": (5, 10, 20, 20),
    "block_out_channels": (320, 640, 1280, 1280),
    "cross_attention_dim": 1024,
    "sample_size": 64,
    "use_linear_projection": True,
}
_SDXL_UNET: Config = {
    "addition_embed_type": "text_time",
    "addition_time_embed_dim": 256,
    "attention_head_dim": (5, 10, 20),
    "block_out_channels": (320, 640, 1280),
    "cross_attention_dim": 2048,
    "down_block_types": ("DownBlock2D", "CrossAttnDownBlock2D", "CrossAttnDownBlock2D"),
    "projection_class_embeddings_input_dim": 2816,
    "sample_size": 128,
    "transformer_layers_per_block": (1, 2, 10),
    "up_block_types": ("CrossAttnUpBlock2D", "CrossAttnUpBlock2D", "UpBlock2D"),
    "use_linear_projection": True,
}
_SANA: Config = {  # SANA-Sprint 0.6B
    "caption_channels": 2304,
    "cross_attention_dim": 1152,
    "cross_attention_head_dim": 72,
    "guidance_embeds": True,
    "num_attention_heads": 36,
    "num_cross_attention_heads": 16,
    "num_layers": 28,
    "qk_norm": "rms_norm_across_heads",
}
_PIXART: Config = {"caption_channels": 4096, "out_channels": 8, "sample_size": 128}
_SMALL: Config = {
    "attention_head_dim": 8,
    "block_out_channels": (32, 64),
    "down_block_types": ("DownBlock2D", "CrossAttnDownBlock2D"),
    "layers_per_block": 1,
    "norm_num_groups": 8,
    "sample_size": 64,
    "up_block_types": ("CrossAttnUpBlock2D", "UpBlock2D"),
}
_SDXL_VAE: Config = {
    "block_out_channels": (128, 256, 512, 512),
    "down_block_types": ("DownEncoderBlock2D",) * 4,
    "force_upcast": False,  # as in the weights that are mended for half precision
    "layers_per_block": 2,
    "scaling_factor": 0.13025,
    "up_block_types": ("UpDecoderBlock2D",) * 4,
}
_SMALL_VAE: Config = {
    "block_out_channels": (16, 16),
    "down_block_types": ("DownEncoderBlock2D",) * 2,
    "norm_num_groups": 8,
    "up_block_types": ("UpDecoderBlock2D",) * 2,
}
_SMALL_TAESD: Config = {
    "num_encoder_blocks": (1, 1),
    "num_decoder_blocks": (1, 1),
    "encoder_block_out_channels": (8, 8),
    "decoder_block_out_channels": (8, 8),
}
_KLEIN: Config = {
    "attention_head_dim": 128,
    "axes_dims_rope": (32, 32, 32, 32),
    "guidance_embeds": False,
    "in_channels": 128,
    "joint_attention_dim": 7680,
    "mlp_ratio": 3.0,
    "num_attention_heads": 24,
    "num_layers": 5,
    "num_single_layers": 20,
    "patch_size": 1,
}
_SMALL_KLEIN: Config = {
    "attention_head_dim": 16,
    "axes_dims_rope": (4, 4, 4, 4),
    "guidance_embeds": False,
    "in_channels": 16,
    "joint_attention_dim": 48,
    "num_attention_heads": 2,
    "num_layers": 1,
    "num_single_layers": 1,
    "patch_size": 1,
    "timestep_guidance_channels": 32,
}
_WAN: Config = {
    "attention_head_dim": 128,
    "ffn_dim": 8960,
    "num_attention_heads": 12,
    "num_layers": 30,
}
_SMALL_WAN: Config = {
    "attention_head_dim": 12,
    "ffn_dim": 32,
    "freq_dim": 32,
    "num_attention_heads": 2,
    "num_layers": 2,
    "text_dim": 48,
}
_SMALL_WAN_VAE: Config = {"base_dim": 3, "num_res_blocks": 1}

# Of each network: diffusers' class, the config of the real one, and of the tiny one.
_KINDS: Mapping[str, tuple[str, Config, Config]] = {
    "sd": ("UNet2DConditionModel", _SD_UNET, {**_SMALL, "cross_attention_dim": 32}),
    "sdxl": (
        "UNet2DConditionModel",
        _SDXL_UNET,
        {
            **_SMALL,
            "addition_embed_type": "text_time",
            "addition_time_embed_dim": 8,
            "cross_attention_dim": 32,
            "projection_class_embeddings_input_dim": 80,
            "transformer_layers_per_block": (1, 2),
            "use_linear_projection": True,
        },
    ),
    "taesd": ("AutoencoderTiny", {}, _SMALL_TAESD),
    "sdxl_vae": ("AutoencoderKL", _SDXL_VAE, {**_SMALL_VAE, "force_upcast": False}),
    "klein": ("Flux2Transformer2DModel", _KLEIN, _SMALL_KLEIN),
    "klein_vae": (
        "AutoencoderKLFlux2",
        {},
        {**_SMALL_VAE, "latent_channels": 4, "sample_size": 32},
    ),
    "sana": (
        "SanaTransformer2DModel",
        _SANA,
        {
            **_SANA,
            "attention_head_dim": 8,
            "caption_channels": 16,
            "cross_attention_dim": 16,
            "cross_attention_head_dim": 8,
            "num_attention_heads": 2,
            "num_cross_attention_heads": 2,
            "num_layers": 2,
        },
    ),
    "pixart": (
        "PixArtTransformer2DModel",
        _PIXART,
        {
            **_PIXART,
            "attention_head_dim": 8,
            "caption_channels": 16,
            "cross_attention_dim": 24,
            "num_attention_heads": 3,
            "num_layers": 2,
        },
    ),
    "wan": ("WanTransformer3DModel", _WAN, _SMALL_WAN),
    "wan_vae": ("AutoencoderKLWan", {}, _SMALL_WAN_VAE),
}


_LAYOUTS = {4: torch.channels_last, 5: torch.channels_last_3d}  # by axes


@dataclass(frozen=True)
class Place:
    """Where networks run, and whether they are the tiny ones."""

    device: torch.device
    tiny: bool = False

    @cached_property
    def whole(self) -> torch.device:
        """The device with its number, as tensors say it."""
        return torch.empty(0, device=self.device).device

    def dtype(self, half: torch.dtype) -> torch.dtype:
        """Return the type that is computed in: half precision on a GPU."""
        return half if self.device.type == "cuda" else torch.float32

    def network(self, kind: str, half: torch.dtype) -> Any:
        """Return a network with seeded random weights; parts that are kept in float32 stay so."""
        return _network(self, kind, half)

    def laid_out(self, kind: str, half: torch.dtype) -> Any:
        """Return a copy whose convolutions run channels last: the layout of the matrix units."""
        return _laid_out(self, kind, half)


@cache  # cases share what they are made of
def _network(place: Place, kind: str, half: torch.dtype) -> Any:
    name, real, tiny = _KINDS[kind]
    torch.manual_seed(0)
    with place.device:
        made = getattr(_DIFFUSERS, name)(**(tiny if place.tiny else real))
    if kind == "taesd":  # untrained it paints all but black, and half precision shows
        last = made.decoder.layers[-1]
        last.weight.data *= 8
        last.bias.data.fill_(0.5)
    kept = tuple(getattr(made, "_keep_in_fp32_modules", None) or ())
    dtype = place.dtype(half)
    for part, parameter in made.named_parameters():
        if not set(part.split(".")) & set(kept):
            parameter.data = parameter.data.to(dtype)
    return made.eval().requires_grad_(False)


@cache
def _laid_out(place: Place, kind: str, half: torch.dtype) -> Any:
    made = copy.deepcopy(place.network(kind, half))
    for parameter in made.parameters():
        layout = _LAYOUTS.get(parameter.ndim)
        if layout is not None:
            parameter.data = parameter.data.contiguous(memory_format=layout)
    return made
