"""Samplers: from a scheduler's config to the rows of `stream_step`, one a step.

Latents are kept at the noise level's own scale, x = alpha * picture + sigma * noise, so a network
reads them as they are. ``steps`` counts the calls that are made, and ``strength`` says how much
noise a picture begins with: of a whole way of ``n`` steps, the last ``k`` are those of strength
``k / n``, and what lies between goes on evenly.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any

import torch

from livedraft.kernels.steps import Level, Prediction, StepRow, step_row, step_table

from .sampling import Sampler, scheduled

__all__ = ["ETA", "SAMPLERS", "Sampler", "sampler"]

Make = Callable[[Any, int, float, float], Sampler]  # scheduler, steps, strength, guidance
ETA = 0.3  # of TCD, what its authors advise
# What configs may say of other schedules, and of steps that are not linear: those are no rows.
_PLAIN: dict[str, Any] = {
    "use_karras_sigmas": False,
    "use_exponential_sigmas": False,
    "use_beta_sigmas": False,
    "timestep_type": "discrete",
    "interpolation_type": "linear",
    "final_sigmas_type": "zero",
    "clip_sample": False,
    "thresholding": False,
}
_SPACINGS = ("trailing", "leading")


def sampler(scheduler: Any, steps: int, strength: float = 1.0, guidance: float = 1.0) -> Sampler:
    """Return what a diffusers scheduler does in so many steps; raise WeightsError for unfit ones.

    strength: 0 to 1, of the noise that a picture begins with. guidance: classifier-free
    guidance's scale; 1 is without. What is no row takes the scheduler's own steps.
    """
    rows = SAMPLERS.get(type(scheduler).__name__)
    if rows is None or not _is_plain(scheduler.config):
        return scheduled(scheduler, steps, strength, guidance)
    return rows(scheduler, steps, strength, guidance)


def _is_plain(config: Any) -> bool:
    """Tell whether rows say all that a config does."""
    spaced_so = config.get("timestep_spacing") in _SPACINGS or "original_inference_steps" in config
    return spaced_so and all(config.get(key, plain) == plain for key, plain in _PLAIN.items())


def euler(scheduler: Any, steps: int, strength: float, guidance: float) -> Sampler:
    """Euler's method along the model's own noise (Karras et al., arXiv 2206.00364).

    In x = alpha * picture + sigma * noise it is DDIM's step, whose last goes to the picture itself.
    """
    config, times = scheduler.config, spaced(scheduler.config, steps, strength)
    levels = [*_levels(scheduler, times), (1.0, 0.0)]
    rows = _along(scheduler, levels, guidance)
    pure = 1.0 if config.timestep_spacing == "leading" else levels[0][1]
    return _made(times, rows, levels, pure)


def euler_ancestral(scheduler: Any, steps: int, strength: float, guidance: float) -> Sampler:
    """Euler's method a little further than the next level, and back to it by fresh noise.

    Source: Crowson's k-diffusion, in units of sigma / alpha.
    """
    made = euler(scheduler, steps, strength, guidance)
    levels = [*_levels(scheduler, made.times.tolist()), (1.0, 0.0)]
    rows = []
    for (alpha, sigma), (then_alpha, then_sigma) in pairwise(levels):
        here, there = sigma / alpha, then_sigma / then_alpha
        up = there * (1 - (there / here) ** 2) ** 0.5
        down = (there**2 - up**2) ** 0.5
        row = _row(scheduler, (alpha, sigma), (then_alpha, then_alpha * down), False, guidance)
        rows.append(row._replace(next_noise=then_alpha * up))
    return _made(made.times.tolist(), rows, levels, made.pure)


def ddim(scheduler: Any, steps: int, strength: float, guidance: float) -> Sampler:
    """DDIM without fresh noise (Song et al., arXiv 2010.02502)."""
    times = spaced(scheduler.config, steps, strength)
    gap = _gap(scheduler.config, steps, strength)
    at, then = _levels(scheduler, times), _levels(scheduler, [time - gap for time in times])
    rows = [
        _row(scheduler, here, there, False, guidance) for here, there in zip(at, then, strict=True)
    ]
    return _made(times, rows, at, 1.0)


def lcm(scheduler: Any, steps: int, strength: float, guidance: float) -> Sampler:
    """A latent consistency model's steps, with fresh noise between them (arXiv 2310.04378)."""
    times = _taught(scheduler.config, steps, strength)
    levels = [*_levels(scheduler, times), (1.0, 0.0)]
    rows = []
    for time, (at, then) in zip(times, pairwise(levels), strict=True):
        skip, out = map(float, scheduler.get_scalings_for_boundary_condition_discrete(time))
        rows.append(_row(scheduler, at, then, True, guidance, skip=skip, out=out))
    return _made(times, rows, levels, 1.0)


