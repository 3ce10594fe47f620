"""A small UNet and text encoder of the very classes, and LoRA files of them in every naming."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import diffusers
import torch
import transformers
from safetensors.torch import save_file
from torch import Tensor, nn

_DIFFUSERS: Any = diffusers  # their types say what is not so
_TRANSFORMERS: Any = transformers

Pairs = dict[str, tuple[Tensor, Tensor]]  # by path of the layer: down, up


def make_unet(**changes: Any) -> Any:
    torch.manual_seed(0)
    shape: dict[str, Any] = {
        "block_out_channels": (32, 64),
        "layers_per_block": 1,
        "sample_size": 8,
        "down_block_types": ("DownBlock2D", "CrossAttnDownBlock2D"),
        "up_block_types": ("CrossAttnUpBlock2D", "UpBlock2D"),
        "cross_attention_dim": 32,
        "norm_num_groups": 8,
    }
    return _DIFFUSERS.UNet2DConditionModel(**{**shape, **changes}).eval()


def make_text() -> Any:
    torch.manual_seed(1)
    shape: dict[str, Any] = {
        "hidden_size": 32,
        "intermediate_size": 37,
        "num_attention_heads": 4,
        "num_hidden_layers": 2,
        "vocab_size": 99,
    }
    return _TRANSFORMERS.CLIPTextModel(
        _TRANSFORMERS.CLIPTextConfig(**shape, bos_token_id=1, eos_token_id=2)
    ).eval()


def call(unet: Any, rows: int, seed: int = 5) -> Tensor:
    """Return what a UNet gives for rows that are alike whatever their number."""
    draw = torch.Generator().manual_seed(seed)
    x = torch.randn(3, 4, 8, 8, generator=draw)[:rows]
    text = torch.randn(3, 7, 32, generator=draw)[:rows]
    time = torch.tensor([3, 600, 941])[:rows]
    with torch.no_grad():
        made: Tensor = unet(x, time, encoder_hidden_states=text, return_dict=False)[0]
    return made


def pairs(module: nn.Module, rank: int, seed: int, ends: tuple[str, ...] = ()) -> Pairs:
    """Return matrices for the layers of a network whose names end so; for all by default."""
    draw = torch.Generator().manual_seed(seed)
    made: Pairs = {}
    for path, layer in module.named_modules():
        if isinstance(layer, nn.Linear | nn.Conv2d) and path.endswith(ends or ("",)):
            out, *taken = layer.weight.shape
            thin = [1] * (len(taken) - 1)
            down = torch.randn(rank, *taken, generator=draw) / 8
            made[path] = down, torch.randn(out, rank, *thin, generator=draw) / 8
    return made


ATTENTION = ("to_q", "to_k", "to_v", "to_out.0")


def in_peft(found: Pairs, part: str = "unet.") -> dict[str, Tensor]:
    keys: dict[str, Tensor] = {}
    for path, (down, up) in found.items():
        keys |= {f"{part}{path}.lora_A.weight": down, f"{part}{path}.lora_B.weight": up}
    return keys


def in_diffusers(found: Pairs, part: str = "unet.") -> dict[str, Tensor]:
    keys: dict[str, Tensor] = {}
    for path, (down, up) in found.items():
        keys |= {f"{part}{path}.lora.down.weight": down, f"{part}{path}.lora.up.weight": up}
    return keys


def in_processors(found: Pairs) -> dict[str, Tensor]:
    """Name layers of attention as diffusers did at first."""
    keys: dict[str, Tensor] = {}
    for path, (down, up) in found.items():
        block, _, leaf = path.removesuffix(".0").rpartition(".")
        name = f"unet.{block}.processor.{leaf}_lora"
        keys |= {f"{name}.down.weight": down, f"{name}.up.weight": up}
    return keys


def in_kohya(found: Pairs, alpha: float, part: str = "lora_unet_") -> dict[str, Tensor]:
    keys: dict[str, Tensor] = {}
    for path, (down, up) in found.items():
        name = f"{part}{path.replace('.', '_')}"
        keys |= {f"{name}.lora_down.weight": down, f"{name}.lora_up.weight": up}
        keys[f"{name}.alpha"] = torch.tensor(alpha)
    return keys


def save(path: Path, tensors: dict[str, Tensor], **metadata: str) -> Path:
    save_file({key: one.contiguous().clone() for key, one in tensors.items()}, path, metadata)
    return path


def merged(module: nn.Module, found: Pairs, weight: float) -> nn.Module:
    """Add products to the weights of a network, which is returned."""
    for path, (down, up) in found.items():
        held: Any = module.get_submodule(path)
        product = (up.flatten(1) @ down.flatten(1)).view(held.weight.shape)
        held.weight.data += weight * product
    return module
