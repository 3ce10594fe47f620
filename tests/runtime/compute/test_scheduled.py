"""Schedulers whose steps are no rows, a copy a job, against diffusers' own loop."""

from __future__ import annotations

import inspect
from itertools import pairwise
from typing import Any

import diffusers
import numpy as np
import pytest
import torch
from tests.runtime.compute.test_samplers import SHAPE, network, ours, started
from torch import Generator, Tensor

from livedraft.errors import WeightsError
from livedraft.runtime.compute.denoise import Denoiser, Denoising, advance
from livedraft.runtime.compute.flow import flow
from livedraft.runtime.compute.samplers import sampler
from livedraft.runtime.compute.sampling import Scheduled

# diffusers' DEIS asks torch for arrays in a way that NumPy gives up.
pytestmark = pytest.mark.filterwarnings("ignore:__array_wrap__ must accept:DeprecationWarning")

CLOSE = 1e-6  # of the largest value on the way
FAR = 1e-4
_DIFFUSERS: Any = diffusers
_BETAS = {"beta_start": 0.00085, "beta_end": 0.012, "beta_schedule": "scaled_linear"}

CASES: dict[str, tuple[str, dict[str, Any]]] = {
    "DPM++ 2M": ("DPMSolverMultistepScheduler", _BETAS),
    "DPM++ 2M Karras": ("DPMSolverMultistepScheduler", {**_BETAS, "use_karras_sigmas": True}),
    "DPM++ 2M SDE": (
        "DPMSolverMultistepScheduler",
        {**_BETAS, "algorithm_type": "sde-dpmsolver++"},
    ),
    "DPM++ 2S": ("DPMSolverSinglestepScheduler", _BETAS),
    "UniPC": ("UniPCMultistepScheduler", {**_BETAS, "prediction_type": "v_prediction"}),
    "DEIS": ("DEISMultistepScheduler", _BETAS),
    "SA": ("SASolverScheduler", _BETAS),
    "LMS": ("LMSDiscreteScheduler", _BETAS),
    "Heun": ("HeunDiscreteScheduler", _BETAS),
    "KDPM2": ("KDPM2DiscreteScheduler", _BETAS),
    "KDPM2 ancestral": ("KDPM2AncestralDiscreteScheduler", _BETAS),
    "DDPM": ("DDPMScheduler", {**_BETAS, "clip_sample": False}),
    "EDM Euler": ("EDMEulerScheduler", {}),
    "EDM DPM++": ("EDMDPMSolverMultistepScheduler", {}),
    "Euler Karras": ("EulerDiscreteScheduler", {**_BETAS, "use_karras_sigmas": True}),
    "Euler, evenly spaced": ("EulerDiscreteScheduler", _BETAS),
    "DDIM that clips": ("DDIMScheduler", {**_BETAS, "clip_sample": True}),
}


def made(name: str) -> Any:
    kind, config = CASES[name]
    return getattr(_DIFFUSERS, kind)(**config)


def theirs(scheduler: Any, whole: int, steps: int, picture: Tensor | None, seed: int) -> Any:
    """Return what diffusers' pipelines come to with a scheduler, and the largest value on the way.

    Of ``whole`` steps the last ``steps`` are made.
    """
    scheduler.set_timesteps(whole)
    first = (whole - steps) * getattr(scheduler, "order", 1)
    times = scheduler.timesteps[first:]
    if hasattr(scheduler, "set_begin_index"):
        scheduler.set_begin_index(first)
    generator = Generator().manual_seed(seed)
    noise = torch.randn(SHAPE, generator=generator)
    x = noise * scheduler.init_noise_sigma
    if picture is not None:
        x = scheduler.add_noise(picture, noise, times[:1])
    takes = inspect.signature(scheduler.step).parameters
    more = {"generator": generator} if "generator" in takes else {}
    largest = 1.0
    for time in times:
        read = scheduler.scale_model_input(x, time)
        largest = max(largest, float(x.abs().max()), float(read.abs().max()))
        (output,) = network(read, time[None].float(), torch.tensor([0.5]))
        x = scheduler.step(output, time, x, return_dict=False, **more)[0]
    return x, largest, len(times)


PICTURE = torch.randn(SHAPE, generator=Generator().manual_seed(5))


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize(("whole", "steps"), [(1, 1), (5, 5), (7, 4)])
def test_a_scheduler_takes_the_steps_of_diffusers_own_loop(
    name: str, whole: int, steps: int
) -> None:
    picture = None if whole == steps else PICTURE
    wanted, largest, calls = theirs(made(name), whole, steps, picture, 9)
    found = sampler(made(name), calls, steps / whole)
    assert isinstance(found, Scheduled)
    assert len(found) == calls
    (way,) = ours([started(found, picture, 9, 0.5)])
    assert (way - wanted).abs().max() <= CLOSE * largest


def begun(name: str, number: int) -> Denoising:
    return started(sampler(made(name), 3 + number % 3, 1.0), None, number, number / 20)


def test_a_batch_of_unlike_schedulers_and_steps_is_as_each_alone() -> None:
    names = [*CASES, "DPM++ 2M", "UniPC"]  # two of a kind share no memory
    alone = [ours([begun(name, number)])[0] for number, name in enumerate(names)]
    together = [begun(name, number) for number, name in enumerate(names)]
    rows = sampler(_DIFFUSERS.EulerDiscreteScheduler(**_BETAS, timestep_spacing="trailing"), 4)
    among, lone = started(rows, None, 3, 0.4), started(rows, None, 3, 0.4)
    found = ours([among, *together])
    for one, other in zip(found, [*ours([lone]), *alone], strict=True):
        torch.testing.assert_close(one, other, rtol=1e-5, atol=1e-5)


