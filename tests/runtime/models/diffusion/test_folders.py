"""Every name of the catalogue: written, judged, loaded from its folder, the same, and gone."""

from __future__ import annotations

import gc
import weakref
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from tests.runtime.models.diffusion.asking import NAMES, PICTURE, made, prepared

from livedraft.runtime.models import MODELS
from livedraft.runtime.models.base import Plan
from livedraft.runtime.models.diffusion.catalogue import CATALOGUE
from livedraft.runtime.models.diffusion.model import DiffusionModel
from livedraft.runtime.models.diffusion.weights import judge

# diffusers' schedulers ask torch for arrays in a way that NumPy gives up.
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")


@pytest.mark.parametrize("name", NAMES)
def test_a_folder_is_judged_and_paints_the_same_and_leaves_nothing(
    name: str, tmp_path: Path
) -> None:
    kind = MODELS.load(name)
    assert issubclass(kind, DiffusionModel)
    tiny = kind.tiny()
    folder = tmp_path / name
    tiny.save(folder)
    verdict = judge(CATALOGUE[name], str(folder), Plan(), (name,))
    assert verdict.troubles == ()
    loaded = kind.load(str(folder))
    held = {
        tensor.data_ptr(): 4 * tensor.numel()
        for network in loaded._family.pipe.components.values()
        if isinstance(network, torch.nn.Module)
        for tensor in network.state_dict().values()
    }
    assert verdict.memory_bytes == sum(held.values())
    pictures = [
        made(model, prepared(model, PICTURE, 2, prompt="a red fox", seed=3, width=64, height=64))
        for model in (tiny, loaded)
    ]
    np.testing.assert_allclose(pictures[0], pictures[1], atol=1e-5)
    half = kind.load(str(folder), Plan(dtype="bfloat16"))
    job = prepared(half, PICTURE, 2, prompt="a red fox", seed=3, width=64, height=64)
    assert torch.isfinite(made(half, job)).all()
    assert half._family._own_dtype is torch.bfloat16
    network = weakref.ref(loaded._family.denoiser.network)
    del loaded, pictures, held
    gc.collect()
    assert network() is None


def test_a_file_that_is_written_over_changes_nothing_that_is_served(tmp_path: Path) -> None:
    """Were the file mapped, one made shorter would even end the process."""
    kind = MODELS.load("sd-turbo")
    assert issubclass(kind, DiffusionModel)
    kind.tiny().save(tmp_path)
    models = [kind.load(str(tmp_path)) for _ in range(2)]
    ways: dict[str, Any] = {"prompt": "a red fox", "seed": 3}
    before = made(models[0], prepared(models[0], PICTURE, 1, **ways))
    for file in tmp_path.rglob("*.safetensors"):
        with file.open("r+b") as there:
            there.write(bytes(file.stat().st_size))
    after = made(models[1], prepared(models[1], PICTURE, 1, **ways))
    assert torch.equal(before, after)
