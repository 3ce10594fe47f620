"""Queries and keys from packed QKV: RMS norm and rotary embedding, in attention's layout."""

from __future__ import annotations

import torch
from torch import Generator, Tensor

from ..dispatch import register
from ..spec import Axes, Inputs, OpSpec, Workload


def qk_norm_rope(
    qkv: Tensor,
    q_weight: Tensor,
    k_weight: Tensor,
    cos: Tensor | None = None,
    sin: Tensor | None = None,
    *,
    heads: int,
    kv_heads: int | None = None,
    interleaved: bool = True,
    eps: float = 1e-6,
) -> tuple[Tensor, Tensor, Tensor]:
    """Return queries, keys and values of (batch, heads, tokens, size of a head).

    qkv: (batch, tokens, (heads + 2 kv_heads) * size), queries first, then keys, then values.
    q_weight, k_weight: of the RMS norms, (size,) of each head by itself, as FLUX and Z-Image have
    it, or (heads * size,) across all heads of a token, as Wan has it; kv_heads are heads then.
    cos, sin: (tokens, size / 2) or with a batch axis before, any strides; without them nothing is
    rotated. A pair to rotate is two neighbours if `interleaved`, as all three have it, else one
    of each half. Queries and keys are parts of one new tensor, values a view of qkv, as attention
    takes them. Raises ValueError for shapes that do not fit.
    Query-key norm: Dehghani et al. 2023; rotary embedding: Su et al. 2021.
    """
    shared = heads if kv_heads is None else kv_heads
    made = OP(qkv, q_weight, k_weight, cos, sin, heads, shared, interleaved, eps)
    values = qkv[..., (heads + shared) * made.shape[3] :]
    values = values.view(*qkv.shape[:2], shared, made.shape[3]).transpose(1, 2)
    return made[:, :heads], made[:, heads:], values


