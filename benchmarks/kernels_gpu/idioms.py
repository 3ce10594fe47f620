"""How a careful model in eager torch writes what an operation does: the baseline beside ours.

The references are written to be read; they cast to float32 and back, which a model would not do.
Here torch's own fused kernels do what they can. An operation that is not here has a reference that
is already written so.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor


def bias_residual_nhwc(
    x: Tensor, bias: Tensor, residual: Tensor | None = None, factor: float = 1.0
) -> Tensor:
    """Add in the order in which a residual block does."""
    made = x + bias[..., None, None]
    if residual is not None:
        made = made + residual
    return made if factor == 1.0 else made * factor


def gated_norm_modulate(
    x: Tensor, branch: Tensor, gate: Tensor | None = None, *args: Any, **kwargs: Any
) -> tuple[Tensor, Tensor]:
    """Add the gated branch in one pass, then normalise what was written."""
    total = x + branch if gate is None else torch.addcmul(x, _by_token(gate), branch)
    return total, norm_modulate(total, *args, **kwargs)


def gated_residual(x: Tensor, y: Tensor, gate: Tensor) -> Tensor:
    """Multiply and add in one pass."""
    return torch.addcmul(x, gate[:, None], y)


def group_norm_silu(
    x: Tensor,
    groups: int,
    weight: Tensor | None = None,
    bias: Tensor | None = None,
    added: Tensor | None = None,
    activate: bool = True,
    eps: float = 1e-5,
) -> Tensor:
    """Normalise by torch's kernel, then activate in place."""
    if added is not None:
        x = x + added.reshape(-1, x.shape[1], *[1] * (x.ndim - 2))
    made = F.group_norm(x, groups, weight, bias, eps)
    return F.silu(made, inplace=True) if activate else made


def norm_modulate(
    x: Tensor,
    scale: Tensor | None = None,
    shift: Tensor | None = None,
    weight: Tensor | None = None,
    bias: Tensor | None = None,
    kind: str = "layer",
    eps: float = 1e-6,
) -> Tensor:
    """Normalise by torch's fused kernel, then modulate in the tensor's own type."""
    made = _norm(x, kind, weight, bias, eps)
    if scale is not None:
        made = made * (1 + _by_token(scale))
    if shift is not None:
        made = made + _by_token(shift)
    return made


def qk_norm_rope(
    qkv: Tensor,
    q_weight: Tensor,
    k_weight: Tensor,
    cos: Tensor | None,
    sin: Tensor | None,
    heads: int,
    kv_heads: int,
    interleaved: bool = True,
    eps: float = 1e-6,
) -> Tensor:
    """Normalise queries and keys apart by torch's kernel, rotate in float32 as models do, join."""
    size = qkv.shape[2] // (heads + 2 * kv_heads)
    by_head = q_weight.shape[0] == size

    def heads_first(part: Tensor) -> Tensor:
        return part.reshape(*qkv.shape[:2], -1, size).transpose(1, 2)

    made = []
    for part, weight in (
        (qkv[..., : heads * size], q_weight),
        (qkv[..., heads * size : (heads + kv_heads) * size], k_weight),
    ):
        normed = F.rms_norm(heads_first(part) if by_head else part, weight.shape, weight, eps)
        made.append(normed if by_head else heads_first(normed))
    if cos is None or sin is None:
        return torch.cat(made, 1)
    turn = torch.complex(cos.float(), sin.float()).unsqueeze(-3)
    turned = []
    for part in made:
        pairs = part.float().reshape(*part.shape[:-1], *((-1, 2) if interleaved else (2, -1)))
        pairs = pairs if interleaved else pairs.mT.contiguous()
        real = torch.view_as_real(torch.view_as_complex(pairs) * turn)
        turned.append((real if interleaved else real.mT).flatten(-2).to(qkv.dtype))
    return torch.cat(turned, 1)


def quantize_rowwise(
    x: Tensor,
    dtype: torch.dtype,
    producer: str = "none",
    weight: Tensor | None = None,
    scale: Tensor | None = None,
    shift: Tensor | None = None,
    eps: float = 1e-6,
) -> tuple[Tensor, Tensor]:
    """Produce in the tensor's own type, then take the maximum of each row and divide by it."""
    made = x
    if producer in ("geglu", "swiglu"):
        first, second = x.chunk(2, -1)
        made = F.silu(first) * second if producer == "swiglu" else first * F.gelu(second)
    elif producer == "gelu_tanh":
        made = F.gelu(x, approximate="tanh")
    elif producer != "none":
        made = norm_modulate(x, scale, shift, weight, None, producer.removesuffix("_norm"), eps)
    limit = 127.0 if dtype == torch.int8 else 448.0
    scales = made.abs().amax(-1, keepdim=True).float().clamp(min=1e-12) / limit
    value = (made / scales).clamp(-limit, limit)
    return (value.round() if dtype == torch.int8 else value).to(dtype), scales


def upsample_nearest2x_nhwc(x: Tensor) -> Tensor:
    """Interpolate; torch keeps the layout."""
    return F.interpolate(x, scale_factor=2.0, mode="nearest")


def _by_token(factor: Tensor) -> Tensor:
    return factor[:, None] if factor.ndim == 2 else factor


def _norm(x: Tensor, kind: str, weight: Tensor | None, bias: Tensor | None, eps: float) -> Tensor:
    if kind == "layer":
        return F.layer_norm(x, x.shape[-1:], weight, bias, eps)
    made = F.rms_norm(x, x.shape[-1:], weight, eps)
    return made if bias is None else made + bias


IDIOMS: Mapping[str, Callable[..., Any]] = {
    each.__name__: each
    for each in (
        bias_residual_nhwc,
        gated_norm_modulate,
        gated_residual,
        group_norm_silu,
        norm_modulate,
        qk_norm_rope,
        quantize_rowwise,
        upsample_nearest2x_nhwc,
    )
}
