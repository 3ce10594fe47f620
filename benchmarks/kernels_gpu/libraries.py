"""The same by another library of kernels: Liger-Kernel, where it has at least the main part.

What is here is what its user would write, with its forward functions, past autograd; the rest is
torch's. What a model makes once, such as a norm's ones and zeros, is made before it is timed.

- ``geglu`` is left out: Liger's GELU is the one by tanh, ours the one with the error function.
- ``group_norm_silu`` of channels-last images is left out: Liger's takes the other layout alone.
- Norms that have not both weight and bias get ones and zeros, which Liger's layer norm reads.
- There is nothing for the rest. Of others, gemlite has a quantisation of rows, which cannot even be
  imported without a GPU, so that nothing could be checked here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

LIBRARY = "liger-kernel"
_CASTING = "llama"  # Liger's default: the norm in float32, the rest in the tensor's own type


@dataclass(frozen=True)
class Baseline:
    """A library's way of one call."""

    call: Callable[[], Any]
    whole: Callable[[Any], Any] = lambda made: made  # what it returns, as the reference has it


def installed() -> dict[str, str | None]:
    """Return the library's name and its version, None where it is not installed."""
    try:
        return {"name": LIBRARY, "version": version(LIBRARY)}
    except PackageNotFoundError:
        return {"name": LIBRARY, "version": None}


def baseline(op: str, inputs: Mapping[str, Any]) -> Baseline | None:
    """Return the library's way of an operation on these inputs, None if it has none."""
    made = LIBRARIES.get(op)
    return made(**inputs) if made is not None and installed()["version"] else None


def swiglu(gate: Tensor, up: Tensor | None = None) -> Baseline:
    """Activate by one kernel; the halves of a projection need not be cut."""
    if up is None:
        packed = gate.reshape(-1, gate.shape[-1])  # a view, if it is a part of something wider
        shape = (*gate.shape[:-1], gate.shape[-1] // 2)
        fused = _liger("swiglu").swiglu_fused_gate_up_forward
        return Baseline(lambda: fused(packed)[1].view(shape))
    other, forward = up, _liger("swiglu").swiglu_forward
    return Baseline(lambda: forward(gate.contiguous(), other.contiguous())[2])


def norm_modulate(
    x: Tensor,
    scale: Tensor | None = None,
    shift: Tensor | None = None,
    weight: Tensor | None = None,
    bias: Tensor | None = None,
    kind: str = "layer",
    eps: float = 1e-6,
) -> Baseline | None:
    """Norm by Liger; RMS norm takes scale and shift along, after layer norm torch applies them."""
    norm = _norm(x, scale, shift, weight, bias, kind, eps)
    return None if norm is None else Baseline(partial(norm, x))


def gated_norm_modulate(
    x: Tensor, branch: Tensor, gate: Tensor | None = None, *args: Any, **kwargs: Any
) -> Baseline | None:
    """Add the gated branch by torch, then norm_modulate."""
    norm = _norm(x, *args, **kwargs)
    if norm is None:
        return None

    def call() -> tuple[Tensor, Tensor]:
        total = x + branch if gate is None else torch.addcmul(x, _by_token(gate), branch)
        return total, norm(total)

    return Baseline(call)


def group_norm_silu(
    x: Tensor,
    groups: int,
    weight: Tensor | None = None,
    bias: Tensor | None = None,
    added: Tensor | None = None,
    activate: bool = True,
    eps: float = 1e-5,
) -> Baseline | None:
    """Norm by Liger, then activate in place."""
    if x.ndim == 4 and x.is_contiguous(memory_format=torch.channels_last):
        return None
    channels, forward = x.shape[1], _liger("group_norm").group_norm_forward
    w, b = _affine(x.new_empty(channels), weight, bias)

    def call() -> Tensor:
        whole = x if added is None else x + added.reshape(-1, channels, *[1] * (x.ndim - 2))
        made: Tensor = forward(whole.contiguous(), channels, groups, w, b, eps)[0]
        return F.silu(made, inplace=True) if activate else made

    return Baseline(call)


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
) -> Baseline | None:
    """Norm queries and keys apart, rotate both by one kernel; they stay views of (batch, tokens).

    Attention takes them so. Liger rotates neighbours by the same angles in every sample only.
    """
    if interleaved and cos is not None and cos.ndim == 3:
        return None
    size = qkv.shape[2] // (heads + 2 * kv_heads)
    cut = heads * size
    norm = partial(_liger("rms_norm").rms_norm_forward, row_mode=None, casting_mode=_CASTING)
    turn = _turn(cos, sin, size, interleaved)

    def normed(part: Tensor, weight: Tensor) -> Tensor:
        rows = part.reshape(*part.shape[:2], -1, weight.shape[0])
        made: Tensor = norm(rows.contiguous(), weight, eps, 0.0)[0]
        return made.view(*part.shape[:2], -1, size)

    def call() -> tuple[Tensor, Tensor]:
        q, k = qkv[..., :cut], qkv[..., cut : cut + kv_heads * size]
        return turn(normed(q, q_weight), normed(k, k_weight))

    return Baseline(call, lambda made: torch.cat(made, 1))