def reference(
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
    """Return queries, then keys, of (batch, heads + kv_heads, tokens, size), in plain torch."""
    size, both = qkv.shape[2] // (heads + 2 * kv_heads), heads + kv_heads
    width = q_weight.shape[0]  # of a norm
    v = qkv[..., : both * size].to(torch.promote_types(qkv.dtype, torch.float32))
    v = v.reshape(*qkv.shape[:2], both * size // width, width)
    v = v * torch.rsqrt(v.square().mean(-1, keepdim=True) + eps)
    queries, keys = v.tensor_split((heads * size // width,), -2)
    v = torch.cat((queries * q_weight, keys * k_weight), -2)
    v = v.reshape(*qkv.shape[:2], both, size).transpose(1, 2)
    if cos is not None and sin is not None:
        c, s = (t.to(v.dtype).expand(qkv.shape[0], -1, -1).unsqueeze(1) for t in (cos, sin))
        a, b = (v[..., 0::2], v[..., 1::2]) if interleaved else v.chunk(2, -1)
        turned = (a * c - b * s, b * c + a * s)
        v = torch.stack(turned, -1).flatten(-2) if interleaved else torch.cat(turned, -1)
    return v.to(qkv.dtype).contiguous()


def _empty(
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
    packed = heads + 2 * kv_heads
    if qkv.ndim != 3 or packed < 1 or qkv.shape[2] % packed:
        raise ValueError(
            f"qkv has shape {tuple(qkv.shape)}: (batch, tokens, {packed} heads of one size) "
            "is wanted"
        )
    size = qkv.shape[2] // packed
    if k_weight.shape != q_weight.shape or q_weight.shape not in ((size,), (heads * size,)):
        raise ValueError(
            f"q_weight has shape {tuple(q_weight.shape)}, k_weight {tuple(k_weight.shape)}: both "
            f"({size},), a head, or both ({heads * size},), all heads, are wanted"
        )
    if q_weight.shape != (size,) and kv_heads != heads:
        raise ValueError(
            f"a norm across all heads takes as many keys as queries: {kv_heads} are not {heads}"
        )
    if (cos is None) != (sin is None) or (cos is not None and size % 2):
        raise ValueError("to rotate takes cos, sin and heads of an even size")
    batch, tokens = qkv.shape[:2]
    for name, t in (("cos", cos), ("sin", sin)):
        if t is not None and t.shape not in ((tokens, size // 2), (batch, tokens, size // 2)):
            raise ValueError(f"{name} has shape {tuple(t.shape)}: {(tokens, size // 2)} is wanted")
    shape = (batch, heads + kv_heads, tokens, size)
    return torch.empty(shape, dtype=qkv.dtype, device=qkv.device)


def _inputs(axes: Axes, dtype: torch.dtype, generator: Generator) -> Inputs:
    batch, tokens, heads, size = (int(axes[k]) for k in ("batch", "tokens", "heads", "size"))
    kv_heads = int(axes.get("kv_heads", heads))

    def normal(*shape: int) -> Tensor:
        return torch.randn(*shape, generator=generator, device=generator.device)

    packed = (heads + 2 * kv_heads) * size
    qkv = normal(batch, tokens, packed).to(dtype)
    if "beside" in axes:  # a part of a projection that has an MLP's inputs behind it
        qkv = normal(batch, tokens, packed + int(axes["beside"])).to(dtype)[..., :packed]
    width = size * (heads if axes.get("across") else 1)
    rotation = normal(*[batch] * bool(axes.get("by_sample")), tokens, size // 2)
    rotates = axes.get("rotates", True)
    return {
        "qkv": qkv,
        "q_weight": normal(width).to(dtype),
        "k_weight": normal(width).to(dtype),
        "cos": rotation.cos() if rotates else None,
        "sin": rotation.sin() if rotates else None,
        "heads": heads,
        "kv_heads": kv_heads,
        "interleaved": axes.get("interleaved", True),
    }


def _axes(batch: int, tokens: int, heads: int, size: int) -> dict[str, int | float | bool | str]:
    return {"batch": batch, "tokens": tokens, "heads": heads, "size": size}


SPEC = OpSpec(
    name="qk_norm_rope",
    summary="RMS norm and rotary embedding of queries and keys, from packed QKV to attention",
    fuses="two norms, two rotations with their casts, and the change to attention's layout",
    used="uncompiled DiT blocks; torch.compile leaves the change of layout",
    reference=reference,
    inputs=_inputs,
    workloads=(
        Workload("odd", {**_axes(2, 5, 3, 10), "by_sample": True}),
        Workload("halves, grouped, strided",
                 {**_axes(2, 7, 4, 24), "kv_heads": 2, "interleaved": False, "beside": 72}),
        Workload("not rotated", {**_axes(1, 6, 2, 15), "rotates": False}),
        Workload("across heads", {**_axes(2, 5, 3, 10), "across": True, "by_sample": True}),
        Workload("across heads, halves, strided",
                 {**_axes(2, 7, 5, 24), "across": True, "interleaved": False, "beside": 72}),
        Workload("across heads, not rotated",
                 {**_axes(1, 6, 2, 15), "across": True, "rotates": False}),
        Workload("across one head", {**_axes(1, 3, 1, 16), "across": True}),
        Workload("klein-4B, 512x512", _axes(1, 1536, 24, 128), real=True),
        Workload("klein-4B, 512x512, single block", {**_axes(1, 1536, 24, 128), "beside": 18432},
                 real=True),
        Workload("klein-4B, 1024x1024, batch 4", _axes(4, 4608, 24, 128), real=True),
        Workload("Z-Image, 1024x1024", _axes(1, 4096, 30, 128), real=True),
        Workload("Z-Image, 1024x1024, halves", {**_axes(1, 4096, 30, 128), "interleaved": False},
                 real=True, compiled=True),
        Workload("Wan-1.3B, 480p, chunk of 3", {**_axes(1, 4680, 12, 128), "across": True},
                 real=True, compiled=True),
        Workload("Wan-14B, 480p, chunk of 3", {**_axes(1, 4680, 40, 128), "across": True},
                 real=True, compiled=True),
    ),
)  # fmt: skip

OP = register(SPEC, _empty)
