"""Any pipeline of diffusers by its own loop: the same picture, in turns with others, all freed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import diffusers
import numpy as np
import pytest
import torch
from PIL import Image
from tests.runtime.models.diffusion.asking import PICTURE

from livedraft.media.chunks import Still, VideoChunk
from livedraft.protocol.messages import Stage
from livedraft.runtime.conformance import CHECKS, Check
from livedraft.runtime.models import MODELS
from livedraft.runtime.models.base import Pixels, Request, to_pixels
from livedraft.runtime.models.diffusion import tiny
from livedraft.runtime.models.diffusion.families.animatediff import AnimateDiff
from livedraft.runtime.models.diffusion.families.flux import Flux
from livedraft.runtime.models.diffusion.families.pixart import PixArt
from livedraft.runtime.models.diffusion.families.sd3 import SD3
from livedraft.runtime.models.diffusion.families.unet import StableDiffusion
from livedraft.runtime.models.diffusion.suspended.model import SuspendedJob, SuspendedModel

_PIPELINES: Any = diffusers
FOX, BIRDS = "a red fox", "two blue birds over the harbour"
Pipe = Callable[[], Any]


def euler(kind: str = "EulerDiscreteScheduler") -> Any:
    pipe = StableDiffusion.tiny_pipe()
    pipe.scheduler = getattr(_PIPELINES, kind).from_config(pipe.scheduler.config)
    return pipe


def inpaint() -> Any:
    parts = dict(euler().components)
    return _PIPELINES.StableDiffusionInpaintPipeline(**parts, requires_safety_checker=False)


def perturbed() -> Any:
    """One that puts other processors into its UNet's attention while it runs."""
    return _PIPELINES.StableDiffusionPAGPipeline(
        **euler().components, requires_safety_checker=False, pag_applied_layers=["mid"]
    )


def sigma() -> Any:
    """A pipeline that none of the families drives."""
    parts = dict(PixArt.tiny_pipe().components)
    config = {**parts["transformer"].config, "sample_size": 32, "use_additional_conditions": False}
    parts["transformer"] = type(parts["transformer"]).from_config(config)
    return _PIPELINES.PixArtSigmaPipeline(**parts)


def text_to_video() -> Any:
    """Another one, of clips."""
    unet = _PIPELINES.UNet3DConditionModel(
        sample_size=8,
        in_channels=4,
        out_channels=4,
        block_out_channels=(16, 32),
        layers_per_block=1,
        down_block_types=("CrossAttnDownBlock3D", "DownBlock3D"),
        up_block_types=("UpBlock3D", "CrossAttnUpBlock3D"),
        cross_attention_dim=tiny.WIDTH,
        attention_head_dim=8,
        norm_num_groups=8,
    )
    return _PIPELINES.TextToVideoSDPipeline(
        vae=tiny.vae(),
        text_encoder=tiny.clip_text(),
        tokenizer=tiny.clip_tokenizer(),
        unet=unet,
        scheduler=_PIPELINES.DDIMScheduler(),
    )


@dataclass(frozen=True)
class Case:
    """A pipeline, and how its own call is told the same."""

    pipe: Pipe
    ways: dict[str, Any] = field(default_factory=dict)
    params: dict[str, Any] = field(default_factory=dict)
    picture: str = ""  # an argument of the call


CASES = {
    "sd": Case(euler, {"guidance_scale": 7.5}),
    "inpaint": Case(
        inpaint,
        {"guidance_scale": 5.0, "strength": 1.0},
        {"guidance": 5.0, "strength": 1.0},
        "mask",
    ),
    "sigma": Case(sigma, {"negative_prompt": "grey"}, {"negative_prompt": "grey"}),
    "perturbed": Case(perturbed, {"guidance_scale": 5.0}, {"guidance": 5.0}),
    "sd3": Case(SD3.tiny_pipe),
    "flux": Case(Flux.tiny_pipe),
    "clips": Case(text_to_video, {"num_frames": 3}, {"frames": 3}),
    "animated": Case(AnimateDiff.tiny_pipe, {"num_frames": 3}, {"frames": 3}),
}


@pytest.fixture(params=CASES, scope="module")
def case(request: pytest.FixtureRequest) -> Case:
    return CASES[request.param]


