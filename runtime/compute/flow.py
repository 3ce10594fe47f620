"""Samplers of models that were taught by flow matching: straight ways from noise to a picture.

Latents are x = (1 - sigma) * picture + sigma * noise. As in ``samplers``, ``steps`` counts the
calls that are made, and ``strength`` says how much noise a picture begins with: of a whole way of
``n`` steps, the last ``k`` are those of strength ``k / n``, and what lies between goes on evenly.
"""

from __future__ import annotations

import copy
import inspect
import math
from itertools import pairwise
from typing import Any

import numpy as np
import torch
from torch import Tensor

from livedraft.errors import WeightsError
from livedraft.kernels.steps import step_row, step_table

from .sampling import Sampler, scheduled

_KIND = "FlowMatchEulerDiscreteScheduler"
_RENOISED = "FlowMatchLCMScheduler"  # to the picture and back, by fresh noise
_CONSISTENCY = "SCMScheduler"
_WHOLE_ANGLE = 1.5708  # of pure noise, as SANA-Sprint was taught
_SECOND_ANGLE = 1.3  # of the second of two whole steps


def flow(
    scheduler: Any,
    steps: int,
    strength: float = 1.0,
    guidance: float = 1.0,
    *,
    shift: float = 1.0,
    least: float | None = None,
) -> Sampler:
    """Euler's method along a flow (Esser et al., arXiv 2403.03206), or what the scheduler does.

    shift: how far a scheduler that shifts by the picture's size does so. least: sigma of the last
    step of a whole way, before it is shifted; None: as large as the steps between the others.
    """
    config, kind = scheduler.config, type(scheduler).__name__
    renoised = kind == _RENOISED and not config.get("scale_factors")
    if kind != _KIND and not renoised:
        return _scheduled(scheduler, steps, strength, guidance, shift, least)
    own = copy.deepcopy(scheduler)
    own.set_timesteps(sigmas=_spaced(steps, strength, least, config), mu=shift)
    levels = [(1 - sigma, sigma) for sigma in own.sigmas.double().tolist()]
    renoise = renoised or bool(config.get("stochastic_sampling"))
    rows = [
        step_row("flow", at, then, renoise=renoise, guidance=guidance)
        for at, then in pairwise(levels)
    ]
    noisy = tuple(row.next_noise != 0 for row in rows)
    times = own.timesteps.to(torch.float32)
    return Sampler(times, step_table(rows), noisy, levels[0], 1.0, tuple(levels[1:]))


def _scheduled(
    scheduler: Any, steps: int, strength: float, guidance: float, shift: float, least: float | None
) -> Sampler:
    """Return the steps of another scheduler of flows, told what its ``set_timesteps`` takes."""
    taken, config = inspect.signature(scheduler.set_timesteps).parameters, scheduler.config
    spacing: dict[str, Any] = {}
    if "mu" in taken and config.get("use_dynamic_shifting"):
        spacing["mu"] = shift
    if "sigmas" in taken and config.get("use_flow_sigmas"):
        spacing["sigmas"] = np.array(_spaced(steps, strength, least, config))
    return scheduled(scheduler, steps, strength, guidance, **spacing)


def shifted(scheduler: Any, sigmas: Tensor, shift: float) -> Tensor:
    """Return noise levels as a schedule of flow matching shifts them; ``shift`` as of ``flow``."""
    config = scheduler.config
    if config.use_dynamic_shifting:
        moved: Tensor = scheduler.time_shift(shift, 1.0, sigmas)
        return moved
    scale = float(config.shift)
    return scale * sigmas / (1 + (scale - 1) * sigmas)


def _spaced(steps: int, strength: float, least: float | None, config: Any) -> list[float]:
    """Return the noise of each step, before it is shifted."""
    smallest = 1 / config.num_train_timesteps
    if least is None:
        found = [strength * (1 - n / steps) for n in range(steps)]
    else:
        whole = steps / strength if strength else float("inf")
        gap = (1 - least) / (whole - 1) if whole > 1 else 0.0
        found = [least + gap * (steps - 1 - n) for n in range(steps)] if gap else [1.0] * steps
    return [max(each, smallest) for each in found]


def trigflow(scheduler: Any, steps: int, strength: float = 1.0) -> Sampler:
    """A continuous-time consistency model's steps (Lu and Song, arXiv 2410.11081).

    Latents are x = cos(t) * picture + sin(t) * noise, with fresh noise in each step but the last.
    Raises WeightsError for another scheduler.
    """
    if type(scheduler).__name__ != _CONSISTENCY:
        raise WeightsError(
            f"the scheduler {type(scheduler).__name__} is none that is known here",
            fix=f"put {_CONSISTENCY} into scheduler/scheduler_config.json",
        )
    angles = [_WHOLE_ANGLE * strength * (1 - n / steps) for n in range(steps)]
    if steps == 2 and strength == 1:
        angles[1] = _SECOND_ANGLE
    times = torch.tensor(angles)
    levels = [(math.cos(t), math.sin(t)) for t in times.double().tolist()]
    rows = [step_row("v", at, then) for at, then in pairwise([*levels, (1.0, 0.0)])]
    noisy = tuple(row.next_noise != 0 for row in rows)
    ends = (*levels[1:], (1.0, 0.0))
    return Sampler(times, step_table(rows), noisy, levels[0], 1.0, ends)
