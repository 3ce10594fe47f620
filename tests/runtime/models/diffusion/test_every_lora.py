"""Every family takes LoRAs: a batch of sessions with unlike ones equals each of them alone."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
from tests.runtime.compute.adapters.nets import in_peft, pairs, save
from tests.runtime.models.attaching import add_lora
from tests.runtime.models.diffusion.asking import NAMES, OTHER, PICTURE, prepared
from torch import Tensor

from livedraft.runtime.models import MODELS
from livedraft.runtime.models.diffusion.model import DiffusionModel
from livedraft.runtime.models.diffusion.state import DiffusionJob

CLOSE, FAR = 2e-5, 1e-3


def stepped(model: DiffusionModel, jobs: list[DiffusionJob]) -> list[Tensor]:
    """Take two steps of all, in as few calls as their keys allow."""
    for _ in range(2):
        for key in {job.key for job in jobs}:
            model.step([job for job in jobs if job.key == key])
    return [job.way.latents for job in jobs]


@pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")
@pytest.mark.parametrize("name", NAMES)
def test_unlike_loras_in_one_batch_are_as_alone(name: str, tmp_path: Path) -> None:
    kind = MODELS.load(name)
    assert issubclass(kind, DiffusionModel)
    model = kind.tiny()
    parts = model._family.pipe.components
    part = "unet" if parts.get("unet") is not None else "transformer"
    for seed, style in enumerate(("one", "two")):
        found = pairs(kind.tiny()._family.pipe.components[part], 2, seed, ("to_q", "to_v"))
        assert found
        file = save(tmp_path / f"{style}.safetensors", in_peft(found, f"{part}."))
        assert add_lora(model, style, file)
    asked: list[dict[str, Any]] = [
        {"picture": PICTURE, "prompt": "a fox", "loras": {"one": 1.0}},
        {"picture": OTHER, "prompt": "two blue birds at night", "loras": {"two": 0.7}},
        {"picture": PICTURE, "prompt": "a fox", "loras": {}},
    ]
    together = stepped(model, [prepared(model, steps=2, seed=3, **each) for each in asked])
    for each, made in zip(asked, together, strict=True):
        (alone,) = stepped(model, [prepared(model, steps=2, seed=3, **each)])
        assert float((alone - made).abs().max()) < CLOSE * max(1.0, float(alone.abs().max()))
    assert float((together[0] - together[2]).abs().max()) > FAR, "a LoRA changes something"
    assert torch.isfinite(together[0]).all()
