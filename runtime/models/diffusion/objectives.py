"""What a denoiser learns of pictures: latents with noise at some time, and what it is to say."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import torch
from torch import Generator, Tensor

from livedraft.runtime.compute.flow import shifted

from .asked import Asked
from .families.flow import FlowFamily
from .family import Family


class Noised(NamedTuple):
    """Latents on their way, the time of each, and what the network is to say of them."""

    latents: Tensor
    times: Tensor
    target: Tensor


Objective = Callable[[Tensor, Generator], Noised]


def objective(family: Family, asked: Asked) -> Objective | None:
    """Return what pictures of a kind are learned by; None where there is nothing simple.

    The plain objective of denoising (Ho et al., 2020), in the noise or the velocity as the network
    predicts it; for families of flow matching the way from the picture to the noise, at times that
    lie in the middle more often (Esser et al., 2024), shifted by the size as in the sampler.
    """
    scheduler = family.pipe.scheduler
    if hasattr(scheduler, "alphas_cumprod"):
        return lambda latents, draw: _diffused(scheduler, latents, draw)
    if isinstance(family, FlowFamily):
        shift = family.shift(asked)
        return lambda latents, draw: _flowing(scheduler, shift, latents, draw)
    return None  # such as distillation itself, by a teacher


def _diffused(scheduler: Any, latents: Tensor, draw: Generator) -> Noised:
    kept_by_time: Tensor = scheduler.alphas_cumprod
    times = torch.randint(len(kept_by_time), (len(latents),), generator=draw)
    noise = torch.randn(latents.shape, generator=draw).to(latents)
    kept = kept_by_time[times].view(-1, 1, 1, 1).to(latents)
    alpha, sigma = kept.sqrt(), (1 - kept).sqrt()
    velocity = scheduler.config.prediction_type == "v_prediction"
    target = alpha * noise - sigma * latents if velocity else noise
    return Noised(alpha * latents + sigma * noise, times.to(latents.device), target)


def _flowing(scheduler: Any, shift: float, latents: Tensor, draw: Generator) -> Noised:
    even = torch.randn(len(latents), generator=draw).sigmoid()
    sigmas = shifted(scheduler, even, shift)
    noise = torch.randn(latents.shape, generator=draw).to(latents)
    sigma = sigmas.view(-1, 1, 1, 1).to(latents)
    times = sigmas.to(latents.device) * scheduler.config.num_train_timesteps
    return Noised((1 - sigma) * latents + sigma * noise, times, noise - latents)
