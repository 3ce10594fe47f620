"""The quality of a refine: each of its steps computed, or some foretold by those before."""

from __future__ import annotations

from livedraft.protocol.messages import Note, Stage
from livedraft.runtime.compute.denoise import Denoising
from livedraft.runtime.compute.step_cache import LEAST_STEPS, TIERS, StepCache

from ..base import Request
from .params import DiffusionParams, QualityParams


def give(way: Denoising, request: Request[DiffusionParams], guidance: float) -> tuple[Note, ...]:
    """Let a refine's steps be foretold where its user allows it; say where none can be."""
    params = request.params
    if request.stage is Stage.DRAFT or not isinstance(params, QualityParams):
        return ()
    if params.quality == "lossless":
        return ()
    steps = len(way.sampler)
    if steps < LEAST_STEPS:
        return _none(steps, f"quality spares some from {LEAST_STEPS} steps on", "steps")
    if way.residual is not None:  # what the network says is not what the sampler is led by
        return _none(steps, "quality spares none with residual guidance", "residual")
    # Of a step's two calls the second is of latents that the first only tries.
    if getattr(getattr(way.sampler, "scheduler", None), "order", 1) > 1:
        return _none(steps, "quality spares none with a scheduler of second order", "quality")
    way.cache = StepCache(way.sampler, TIERS[params.quality], guidance if way.rows == 2 else 1.0)
    return ()


def _none(steps: int, why: str, param: str) -> tuple[Note, ...]:
    message = f"All {steps} steps were computed: {why}."
    return (Note(code="none_spared", message=message, param=param, choices=[]),)
