"""Rows to fp8 or int8 with one scale each, straight from a norm or an activation."""

from __future__ import annotations

from typing import Literal

import torch
import torch.nn.functional as F
from torch import Tensor

from ..dispatch import register
from ..spec import Axes, Inputs, OpSpec, Workload
from .projection import projection, sizes

Producer = Literal["none", "rms_norm", "layer_norm", "gelu_tanh", "geglu", "swiglu"]
NORMS = ("rms_norm", "layer_norm")
GATED = ("geglu", "swiglu")
PRODUCERS = ("none", *NORMS, "gelu_tanh", *GATED)
LIMITS = {torch.float8_e4m3fn: 448.0, torch.int8: 127.0}  # the largest value of each type


def quantize_rowwise(
    x: Tensor,
    dtype: torch.dtype,
    producer: Producer = "none",
    weight: Tensor | None = None,
    scale: Tensor | None = None,
    shift: Tensor | None = None,
    eps: float = 1e-6,
) -> tuple[Tensor, Tensor]:
    """Return producer(x) * weight * (1 + scale) + shift in 8 bits, and each row's own scale.

    x: (..., columns), twice as many for geglu and swiglu, any strides. dtype: float8_e4m3fn or
    int8. weight: (columns,). scale, shift: (batch, columns), batch the first axis of x. The first
    result is contiguous, (..., columns) of dtype; the second, (..., 1) of float32, is the largest
    magnitude of a row by the largest value of the type: the product of both is nearly what was
    made. ``torch._scaled_mm`` and ``torch._int_mm`` take them as rows. Arithmetic is in float32.
    """
    return OP(x, dtype, producer, weight, scale, shift, eps)


def reference(
    x: Tensor,
    dtype: torch.dtype,
    producer: str = "none",
    weight: Tensor | None = None,
    scale: Tensor | None = None,
    shift: Tensor | None = None,
    eps: float = 1e-6,
) -> tuple[Tensor, Tensor]:
    """Return what quantize_rowwise does, in plain torch."""
    made = produced(x.to(torch.promote_types(x.dtype, torch.float32)), producer, eps)
    if weight is not None:
        made = made * weight
    if scale is not None:
        made = made * (1 + by_row(scale.to(made.dtype), made.ndim))
    if shift is not None:
        made = made + by_row(shift, made.ndim)
    limit = LIMITS[dtype]
    most = made.abs().amax(-1, keepdim=True).clamp(min=1e-12)
    value = (made * (limit / most)).clamp(-limit, limit)
    whole = value.round() if dtype == torch.int8 else value
    return whole.to(dtype).contiguous(), (most / limit).float()


def produced(x: Tensor, producer: str, eps: float) -> Tensor:
    """Return what is quantised, before weight, scale and shift."""
    if producer in GATED:
        first, second = x.chunk(2, -1)
        return F.silu(first) * second if producer == "swiglu" else first * F.gelu(second)
    if producer == "gelu_tanh":
        return F.gelu(x, approximate="tanh")
    if producer == "layer_norm":
        return F.layer_norm(x, x.shape[-1:], eps=eps)
    if producer == "rms_norm":
        return F.rms_norm(x, x.shape[-1:], eps=eps)
    return x


def by_row(vector: Tensor, axes: int) -> Tensor:
    """Return (batch, columns) as it is broadcast over (batch, ..., columns)."""
    return vector.reshape(vector.shape[0], *[1] * (axes - 2), vector.shape[-1])