def saved(pipe: Pipe, folder: Path, licence: str = "apache-2.0") -> Path:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        pipe().save_pretrained(folder)
    if licence:
        (folder / "README.md").write_text(f"---\nlicense: {licence}\n---\n# It\n")
    return folder


@pytest.fixture(scope="module")
def model(case: Case, tmp_path_factory: pytest.TempPathFactory) -> SuspendedModel:
    return loaded(saved(case.pipe, tmp_path_factory.mktemp("weights") / "mine"))


def loaded(folder: Path) -> SuspendedModel:
    found = MODELS.load(f"diffusers:{folder}").load()
    assert isinstance(found, SuspendedModel)
    return found


def request(model: SuspendedModel, steps: int, case: Case, **params: Any) -> Request[Any]:
    inputs: dict[str, Pixels] = {}
    if case.picture:
        hole = np.zeros((64, 64, 3), np.uint8)
        hole[16:48, 16:48] = 255
        inputs = {"sketch": PICTURE, "mask": hole}
    asked = model.params.model_validate({**case.params, **params})
    return Request(asked, inputs, Stage.FINAL, steps, at=1_000)


def prepared(model: SuspendedModel, steps: int, case: Case, **params: Any) -> SuspendedJob:
    (job,) = model.prepare([(model.open(), request(model, steps, case, **params))])
    return job


def wanted(model: SuspendedModel, case: Case, prompt: str, seed: int, steps: int) -> Pixels:
    """Return what the pipeline's own call makes."""
    pipe = model._family.pipe
    pictures: dict[str, Any] = {}
    if case.picture:
        hole = Image.new("L", (64, 64))
        hole.paste(255, (16, 16, 48, 48))
        pictures = {"image": Image.fromarray(PICTURE), "mask_image": hole}
    made = pipe(
        prompt=prompt,
        generator=torch.Generator("cpu").manual_seed(seed),
        num_inference_steps=steps,
        width=model.info.width,
        height=model.info.height,
        output_type="np",
        **case.ways,
        **pictures,
    )
    found = made.frames if hasattr(made, "frames") else made.images
    return to_pixels(np.asarray(found[0]))


def shown(model: SuspendedModel, job: SuspendedJob) -> Pixels:
    while not job.done:
        model.step([job])
    (made,) = model.emit([job])
    stills = [each.pixels for each in made if isinstance(each, Still)]
    clips = [each.frames for each in made if isinstance(each, VideoChunk)]
    return stills[0] if stills else np.concatenate(clips)


def test_it_makes_what_the_pipelines_own_call_makes(case: Case, model: SuspendedModel) -> None:
    job = prepared(model, 3, case, prompt=FOX, seed=7)
    np.testing.assert_array_equal(shown(model, job), wanted(model, case, FOX, 7, 3))
    assert job.step == job.steps


def test_it_has_no_quality_as_its_own_loop_computes_each_step(model: SuspendedModel) -> None:
    assert "quality" not in model.params.model_fields


def test_two_sessions_step_by_step_are_as_alone(case: Case, model: SuspendedModel) -> None:
    ahead = prepared(model, 4, case, prompt=FOX, seed=1)
    model.step([ahead])
    behind = prepared(model, 3, case, prompt=BIRDS, seed=2)
    while not (ahead.done and behind.done):
        for job in (behind, ahead):
            if not job.done:
                model.step([job])
    np.testing.assert_array_equal(shown(model, ahead), wanted(model, case, FOX, 1, 4))
    np.testing.assert_array_equal(shown(model, behind), wanted(model, case, BIRDS, 2, 3))


def test_another_prompt_seed_and_number_of_steps_would_be_seen(
    case: Case, model: SuspendedModel
) -> None:
    one = shown(model, prepared(model, 2, case, prompt=FOX, seed=1)).astype(int)
    for steps, prompt, seed in ((2, BIRDS, 1), (2, FOX, 2), (3, FOX, 1)):
        other = shown(model, prepared(model, steps, case, prompt=prompt, seed=seed))
        assert np.abs(other - one).max() > 1


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
def test_it_keeps_the_contract(check: Check, model: SuspendedModel) -> None:
    check(model)
