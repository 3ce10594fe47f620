"""Dense attention: which of torch's backends takes it, by a table of what each can do, and why.

There is no kernel of ours here: on a tensor core, cuDNN and FlashAttention are ahead.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import torch
import torch.nn.functional as F
from torch import Tensor
from torch.nn.attention import SDPBackend, current_flash_attention_impl, sdpa_kernel

HALF = (torch.float16, torch.bfloat16)
Capability = tuple[int, int]  # (9, 0) is sm_90


@dataclass(frozen=True)
class Backend:
    """One of torch's backends of scaled dot product attention, and what it takes."""

    name: str
    kind: SDPBackend
    dtypes: tuple[torch.dtype, ...]
    head_dim: int  # at most
    multiple: int  # of which head_dim is one
    mask: bool  # whether it takes a mask
    least: Capability

    def refusal(self, facts: Facts) -> str:
        """Return why it cannot take a call, or nothing."""
        if facts.capability is None or facts.capability < self.least:
            return f"needs sm_{self.least[0]}{self.least[1]}"
        if facts.dtype not in self.dtypes:
            return f"does not take {str(facts.dtype).removeprefix('torch.')}"
        if facts.head_dim > self.head_dim:
            return f"takes heads of {self.head_dim} at most"
        if facts.head_dim % self.multiple:
            return f"takes heads of multiples of {self.multiple}"
        return "takes no mask" if facts.mask and not self.mask else ""


@dataclass(frozen=True)
class Facts:
    """What the choice depends on."""

    capability: Capability | None  # of the GPU; None is a CPU
    dtype: torch.dtype
    head_dim: int
    mask: bool = False
    flash: str | None = None  # what runs as torch's flash attention: FA3, FA4; None is its own


@dataclass(frozen=True)
class Picked:
    """The backend that a call gets, those after it should torch refuse, and why."""

    backend: str
    then: tuple[str, ...]
    why: str


_EVERY = (torch.float32, *HALF)
CUDNN = Backend("cudnn", SDPBackend.CUDNN_ATTENTION, HALF, 128, 8, True, (8, 0))
FLASH = Backend("flash", SDPBackend.FLASH_ATTENTION, HALF, 256, 8, False, (8, 0))
EFFICIENT = Backend("efficient", SDPBackend.EFFICIENT_ATTENTION, _EVERY, 2**16, 4, True, (5, 0))
MATH = Backend("math", SDPBackend.MATH, (*_EVERY, torch.float64), 2**16, 1, True, (0, 0))
BACKENDS = (CUDNN, FLASH, EFFICIENT, MATH)
_KIND = {backend.name: backend.kind for backend in BACKENDS}


def attention(
    query: Tensor,
    key: Tensor,
    value: Tensor,
    mask: Tensor | None = None,
    *,
    causal: bool = False,
    scale: float | None = None,
) -> Tensor:
    """Attend, on the backend that ``attention_backend`` names for these arguments.

    Args:
        query: (batch, heads, tokens, head_dim).
        key: (batch, heads, keys, head_dim).
        value: like ``key``.
        mask: broadcast to (batch, heads, tokens, keys); bool, True takes part, or added.
        causal: a token sees those before it and itself; not together with a mask.
        scale: of the scores; 1 / sqrt(head_dim) unless given.
    """
    if query.is_cuda:
        compiling = torch.compiler.is_compiling()
        picked = (pick if compiling else _known)(_facts(query, mask))
        # To say it to torch takes longer than to ask whether it would do the same anyway.
        if compiling or _KIND[picked.backend] != _own(query, key, value, mask, causal, scale):
            kinds = [_KIND[name] for name in (picked.backend, *picked.then)]
            with sdpa_kernel(kinds, set_priority=True):
                return _attend(query, key, value, mask, causal, scale)
    return _attend(query, key, value, mask, causal, scale)


def attention_backend(query: Tensor, mask: Tensor | None = None) -> Picked:
    """Say which backend ``attention`` picks for these arguments, and why."""
    return pick(_facts(query, mask))


def pick(facts: Facts) -> Picked:
    """Return the first backend, in this GPU's order, that takes such a call."""
    if facts.capability is None:
        return Picked("cpu", (), "the tensors are on a CPU: torch has one way there")
    order, reason = _order(facts.capability, facts.flash)
    able: list[str] = []
    passed: list[str] = []  # over, before one was able
    for backend in order:
        refusal = backend.refusal(facts)
        if not refusal:
            able.append(backend.name)
        elif not able:
            passed.append(f"{backend.name} {refusal}")
    return Picked(able[0], tuple(able[1:]), "; ".join(passed) or reason)


def _order(capability: Capability, flash: str | None) -> tuple[tuple[Backend, ...], str]:
    """Return the backends from the fastest down on a GPU, and what is known of that."""
    if flash is not None:
        return (FLASH, CUDNN, EFFICIENT, MATH), f"{flash} was activated as torch's flash attention"
    if capability >= (9, 0):
        why = "torch's own flash attention is FA2, which uses no Hopper instructions; cuDNN does"
        return (CUDNN, FLASH, EFFICIENT, MATH), why
    return (FLASH, CUDNN, EFFICIENT, MATH), "FA2 was written for this generation"


_known = lru_cache(256)(pick)


def _facts(query: Tensor, mask: Tensor | None) -> Facts:
    capability = torch.cuda.get_device_capability(query.device) if query.is_cuda else None
    flash = current_flash_attention_impl()
    return Facts(capability, query.dtype, query.shape[-1], mask is not None, flash)


def _attend(
    query: Tensor,
    key: Tensor,
    value: Tensor,
    mask: Tensor | None,
    causal: bool,
    scale: float | None,
) -> Tensor:
    return F.scaled_dot_product_attention(query, key, value, mask, 0.0, causal, scale=scale)


def _own(
    query: Tensor,
    key: Tensor,
    value: Tensor,
    mask: Tensor | None,
    causal: bool,
    scale: float | None,
) -> SDPBackend:
    """Return what torch would pick by itself."""
    choice = torch.ops.aten._fused_sdp_choice.default
    return SDPBackend(choice(query, key, value, mask, 0.0, causal, scale=scale))