def _empty(
    x: Tensor,
    dtype: torch.dtype,
    producer: str = "none",
    weight: Tensor | None = None,
    scale: Tensor | None = None,
    shift: Tensor | None = None,
    eps: float = 1e-6,
) -> tuple[Tensor, Tensor]:
    if dtype not in LIMITS:
        raise ValueError(f"dtype is {dtype}: it may be float8_e4m3fn or int8")
    if producer not in PRODUCERS:
        raise ValueError(f"producer is {producer!r}: it may be {', '.join(PRODUCERS)}")
    if x.ndim < 2 or not x.shape[-1] or (producer in GATED and x.shape[-1] % 2):
        raise ValueError(f"x has shape {tuple(x.shape)}: (batch, ..., columns) is wanted")
    columns = x.shape[-1] // (2 if producer in GATED else 1)
    if weight is not None and weight.shape != (columns,):
        raise ValueError(f"weight has shape {tuple(weight.shape)}: {columns} columns are wanted")
    for name, vector in (("scale", scale), ("shift", shift)):
        if vector is not None and vector.shape != (x.shape[0], columns):
            raise ValueError(
                f"{name} has shape {tuple(vector.shape)}: {(x.shape[0], columns)} is wanted"
            )
    shape = x.shape[:-1]
    scales = x.new_empty((*shape, 1), dtype=torch.float32)
    return x.new_empty((*shape, columns), dtype=dtype), scales


def _inputs(axes: Axes, dtype: torch.dtype, generator: torch.Generator) -> Inputs:
    batch, columns = int(axes["batch"]), int(axes["columns"])
    producer = str(axes.get("producer", "none"))

    def normal(*shape: int) -> Tensor:
        return torch.randn(shape, generator=generator, device=generator.device).to(dtype)

    made: Inputs = {
        "x": projection(axes, columns * (2 if producer in GATED else 1), dtype, generator),
        "dtype": torch.int8 if axes["to"] == "int8" else torch.float8_e4m3fn,
        "producer": producer,
    }
    if axes.get("weight"):
        made["weight"] = normal(columns)
    if axes.get("modulated"):
        made["scale"], made["shift"] = normal(batch, 2 * columns).chunk(2, -1)
    return made


# One value beside a rounding border may fall to its other side: then the error in the largest
# norm is a step of the type over its largest value, 32 / 448 in fp8.
_STEP = 0.072

SPEC = OpSpec(
    name="quantize_rowwise",
    summary="a norm's or an activation's rows in fp8 or int8, with one scale each",
    fuses="a norm or an activation, a maximum by row, a division and a cast: four passes at least",
    used="before matrix products in 8 bits, eager or compiled; fp8 from sm_89 on",
    reference=reference,
    inputs=_inputs,
    tolerance=dict.fromkeys((torch.float32, torch.float16, torch.bfloat16), _STEP),
    workloads=(
        Workload("odd", sizes(2, 5, 37, to="int8")),
        Workload("odd, fp8", sizes(2, 5, 37, to="fp8")),
        Workload(
            "adaptive layer norm",
            sizes(2, 3, 48, to="fp8", producer="layer_norm", modulated=True, before=2),
        ),
        Workload(
            "RMS norm, weighted", sizes(2, 3, 64, to="int8", producer="rms_norm", weight=True)
        ),
        Workload("GELU", sizes(1, 9, 64, to="fp8", producer="gelu_tanh")),
        Workload("GEGLU", sizes(1, 9, 40, to="int8", producer="geglu")),
        Workload("SwiGLU", sizes(2, 5, 64, to="fp8", producer="swiglu", beside=16)),
        Workload(
            "klein-4B, 1024 px, adaptive norm",
            sizes(1, 4608, 3072, to="fp8", producer="layer_norm", modulated=True),
            real=True,
        ),
        Workload(
            "klein-4B, 1024 px, SwiGLU",
            sizes(1, 4608, 9216, to="fp8", producer="swiglu"),
            real=True,
            compiled=True,
        ),
        Workload(
            "Z-Image, 1024 px, RMS norm",
            sizes(1, 4096, 3840, to="fp8", producer="rms_norm", weight=True),
            real=True,
        ),
        Workload(
            "Wan-1.3B, 480p, chunk of 3, GELU",
            sizes(1, 4680, 8960, to="fp8", producer="gelu_tanh"),
            real=True,
        ),
        Workload(
            "SDXL, 1024 px, GEGLU, int8",
            sizes(1, 1024, 5120, to="int8", producer="geglu"),
            real=True,
            compiled=True,
        ),
    ),
)

OP = register(SPEC, _empty)