def test_a_job_that_begins_while_another_is_on_its_way_changes_nothing() -> None:
    known = sampler(made("DPM++ 2M"), 5, 1.0)
    (wanted,) = ours([started(known, None, 1, 0.5)])
    ahead = started(known, None, 1, 0.5)
    behind = started(known, None, 1, 0.5)
    denoiser = Denoiser(network, latents="x", time="time")
    advance(denoiser, [ahead])
    advance(denoiser, [ahead])
    for way in ours([behind, ahead]):
        torch.testing.assert_close(way, wanted, rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize("name", ["DPM++ 2M", "UniPC", "LMS"])
def test_without_a_memory_the_picture_would_be_another(name: str) -> None:
    known = sampler(made(name), 5, 1.0)
    (wanted,) = ours([started(known, None, 1, 0.5)])
    assert isinstance(known, Scheduled)
    way = started(known, None, 1, 0.5)
    while not way.done:
        way.own = None
        if way.step:
            way.own = known.copied()
            way.own.set_begin_index(way.step)
        advance(Denoiser(network, latents="x", time="time"), [way])
    assert (way.latents - wanted).abs().max() > FAR


def test_guidance_leads_as_in_rows() -> None:
    known, more = made("DPM++ 2M"), made("DPM++ 2M")
    start = started(sampler(known, 4, 1.0, 4.0), None, 1, 0.0)
    both = Denoising(
        start.latents, start.sampler, [{"text": torch.tensor([0.1, 0.9])}], start.generator, rows=2
    )
    (found,) = ours([both])
    x = start.latents
    more.set_timesteps(4)
    for time in more.timesteps:
        (rows,) = network(x.expand(2, -1, -1, -1), time.expand(2), torch.tensor([0.1, 0.9]))
        led = rows[:1] + 4.0 * (rows[1:] - rows[:1])
        x = more.step(led, time, x, return_dict=False)[0]
    torch.testing.assert_close(found, x, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("strength", [0.0, 0.01, 0.37, 0.7, 1.0])
def test_a_picture_begins_with_no_more_noise_than_is_asked_for(strength: float) -> None:
    found = sampler(made("DPM++ 2M"), 4, strength)
    assert len(found) == 4
    whole = sampler(made("DPM++ 2M"), 100, 1.0)
    assert float(found.times[0]) <= max(1000 * strength, float(whole.times[-4])) + 1
    assert len(found.ends) == 4
    assert found.ends[-1] == (1.0, 0.0)
    levels = [found.start, *found.ends]
    assert all(one[1] / one[0] > two[1] / two[0] for one, two in pairwise(levels))


@pytest.mark.parametrize(
    ("kind", "config"),
    [
        ("UniPCMultistepScheduler", {"flow_shift": 3.0}),
        ("UniPCMultistepScheduler", {"use_dynamic_shifting": True}),
        ("DPMSolverMultistepScheduler", {"flow_shift": 3.0}),
        ("FlowMatchHeunDiscreteScheduler", {"shift": 3.0}),
    ],
)
def test_flows_take_other_schedulers(kind: str, config: dict[str, Any]) -> None:
    ways = {"use_flow_sigmas": True, "prediction_type": "flow_prediction"}
    known = getattr(_DIFFUSERS, kind)(**config, **(ways if "Heun" not in kind else {}))
    own = getattr(_DIFFUSERS, kind).from_config(known.config)
    if config.get("use_dynamic_shifting"):
        own.set_timesteps(sigmas=np.array([1.0, 0.8, 0.6, 0.4, 0.2]), mu=0.7)
    elif kind == "UniPCMultistepScheduler":
        own.set_timesteps(sigmas=np.array([1.0, 0.8, 0.6, 0.4, 0.2]))
    else:
        own.set_timesteps(5)
    generator = Generator().manual_seed(9)
    x = torch.randn(SHAPE, generator=generator)
    found = flow(known, len(own.timesteps), shift=0.7)
    (way,) = ours([started(found, None, 9, 0.5)])
    for time in own.timesteps:
        (output,) = network(x, time[None].float(), torch.tensor([0.5]))
        x = own.step(output, time, x, return_dict=False)[0]
    torch.testing.assert_close(way, x, rtol=1e-5, atol=1e-5)
    (other,) = ours([started(flow(known, 3, shift=0.7), None, 9, 0.5)])
    assert (other - x).abs().max() > FAR


def test_fresh_noise_of_a_flow_is_the_jobs_own() -> None:
    known = _DIFFUSERS.FlowMatchEulerDiscreteScheduler(stochastic_sampling=True)
    found = flow(known, 3)
    assert found.noisy == (True, True, False)
    one, again, other = (ours([started(found, None, seed, 0.5)])[0] for seed in (1, 1, 2))
    assert torch.equal(one, again)
    assert not torch.equal(one, other)


def test_a_scheduler_that_cannot_step_is_told() -> None:
    with pytest.raises(WeightsError, match="VQDiffusionScheduler") as caught:
        sampler(_DIFFUSERS.VQDiffusionScheduler(num_vec_classes=4), 2)
    assert "scheduler_config.json" in caught.value.fix
