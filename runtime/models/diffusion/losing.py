"""What a refine loses by its quality: measured on pictures of a model's own, against lossless."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
from PIL import Image, ImageDraw

from livedraft.errors import ConfigError
from livedraft.media.chunks import Still, VideoChunk
from livedraft.protocol.messages import Stage
from livedraft.runtime.compute.step_cache import LEAST_STEPS, TIERS

from ..base import Pixels, Request
from .model import DiffusionModel
from .params import DiffusionParams, QualityParams
from .quantising import PROMPTS
from .state import MASK, SKETCH


class Loss(NamedTuple):
    """What pictures at one quality cost, and how near they are to those at lossless."""

    quality: str
    steps: int  # of all pictures
    spared: int  # of these, not computed
    seconds: float  # for all
    decibels: float  # PSNR of the one that is least alike, of 255 levels; infinite: all are equal


def losses(model: DiffusionModel, steps: int | None = None) -> list[Loss]:
    """Make the same final pictures at each quality, in so many steps; None: as many as usual.

    Raises ConfigError for a model that spares no steps, or too few of them.
    """
    name, params = model.info.id, model.params
    if not issubclass(params, QualityParams):
        raise ConfigError(
            f"{name} spares no steps: it takes too few of them",
            fix="measure one that has a param 'quality', such as sd-1.5 or flux-dev",
        )
    if steps is None:
        steps = int(params.model_fields["steps"].default)
    if not LEAST_STEPS <= steps <= model.info.max_steps:
        raise ConfigError(
            f"no steps are spared of {steps}",
            fix=f"name {LEAST_STEPS} to {model.info.max_steps} steps",
        )
    _made(model, PROMPTS[0], LEAST_STEPS, "lossless")  # the first pays for what is done once
    found: list[Loss] = []
    whole: list[Pixels] = []
    for quality in ("lossless", *TIERS):
        begun = time.perf_counter()
        made = [_made(model, prompt, steps, quality) for prompt in PROMPTS]
        seconds = time.perf_counter() - begun
        whole = whole or [pixels for pixels, _ in made]
        worst = min(_psnr(one, true) for (one, _), true in zip(made, whole, strict=True))
        spared = sum(count for _, count in made)
        found.append(Loss(quality, steps * len(made), spared, seconds, worst))
    return found


def _made(model: DiffusionModel, prompt: str, steps: int, quality: str) -> tuple[Pixels, int]:
    """Return a final picture or all frames of a clip, and how many steps were spared."""
    fields: dict[str, Any] = {"prompt": prompt, "steps": steps, "quality": quality}
    if "seconds" in model.params.model_fields:
        fields["seconds"] = 1.0
    params = model.params.model_validate(fields)
    assert isinstance(params, DiffusionParams), "a model's own are"
    state = model.open()
    request = Request(params, dict(_inputs(model)), Stage.FINAL, steps)
    (job,) = model.prepare([(state, request)])
    shown: list[Pixels] = []
    while not job.done:
        model.step([job])
        if job.ready or job.done:
            job.ready = False
            shown += _pixels(model.emit([job])[0])
    model.close(state)
    return np.stack(shown), job.spared.get("spared", 0)


def _inputs(model: DiffusionModel) -> Iterator[tuple[str, Pixels]]:
    """Yield a drawing for each picture that a model has to have, or keeps to the lines of."""
    for spec in model.info.inputs:
        if spec.name != MASK and (spec.required or "control" in model.params.model_fields):
            drawn = Image.new("RGB", (model.info.width, model.info.height), "white")
            box = [side * share for share in (0.2, 0.8) for side in drawn.size]
            ImageDraw.Draw(drawn).ellipse(box, fill="orange", outline="black", width=8)
            yield spec.name or SKETCH, np.asarray(drawn)


def _pixels(outputs: list[Any]) -> list[Pixels]:
    found: list[Pixels] = []
    for each in outputs:
        found += [each.pixels] if isinstance(each, Still) else []
        found += [*each.frames] if isinstance(each, VideoChunk) else []
    return found


def _psnr(made: Pixels, true: Pixels) -> float:
    off = float(np.square(made.astype(np.float64) - true).mean())
    return 10 * math.log10(255**2 / off) if off else math.inf