def tcd(scheduler: Any, steps: int, strength: float, guidance: float) -> Sampler:
    """Trajectory consistency: to a level below the next, and up to it by noise (arXiv 2402.19159).

    The last step goes to the picture itself.
    """
    times = _taught(scheduler.config, steps, strength)
    at = _levels(scheduler, times)
    rows = []
    for number, here in enumerate(at):
        then = times[number + 1] if number + 1 < steps else 0.0
        ((low_alpha, low_sigma),) = _levels(scheduler, [int((1 - ETA) * then)])
        ((alpha, _),) = _levels(scheduler, [then])
        row = _row(scheduler, here, (low_alpha, low_sigma), False, guidance)
        if number + 1 < steps:
            up = alpha / low_alpha
            row = row._replace(
                next_x0=up * row.next_x0,
                next_latents=up * row.next_latents,
                next_noise=(1 - up**2) ** 0.5,
            )
        rows.append(row)
    return _made(times, rows, at, 1.0)


SAMPLERS: dict[str, Make] = {
    "EulerDiscreteScheduler": euler,
    "EulerAncestralDiscreteScheduler": euler_ancestral,
    "DDIMScheduler": ddim,
    "PNDMScheduler": ddim,  # of the same weights: its memory of earlier steps gains little
    "LCMScheduler": lcm,
    "TCDScheduler": tcd,
}


def spaced(config: Any, steps: int, strength: float) -> list[float]:
    """Return the timesteps that a scheduler's config spaces, largest first."""
    span = config.num_train_timesteps * strength
    if config.timestep_spacing == "trailing":
        ends = (round(round(span * (1 - n / steps), 9)) - 1 for n in range(steps))
        return [float(max(end, 0)) for end in ends]
    gap = _gap(config, steps, strength)
    return [float(gap * n + config.steps_offset) for n in reversed(range(steps))]


def _gap(config: Any, steps: int, strength: float) -> int:
    return int(round(config.num_train_timesteps * strength / steps, 9))


def _taught(config: Any, steps: int, strength: float) -> list[float]:
    """Return timesteps among those of the schedule that a consistency model was taught with."""
    taught = config.original_inference_steps
    gap = config.num_train_timesteps // taught
    most = max(steps, int(round(taught * strength, 9)))
    among = [gap * n - 1 for n in range(most, 0, -1)]
    return [float(among[most * n // steps]) for n in range(steps)]


def _levels(scheduler: Any, times: Sequence[float]) -> list[Level]:
    """Return the noise level at each timestep; before the first is what the config says."""
    kept = scheduler.alphas_cumprod.double()
    last = float(getattr(scheduler, "final_alpha_cumprod", 1.0))
    found = [float(kept[int(time)]) if time >= 0 else last for time in times]
    return [(each**0.5, (1 - each) ** 0.5) for each in found]


def _along(scheduler: Any, levels: Sequence[Level], guidance: float) -> list[StepRow]:
    return [
        _row(scheduler, at, then, renoise=False, guidance=guidance) for at, then in pairwise(levels)
    ]


_PREDICTIONS: dict[str, Prediction] = {"epsilon": "eps", "v_prediction": "v", "sample": "x0"}


def _row(
    scheduler: Any, at: Level, then: Level, renoise: bool, guidance: float, **bounds: float
) -> StepRow:
    prediction = _PREDICTIONS[scheduler.config.prediction_type]
    return step_row(prediction, at, then, renoise=renoise, guidance=guidance, **bounds)


def _made(
    times: Sequence[float], rows: Sequence[StepRow], levels: Sequence[Level], pure: float
) -> Sampler:
    """Return a sampler; ``levels`` are those before its steps, and the last goes to the picture."""
    noisy = tuple(row.next_noise != 0 for row in rows)
    ends = (*levels[1 : len(rows)], (1.0, 0.0))
    return Sampler(torch.tensor(times), step_table(rows), noisy, levels[0], pure, ends)
