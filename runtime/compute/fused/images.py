"""Residual blocks, norms and gates of UNets and image VAEs, and activations that others share."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from livedraft.kernels import (
    bias_residual_nhwc,
    geglu,
    gelu_tanh,
    group_norm_silu,
    upsample_nearest2x_nhwc,
)

Methods = Mapping[str, Callable[..., Any]]


def resnet_block(block: Any) -> Methods:
    """Fuse the biases of its convolutions, the time embedding, norms, SiLU and the residual."""
    plain = (
        block.time_embedding_norm == "default"
        and block.upsample is None
        and block.downsample is None
        and isinstance(block.nonlinearity, nn.SiLU)
    )
    return {"forward": partial(_resnet_block, block)} if plain else {}


def _resnet_block(
    block: Any, input_tensor: Tensor, temb: Tensor | None = None, *args: Any, **kwargs: Any
) -> Tensor:
    made, bias = _convolved(block.conv1, _norm(block.norm1, input_tensor))
    added = bias
    if block.time_emb_proj is not None and temb is not None:
        embedded = block.time_emb_proj(temb if block.skip_time_act else F.silu(temb))
        added = embedded if bias is None else embedded + bias
    made = block.dropout(_norm(block.norm2, made, added))
    made, bias = _convolved(block.conv2, made)
    if block.conv_shortcut is not None:
        input_tensor = block.conv_shortcut(input_tensor)
    if bias is None or not made.is_contiguous(memory_format=torch.channels_last):
        made = made if bias is None else made + bias[:, None, None]
        summed: Tensor = (input_tensor + made) / block.output_scale_factor
        return summed
    return bias_residual_nhwc(made, bias, input_tensor, 1 / block.output_scale_factor)


def _norm(norm: nn.GroupNorm, x: Tensor, added: Tensor | None = None) -> Tensor:
    return group_norm_silu(x, norm.num_groups, norm.weight, norm.bias, added, True, norm.eps)


def _convolved(conv: nn.Module, x: Tensor) -> tuple[Tensor, Tensor | None]:
    """Return a convolution without its bias, and that; one that is wrapped does it by itself."""
    if type(conv) is nn.Conv2d and conv.bias is not None and conv.padding_mode == "zeros":
        made = F.conv2d(x, conv.weight, None, conv.stride, conv.padding, conv.dilation, conv.groups)
        return made, conv.bias
    return conv(x), None


def group_norm(block: nn.GroupNorm) -> Methods:
    """Norm in the tensor's own memory format."""

    def forward(x: Tensor) -> Tensor:
        if not 3 <= x.ndim <= 5:
            return nn.GroupNorm.forward(block, x)
        return group_norm_silu(
            x, block.num_groups, block.weight, block.bias, None, False, block.eps
        )

    return {"forward": forward}


def gated(block: Any) -> Methods:
    """Fuse GELU and product of a projection's halves."""
    return {"forward": lambda hidden_states, *args, **kwargs: geglu(block.proj(hidden_states))}


def activated(block: Any) -> Methods:
    """Make GELU by tanh in one launch: of a projection (diffusers' class), or of what comes in."""
    if block.approximate != "tanh":
        return {}
    if isinstance(block, nn.GELU):
        return {"forward": gelu_tanh}
    return {"forward": lambda hidden_states: gelu_tanh(block.proj(hidden_states))}


def transformer(block: Any) -> Methods:
    """Leave tokens in the layout of channels last when they become an image again."""

    def output(
        hidden_states: Tensor,
        residual: Tensor,
        batch_size: int,
        height: int,
        width: int,
        inner_dim: int,
    ) -> Tensor:
        linear = block.use_linear_projection
        made = block.proj_out(hidden_states) if linear else hidden_states
        made = made.reshape(batch_size, height, width, -1).permute(0, 3, 1, 2)
        made = made if linear else block.proj_out(made)
        summed: Tensor = made + residual
        return summed

    return {"_get_output_for_continuous_inputs": output}


def upsample(block: Any) -> Methods:
    """Double an image in the layout of channels last."""
    plain = block.interpolate and block.use_conv and block.norm is None
    if not plain or block.use_conv_transpose or block.name != "conv":
        return {}

    def forward(hidden_states: Tensor, output_size: Any = None, *args: Any, **kw: Any) -> Tensor:
        if output_size is not None:
            sized: Tensor = type(block).forward(block, hidden_states, output_size)
            return sized
        doubled: Tensor = block.conv(upsample_nearest2x_nhwc(hidden_states))
        return doubled

    return {"forward": forward}


FUSIONS: Mapping[str, Callable[[Any], Methods]] = {
    "ResnetBlock2D": resnet_block,
    "GroupNorm": group_norm,
    "GEGLU": gated,
    "GELU": activated,
    "Transformer2DModel": transformer,
    "Upsample2D": upsample,
}
