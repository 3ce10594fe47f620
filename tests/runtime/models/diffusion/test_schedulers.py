"""A folder's scheduler is what its weights say: one with a memory steps as diffusers' loop does."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import diffusers
import pytest
from diffusers.utils import dummy_torch_and_torchsde_objects as missing
from diffusers.utils import import_utils
from tests.runtime.models.diffusion.asking import OTHER, PICTURE, difference, made, prepared, theirs

from livedraft.errors import WeightsError
from livedraft.runtime.models.base import Pixels
from livedraft.runtime.models.diffusion.parts import save, tiny
from livedraft.runtime.models.diffusion.unet_models import SD15

CLOSE = 1e-5  # of 0..1, before they become bytes
FAR = 1e-4
_DIFFUSERS: Any = diffusers
_BETAS = {
    "beta_start": 0.00085,
    "beta_end": 0.012,
    "beta_schedule": "scaled_linear",
    "steps_offset": 1,
}


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("weights") / "sd"
    save(tiny(SD15._kind()), folder)
    return folder


def scheduled(weights: Path, folder: Path, kind: str, **config: Any) -> Path:
    """Return a copy of a folder with another scheduler."""
    shutil.copytree(weights, folder)
    text = (folder / "model_index.json").read_text().replace("PNDMScheduler", kind)
    (folder / "model_index.json").write_text(text)
    getattr(_DIFFUSERS, kind)(**config).save_pretrained(folder / "scheduler")
    return folder


def wanted(model: SD15, prompt: str, seed: int, picture: Pixels | None, whole: int) -> Any:
    kind = f"StableDiffusion{'' if picture is None else 'Img2Img'}Pipeline"
    ways: dict[str, Any] = {"guidance_scale": 4.0, "num_inference_steps": whole}
    ways |= {"width": 64, "height": 64} if picture is None else {"strength": 0.5}
    return theirs(model, kind, prompt, seed, picture, **ways)


def test_a_memory_is_a_jobs_own(weights: Path, tmp_path: Path) -> None:
    karras = {**_BETAS, "use_karras_sigmas": True}
    folder = scheduled(weights, tmp_path / "dpm", "DPMSolverMultistepScheduler", **karras)
    model = SD15.load(str(folder))
    ahead = prepared(model, None, 5, seed=1, prompt="a fox", guidance=4)
    model.step([ahead])
    model.step([ahead])
    behind = prepared(model, OTHER, 3, seed=2, prompt="two birds", guidance=4, strength=0.5)
    assert ahead.key == behind.key
    for _ in range(3):
        model.step([ahead, behind])
    assert difference(made(model, ahead), wanted(model, "a fox", 1, None, 5)) <= CLOSE
    assert difference(made(model, behind), wanted(model, "two birds", 2, OTHER, 6)) <= CLOSE
    plain = SD15.load(str(weights))
    other = prepared(plain, None, 5, seed=1, prompt="a fox", guidance=4)
    assert difference(made(plain, other), made(model, ahead)) > FAR


def test_two_calls_a_step_are_told_as_they_are(weights: Path, tmp_path: Path) -> None:
    folder = scheduled(weights, tmp_path / "heun", "HeunDiscreteScheduler", **_BETAS)
    model = SD15.load(str(folder))
    job = prepared(model, PICTURE, 6, seed=1, prompt="a fox", guidance=4, strength=0.5)
    assert job.steps == 5  # three steps, the last of one call
    assert difference(made(model, job), wanted(model, "a fox", 1, PICTURE, 6)) <= CLOSE


def test_noise_that_a_scheduler_draws_by_itself_is_of_the_jobs_seed(
    weights: Path, tmp_path: Path
) -> None:
    """In diffusers' own loop it is another at each call. The control: one of another seed."""
    model = SD15.load(str(scheduled(weights, tmp_path / "sde", "DPMSolverSDEScheduler", **_BETAS)))
    jobs = [prepared(model, None, 3, seed=seed, prompt="a fox", guidance=4) for seed in (1, 1, 2)]
    once, again, other = (made(model, job) for job in jobs)
    assert difference(once, again) == 0
    assert difference(once, other) > FAR


@pytest.mark.parametrize(
    ("kind", "config", "said"),
    [
        ("VQDiffusionScheduler", {"num_vec_classes": 4}, "cannot step"),
        ("PNDMScheduler", {"_class": "DPMSolverSDEScheduler"}, "torchsde"),
    ],
)
def test_what_cannot_step_is_refused_as_it_is_loaded(
    weights: Path,
    tmp_path: Path,
    kind: str,
    config: dict[str, Any],
    said: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(import_utils, "_torchsde_available", False)
    monkeypatch.setattr(_DIFFUSERS, "DPMSolverSDEScheduler", missing.DPMSolverSDEScheduler)
    named = config.pop("_class", kind)
    folder = scheduled(weights, tmp_path / "strange", kind, **config)
    for file in (folder / "model_index.json", folder / "scheduler" / "scheduler_config.json"):
        file.write_text(file.read_text().replace(kind, named))
    with pytest.raises(WeightsError, match=said) as caught:
        SD15.load(str(folder))
    assert "scheduler_config.json" in caught.value.fix


def test_what_the_schedulers_own_file_names_is_what_steps(weights: Path, tmp_path: Path) -> None:
    both = scheduled(weights, tmp_path / "both", "DPMSolverMultistepScheduler", **_BETAS)
    file = shutil.copytree(both, tmp_path / "file") / "model_index.json"
    file.write_text(file.read_text().replace("DPMSolverMultistepScheduler", "PNDMScheduler"))
    ways: dict[str, Any] = {"seed": 1, "prompt": "a fox"}
    models = [SD15.load(str(folder)) for folder in (both, file.parent, weights)]
    first, second, other = (made(model, prepared(model, None, 4, **ways)) for model in models)
    assert difference(first, second) == 0
    assert difference(first, other) > FAR


@pytest.mark.parametrize("named", ["NopeScheduler", "UNet2DConditionModel", 7])
def test_a_file_that_names_no_scheduler_is_refused(
    weights: Path, tmp_path: Path, named: object
) -> None:
    file = shutil.copytree(weights, tmp_path / "sd") / "scheduler" / "scheduler_config.json"
    file.write_text(json.dumps({"_class_name": named}))
    with pytest.raises(WeightsError, match="no scheduler of diffusers") as caught:
        SD15.load(str(tmp_path / "sd"))
    assert "PNDMScheduler" in caught.value.fix