def _turn(
    cos: Tensor | None, sin: Tensor | None, size: int, interleaved: bool
) -> Callable[[Tensor, Tensor], tuple[Tensor, Tensor]]:
    """Return what rotates queries and keys, and gives their heads the place before the tokens."""
    if cos is None or sin is None:
        return lambda q, k: (q.transpose(1, 2), k.transpose(1, 2))
    if interleaved:
        forward, angles = _liger("llama4_rope").llama4_rope_forward, torch.complex(cos, sin)

        def neighbours(q: Tensor, k: Tensor) -> tuple[Tensor, Tensor]:
            q, k = forward(q, k, angles)
            return q.transpose(1, 2), k.transpose(1, 2)

        return neighbours
    rotate = partial(_liger("rope").rope_forward, rotary_dim=size)

    def halves(q: Tensor, k: Tensor) -> tuple[Tensor, Tensor]:
        q, k, *_ = rotate(q.transpose(1, 2), k.transpose(1, 2), cos, sin)
        return q, k

    return halves


def _norm(
    x: Tensor,
    scale: Tensor | None = None,
    shift: Tensor | None = None,
    weight: Tensor | None = None,
    bias: Tensor | None = None,
    kind: str = "layer",
    eps: float = 1e-6,
) -> Callable[[Tensor], Tensor] | None:
    """Return norm and modulation of what is like x."""
    if kind == "rms":
        if bias is not None or scale is None:
            return None
        modulated = _liger("modulated_rms_norm").modulated_rms_norm_forward

        def rms(t: Tensor) -> Tensor:
            made: Tensor = modulated(t.contiguous(), weight, scale, shift, eps, 0.0, _CASTING)[0]
            return made

        return rms
    forward = _liger("layer_norm").layer_norm_forward
    w, b = _affine(x.new_empty(x.shape[-1]), weight, bias)

    def layer(t: Tensor) -> Tensor:
        made: Tensor = forward(t.contiguous(), w, b, eps)[0]
        made = made if scale is None else made * (1 + _by_token(scale))
        return made if shift is None else made + _by_token(shift)

    return layer


def _affine(like: Tensor, weight: Tensor | None, bias: Tensor | None) -> tuple[Tensor, Tensor]:
    ones = torch.ones_like(like) if weight is None else weight
    return ones, torch.zeros_like(like) if bias is None else bias


def _by_token(factor: Tensor) -> Tensor:
    return factor[:, None] if factor.ndim == 2 else factor


def _liger(module: str) -> Any:
    return import_module(f"liger_kernel.ops.{module}")


LIBRARIES: Mapping[str, Callable[..., Baseline | None]] = {
    each.__name__: each
    for each in (gated_norm_modulate, group_norm_silu, norm_modulate, qk_norm_rope, swiglu)
}
