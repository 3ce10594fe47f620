"""The quality of a refine: each of its steps computed, or some foretold by those before."""

from __future__ import annotations

from livedraft.protocol.messages import Note, Stage
from livedraft.runtime.compute.denoise import Denoising
from livedraft.runtime.compute.step_cache import LEAST_STEPS, TIERS, StepCache

from ..base import Request
from .params import DiffusionParams, QualityParams


def give(way: Denoising, request: Request[DiffusionParams], guidance: float) -> tuple[Note, ...]:
    """Let a refine's steps be foretold where its user allows it; say where they are too few."""
    params = request.params
    if request.stage is Stage.DRAFT or not isinstance(params, QualityParams):
        return ()
    if params.quality == "lossless":
        return ()
    steps = len(way.sampler)
    if steps < LEAST_STEPS:
        message = (
            f"All {steps} steps were computed: quality spares some from {LEAST_STEPS} steps on."
        )
        return (Note(code="none_spared", message=message, param="steps", choices=[]),)
    way.cache = StepCache(way.sampler, TIERS[params.quality], guidance if way.rows == 2 else 1.0)
    return ()
