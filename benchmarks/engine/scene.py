"""What all cases share: a pipeline of the library, and our engine with the same weights."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from itertools import pairwise
from typing import Any

import torch
from torch import Generator, Tensor

from livedraft.kernels.steps import step_row, step_table
from livedraft.runtime.compute.execution import Choice, Execution
from livedraft.runtime.compute.sampling import Sampler

from .networks import Place

SEED = 7


class Scene(ABC):
    """Pictures of one size, so many of a call: made by the library's pipeline, and by ours.

    Prompts are encoded before, on both sides: a session's prompt changes seldom. Pictures come and
    stay on the device, as float tensors.
    """

    def __init__(self, place: Place, batch: int) -> None:
        self.place = place
        self.batch = batch
        self.executions: dict[str, Execution] = {}

    controls: tuple[str, ...] = ("seed", "time")  # wrong in these, a picture has to be found wrong

    @abstractmethod
    def library(self) -> Tensor:
        """Return what diffusers' pipeline makes, (pictures, channels, height, width), 0 to 1."""

    @abstractmethod
    def ours(self, seed: int = SEED, late: float = 1.0) -> Tensor:
        """Return what our engine makes of the same, or of another seed, or told a wrong time."""

    @property
    @abstractmethod
    def network(self) -> Any:
        """The denoiser of the library's pipeline."""

    def warm(self) -> dict[str, list[Choice]]:
        """Warm every part in the buckets that ``ours`` calls; return what was chosen for each."""
        with ExitStack() as warming:
            for execution in self.executions.values():
                warming.enter_context(execution.warming())
            self.ours()
        return {name: execution.choices for name, execution in self.executions.items()}

    def more(self) -> dict[str, Any]:
        """Return what else is measured of ours, times in ms."""
        return {}

    def part(self, name: str, call: Callable[..., Any], *within: Any) -> Execution:
        """Return how a part of ours is run, which goes through these modules: as measures best."""
        whole = f"{type(self).__name__}.{name}"
        self.executions[name] = made = Execution(call, name=whole, within=within)
        return made

    def normal(self, *shape: int, seed: int, dtype: torch.dtype) -> Tensor:
        """Return seeded noise, made on the device: prompts, pictures."""
        device = self.place.device
        generator = Generator(device).manual_seed(seed)
        return torch.randn(shape, generator=generator, device=device).to(dtype)

    def generators(self, seed: int = SEED) -> list[Generator]:
        """Return a generator for each picture, on the CPU: a seed is the same on every device."""
        return [Generator("cpu").manual_seed(seed + row) for row in range(self.batch)]

    def noise(self, generators: Sequence[Generator], *shape: int, dtype: torch.dtype) -> Tensor:
        """Return the noise that pictures begin with, drawn as the library draws it."""
        rows = [torch.randn((1, *shape), generator=each, dtype=dtype) for each in generators]
        return torch.cat(rows).to(self.place.device)


def shown(decoded: Tensor) -> Tensor:
    """Return what a VAE decoded, -1 to 1 and a little beyond, as pictures, 0 to 1."""
    return (decoded / 2 + 0.5).clamp(0, 1)


def silent(pipe: Any) -> Any:
    """Return a pipeline without its progress bar."""
    pipe.set_progress_bar_config(disable=True)
    return pipe


def flow(scheduler: Any, device: torch.device) -> Sampler:
    """Return Euler's steps along a flow, of a scheduler whose timesteps are set."""
    sigmas, times = scheduler.sigmas.tolist(), scheduler.timesteps.float()
    rows = [
        step_row("flow", (1 - at, at), (1 - then, then), renoise=False)
        for at, then in pairwise(sigmas)
    ]
    table = step_table(rows).to(device)
    return Sampler(times.to(device), table, (False,) * len(rows), (0.0, 1.0), 1.0)


def slowed(made: Sampler, late: float) -> Sampler:
    """Return a sampler that tells the network other times: what a check has to see."""
    return Sampler(made.times * late, made.table, made.noisy, made.start, made.pure)
