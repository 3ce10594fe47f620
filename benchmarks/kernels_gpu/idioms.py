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
        made = made * (1 + (scale[:, None] if scale.ndim == 2 else scale))
    if shift is not None:
        made = made + (shift[:, None] if shift.ndim == 2 else shift)
    return made


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


def _norm(x: Tensor, kind: str, weight: Tensor | None, bias: Tensor | None, eps: float) -> Tensor:
    if kind == "layer":
        return F.layer_norm(x, x.shape[-1:], weight, bias, eps)
    made = F.rms_norm(x, x.shape[-1:], weight, eps)
    return made if bias is None else made + bias


IDIOMS: Mapping[str, Callable[..., Any]] = {
    each.__name__: each
    for each in (bias_residual_nhwc, norm_modulate, quantize_rowwise, upsample_nearest2x_nhwc)
}
