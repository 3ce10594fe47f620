"""Requests to a diffusion model, by hand, and what diffusers' own pipelines make of the same."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import diffusers
import numpy as np
import torch
from PIL import Image
from torch import Tensor

from livedraft.protocol.messages import Stage
from livedraft.runtime.models.base import Pixels, Request
from livedraft.runtime.models.diffusion.catalogue import CATALOGUE
from livedraft.runtime.models.diffusion.model import DiffusionModel
from livedraft.runtime.models.diffusion.state import DiffusionJob, DiffusionState

STREAMS = {name for name, entry in CATALOGUE.items() if entry.task == "text-to-stream"}
# What begins and ends; see test_causal and test_sound for the others.
NAMES = sorted(CATALOGUE.keys() - STREAMS - {"stable-audio"})
PICTURE = np.random.default_rng(1).integers(0, 256, (64, 64, 3), np.uint8)
OTHER = np.random.default_rng(2).integers(0, 256, (64, 64, 3), np.uint8)
_PIPELINES: Any = diffusers


def request(
    model: DiffusionModel,
    picture: Pixels | None,
    steps: int,
    *,
    stage: Stage = Stage.FINAL,
    **params: Any,
) -> Request[Any]:
    name = next(iter(model.pictures), None)
    inputs = {} if picture is None or name is None else {name: picture}
    return Request(model.params.model_validate(params), inputs, stage, steps)


def prepared(
    model: DiffusionModel,
    picture: Pixels | None,
    steps: int,
    *,
    state: DiffusionState | None = None,
    **params: Any,
) -> DiffusionJob:
    asked = request(model, picture, steps, **params)
    (job,) = model.prepare([(state or model.open(), asked)])
    return job


def made(model: DiffusionModel, job: DiffusionJob) -> Tensor:
    """Return a finished picture, (1, 3, height, width), 0 to 1, before it becomes bytes."""
    while not job.done:
        model.step([job])
    with torch.inference_mode():
        return (model._family.decode(job.way.latents, job.small) / 2 + 0.5).clamp(0, 1)


def theirs(
    model: DiffusionModel,
    kind: str,
    prompt: str | None,
    seed: int,
    picture: Pixels | None = None,
    parts: Mapping[str, Any] | None = None,
    sample: int = 0,
    drawn_first: tuple[int, ...] = (),
    **ways: Any,
) -> Tensor:
    """Return what a pipeline of diffusers makes of a model's parts, ``parts`` instead of some.

    ``sample`` is its native size in latents, of one that makes nothing smaller. ``drawn_first`` is
    the shape of its first noise, where it draws what comes after that from torch's own generator.
    """
    found = dict(model._family.pipe.components) | dict(parts or {})
    scheduler = found["scheduler"]
    found["scheduler"] = type(scheduler).from_config(scheduler.config)
    if "safety_checker" in found:
        found["requires_safety_checker"] = False
    if "transformer_2" in found:
        found["boundary_ratio"] = model._family.pipe.config.boundary_ratio
    if model._family.pipe.config.get("expand_timesteps"):
        found["expand_timesteps"] = True
    pipe = getattr(_PIPELINES, kind)(**found)
    pipe.set_progress_bar_config(disable=True)
    if sample:
        pipe.default_sample_size = sample
    if picture is not None:
        ways["image"] = Image.fromarray(picture)
    generator = torch.Generator("cpu").manual_seed(seed)
    with torch.random.fork_rng(devices=[]):
        if drawn_first:
            after = torch.Generator("cpu").manual_seed(seed)
            torch.randn(drawn_first, generator=after)
            torch.set_rng_state(after.get_state())
        made = pipe(prompt=prompt, generator=generator, output_type="pt", **ways)
    pictures: Tensor = made.frames if hasattr(made, "frames") else made.images
    return pictures


def difference(one: Tensor, other: Tensor) -> float:
    return float((one - other).abs().max())
