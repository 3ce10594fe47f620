"""What a sampler is to the denoising loop: rows of a kernel, or steps of a diffusers scheduler."""

from __future__ import annotations

import copy
import inspect
import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any, Self

import torch
from torch import Generator, Tensor

from livedraft.errors import WeightsError
from livedraft.kernels.steps import Level

# What schedulers raise for a config that they cannot step with, and for calls of another kind.
_UNFIT = (
    *(ArithmeticError, AssertionError, AttributeError, ImportError, LookupError),
    *(NotImplementedError, RuntimeError, TypeError, ValueError),
)


@dataclass(frozen=True, slots=True)
class Sampler:
    """A schedule, and what each of its steps computes, on a device."""

    times: Tensor  # (steps,) float32: what the network is told
    table: Tensor  # (steps, 6) float32: rows of `stream_step`
    noisy: tuple[bool, ...]  # of each step: whether it adds fresh noise
    start: Level  # a picture's latents begin at alpha * latents + sigma * noise
    pure: float  # where there is no picture: they begin at this times noise
    ends: tuple[Level, ...] = ()  # after each step they are at alpha * latents + sigma * noise

    def __len__(self) -> int:
        return len(self.noisy)  # a tensor takes its time to tell

    def to(self, device: torch.device) -> Self:
        """Return the same on a device."""
        return replace(self, times=self.times.to(device), table=self.table.to(device))


@dataclass(frozen=True, slots=True)
class Scheduled(Sampler):
    """Steps that a diffusers scheduler takes itself, since they are no rows.

    They depend on those before, as DPM-Solver's and UniPC's do, or are not linear. So each job has
    a copy of the scheduler. Latents are kept as the network reads them, between the steps too.
    """

    scheduler: Any = None  # before its first step
    first: int = 0  # of its timesteps, that is made
    guidance: float = 1.0

    def copied(self) -> Any:
        """Return a scheduler for one job."""
        return copy.deepcopy(self.scheduler)

    def stepped(
        self,
        own: Any,
        number: int,
        latents: Tensor,
        outputs: tuple[Tensor, Tensor | None],
        generator: Generator,
    ) -> Tensor:
        """Return latents after a step of a job's scheduler.

        outputs: the network's, and that without conditioning where there is guidance.
        """
        output, base = outputs
        if base is not None:
            output = base + self.guidance * (output - base)
        time = own.timesteps[self.first + number]
        if getattr(own, "noise_sampler_seed", 0) is None:  # else its noise would be anybody's
            own.noise_sampler_seed = generator.initial_seed()
        more = {"generator": generator} if "generator" in _parameters(own.step) else {}
        x = latents / float(_read(own, torch.ones((), dtype=torch.float64), time))
        x = own.step(output, time, x, return_dict=False, **more)[0]
        if number + 1 < len(self):
            x = _read(own, x, own.timesteps[self.first + number + 1])
        return x.to(latents.dtype)


@contextmanager
def rewinding(generators: Sequence[Generator]) -> Iterator[None]:
    """Have generators draw the same once more where what draws from them raises."""
    begun = [(each, each.get_state()) for each in generators]
    try:
        yield
    except BaseException:
        for generator, state in begun:
            generator.set_state(state)
        raise


def forked(own: Any) -> Any:
    """Return a scheduler that steps on from where another stands, which stays there.

    What it remembers of steps is in lists of tensors, none of which is written to.
    """
    made = copy.copy(own)
    for name, value in vars(own).items():
        if isinstance(value, list):
            setattr(made, name, list(value))
    return made


def scheduled(
    scheduler: Any, steps: int, strength: float, guidance: float, **spacing: Any
) -> Scheduled:
    """Return what a scheduler does in at most so many calls; raise WeightsError for unfit ones.

    Of a whole way of ``n`` steps the last are made, the fewest that begin with no more noise than
    ``strength`` says: 0 to 1. A scheduler of second order takes two calls a step but for the last.
    spacing: what else its ``set_timesteps`` is told; with ``sigmas`` they are the whole way.
    """
    try:
        return _scheduled(copy.deepcopy(scheduler), steps, strength, guidance, spacing)
    except _UNFIT as error:
        name = type(scheduler).__name__
        raise WeightsError(
            f"the scheduler {name} cannot step here: {str(error)[:200]}",
            fix="put one of another kind into scheduler/scheduler_config.json, such as "
            "DPMSolverMultistepScheduler, or FlowMatchEulerDiscreteScheduler for a flow",
        ) from error


def _scheduled(
    own: Any, steps: int, strength: float, guidance: float, spacing: dict[str, Any]
) -> Scheduled:
    order = int(getattr(own, "order", 1))
    made = (steps + order - 1) // order
    if "sigmas" in spacing:
        own.set_timesteps(**spacing)
    else:
        most = own.config.num_train_timesteps
        whole = min(math.ceil(made / strength - 1e-9), most) if strength else most
        own.set_timesteps(max(made, whole), **spacing)
    first = max(0, len(own.timesteps) - (order * made - order + 1))
    times = own.timesteps[first:]
    levels = [_level(own, first + number) for number in range(len(times))]
    begun = _beginning(own, first)
    pure = float(getattr(begun, "init_noise_sigma", 1.0)) * _scale(begun, times[0])
    blank = torch.zeros(1, 1, 2, 2)
    begun.step(blank, times[0], blank, return_dict=False)  # which raises now, if ever
    return Scheduled(
        times.to(torch.float32),
        torch.empty(0, 6),
        (False,) * len(times),
        levels[0],
        pure,
        (*levels[1:], (1.0, 0.0)),
        _beginning(own, first),
        first,
        guidance,
    )


def _beginning(own: Any, index: int) -> Any:
    """Return a copy whose next step is one of its timesteps."""
    made = copy.deepcopy(own)
    if hasattr(made, "set_begin_index"):
        made.set_begin_index(index)
    return made


def _level(own: Any, index: int) -> Level:
    """Return the noise level at a timestep, on the scale that the network reads."""
    one, none = torch.ones(1, dtype=torch.float64), torch.zeros(1, dtype=torch.float64)
    time = own.timesteps[index : index + 1]
    begun = _beginning(own, index)
    if hasattr(begun, "add_noise"):
        alpha, sigma = begun.add_noise(one, none, time), begun.add_noise(none, one, time)
    else:
        alpha, sigma = begun.scale_noise(one, time, none), begun.scale_noise(none, time, one)
    scale = _scale(begun, time[0])
    return scale * float(alpha), scale * float(sigma)


def _scale(own: Any, time: Tensor) -> float:
    return float(_read(own, torch.ones((), dtype=torch.float64), time))


def _read(own: Any, latents: Tensor, time: Tensor) -> Tensor:
    """Return latents as the network reads them."""
    if not hasattr(own, "scale_model_input"):
        return latents
    scaled: Tensor = own.scale_model_input(latents, time)
    return scaled


def _parameters(function: Any) -> Any:
    return inspect.signature(function).parameters
