"""Tokens and attention of a call shared among the ranks of a stage, by diffusers' own hooks."""

from __future__ import annotations

import importlib
from typing import Any

import torch
from torch import Tensor

from .shares import Spec

# Attention that tells its sums, which those of a ring are joined by. On a CPU diffusers has none;
# ours takes the place of one that shares nothing, in this process, where nobody else asks for it.
_OF_RINGS = {"cuda": "_native_cudnn", "cpu": "_native_math"}


def share_attention(network: Any, spec: Spec, number: int, mesh: Any, device: torch.device) -> None:
    """Have diffusers split tokens and attention among the ranks of ``mesh``: ring, ulysses.

    As its ``enable_parallelism`` does, which divides by the number of accelerators, so by zero on
    a CPU, and knows nothing of several groups.
    """
    modeling: Any = importlib.import_module("diffusers.models._modeling_parallel")
    hooks: Any = importlib.import_module("diffusers.hooks.context_parallel")
    if spec.ring > 1:
        if device.type == "cpu":
            _register()
        network.set_attention_backend(_OF_RINGS[device.type])
    anything = {
        "ulysses_anything": spec.ring == 1,  # any number of tokens, and of heads
        "ring_anything": spec.ulysses == 1,
    }
    config = modeling.ContextParallelConfig(
        ring_degree=spec.ring, ulysses_degree=spec.ulysses, **anything
    )
    both = modeling.ParallelConfig(context_parallel_config=config)
    both.setup(number, len(spec.devices), device, mesh=mesh)
    network._parallel_config = both
    for module in network.modules():
        processor = getattr(module, "processor", None)
        if processor is not None and hasattr(processor, "_parallel_config"):
            processor._parallel_config = both
    hooks.apply_context_parallel(network, config, network._cp_plan)


def _register() -> None:
    dispatch: Any = importlib.import_module("diffusers.models.attention_dispatch")
    name = dispatch.AttentionBackendName(_OF_RINGS["cpu"])

    def attention(
        query: Tensor,
        key: Tensor,
        value: Tensor,
        attn_mask: Tensor | None = None,
        scale: float | None = None,
        _parallel_config: Any = None,
    ) -> Any:
        return dispatch._templated_context_parallel_attention(
            *(query, key, value, attn_mask),
            scale=scale,
            forward_op=_with_sums,
            backward_op=None,
            _parallel_config=_parallel_config,
        )

    register = dispatch._AttentionBackendRegistry.register
    register(name, supports_context_parallel=True)(attention)


def _with_sums(
    _ctx: Any,
    query: Tensor,
    key: Tensor,
    value: Tensor,
    attn_mask: Tensor | None,
    dropout: float,
    causal: bool,
    scale: float | None,
    *_: Any,
    **__: Any,
) -> tuple[Tensor, Tensor]:
    """Return attention and the logarithms of its sums: (batch, tokens, heads[, channels])."""
    heads = [each.transpose(1, 2) for each in (query, key, value)]
    made, sums = torch.ops.aten._scaled_dot_product_flash_attention_for_cpu(
        *heads, dropout, causal, attn_mask=attn_mask, scale=scale
    )
    return made.transpose(1, 2), sums.transpose(1, 2)
