"""A pipeline's own loop: what goes wrong ends one job, and what nobody wants is freed."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import diffusers
import numpy as np
import pytest
import torch
from PIL import Image
from tests.runtime.models.diffusion.asking import OTHER, PICTURE

from livedraft.client import Client
from livedraft.errors import InvalidParams
from livedraft.media.chunks import Still
from livedraft.protocol.messages import Stage
from livedraft.runtime.config import Config
from livedraft.runtime.models import MODELS
from livedraft.runtime.models.base import Pixels, Request
from livedraft.runtime.models.diffusion.families.hidream import HiDreamDistilled
from livedraft.runtime.models.diffusion.families.unet import StableDiffusion
from livedraft.runtime.models.diffusion.suspended.model import SuspendedJob, SuspendedModel
from livedraft.runtime.running import Thread

_PIPELINES: Any = diffusers
CARD = "---\nlicense: mit\n---\n# Mine\n"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("weights") / "mine"
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        pipe = StableDiffusion.tiny_pipe()
    pipe.scheduler = _PIPELINES.DDIMScheduler.from_config(pipe.scheduler.config, clip_sample=False)
    pipe.save_pretrained(made)
    (made / "README.md").write_text(CARD)
    return made


@pytest.fixture
def model(folder: Path) -> SuspendedModel:
    found = MODELS.load(f"diffusers:{folder}").load()
    assert isinstance(found, SuspendedModel)
    return found


def prepared(
    model: SuspendedModel, steps: int, pictures: dict[str, Pixels] | None = None, **params: Any
) -> SuspendedJob:
    asked = Request(model.params(**params), pictures or {}, Stage.FINAL, steps)
    (job,) = model.prepare([(model.open(), asked)])
    return job


def finished(model: SuspendedModel, job: SuspendedJob) -> Pixels:
    while not job.done:
        model.step([job])
    ((still,),) = model.emit([job])
    assert isinstance(still, Still)
    return still.pixels


def test_a_drawing_is_what_a_picture_begins_with(model: SuspendedModel) -> None:
    """By the image-to-image class of the same parts; steps are those that are made."""
    words = prepared(model, 3, prompt="a fox", seed=1)
    drawn = prepared(model, 3, {"sketch": PICTURE}, prompt="a fox", seed=1, strength=0.5)
    assert (words.steps, drawn.steps) == (3, 3)
    kind = _PIPELINES.StableDiffusionImg2ImgPipeline
    own = kind(**model._family.pipe.components, requires_safety_checker=False)
    wanted = own(
        prompt="a fox",
        image=Image.fromarray(PICTURE),
        generator=torch.Generator("cpu").manual_seed(1),
        num_inference_steps=6,
        strength=0.5,
        output_type="np",
    ).images[0]
    made = finished(model, drawn)
    assert np.array_equal(made, (wanted * 255).round().astype(np.uint8))
    assert not np.array_equal(made, finished(model, words))


@pytest.mark.parametrize("strength", [0.02, 0.13, 0.6, 0.97, 1.0])
@pytest.mark.parametrize("steps", [1, 4, 15])
def test_so_many_steps_are_made_as_are_asked_for(
    model: SuspendedModel, steps: int, strength: float
) -> None:
    job = prepared(model, steps, {"sketch": OTHER}, strength=strength)
    assert job.steps == steps
    model.give_up(job)


def test_on_its_way_it_shows_what_its_latents_are(model: SuspendedModel) -> None:
    assert model.info.preview_every > 0
    job = prepared(model, 3, prompt="a fox")
    assert model.emit([job]) == [[]]
    shown = []
    for _ in range(2):
        model.step([job])
        ((still,),) = model.emit([job])
        assert isinstance(still, Still)
        shown.append(still.pixels)
    assert shown[0].shape == shown[1].shape == (64, 64, 3)
    assert not np.array_equal(shown[0], shown[1])


def test_torch_is_outside_as_it_was(model: SuspendedModel) -> None:
    """A loop that stands still has turned gradients off for itself alone."""
    job = prepared(model, 3)
    model.step([job])
    assert torch.is_grad_enabled()
    weight = torch.ones(1, requires_grad=True)
    assert (weight * 2).requires_grad
    with torch.no_grad():
        model.step([job])
        assert not torch.is_grad_enabled()
    assert torch.is_grad_enabled()
    model.give_up(job)
    assert torch.is_grad_enabled()


def test_what_is_drawn_from_torchs_own_generator_is_of_the_seed(tmp_path: Path) -> None:
    """Some pipelines draw so; whoever draws between two steps changes nothing, nor is changed."""
    with torch.random.fork_rng(devices=[]):
        HiDreamDistilled.tiny_pipe().save_pretrained(tmp_path)
    model = MODELS.load(f"diffusers:{tmp_path}").load()
    assert isinstance(model, SuspendedModel)
    model._family.pipe.default_sample_size = 8
    alone = finished(model, prepared(model, 3, seed=1))
    torch.manual_seed(9)
    wanted = torch.rand(3).tolist()
    torch.manual_seed(9)
    job, drawn = prepared(model, 3, seed=1), []
    while not job.done:
        drawn.append(float(torch.rand(1)))
        model.step([job])
    assert np.array_equal(finished(model, job), alone)
    assert drawn == wanted
    assert not np.array_equal(finished(model, prepared(model, 3, seed=2)), alone)


def test_a_job_that_is_given_up_is_unwound_and_freed(model: SuspendedModel) -> None:
    job = prepared(model, 3)
    pipe = job.call.pipe
    model.step([job])
    latents = weakref.ref(job.call.loop.latents)
    own = weakref.ref(pipe)
    del pipe
    model.give_up(job)
    assert job.call.loop.done
    del job
    gc.collect()
    assert (latents(), own()) == (None, None)
    assert finished(model, prepared(model, 2)).shape == (64, 64, 3)


def test_a_job_that_is_forgotten_is_given_up(model: SuspendedModel) -> None:
    job = prepared(model, 3)
    own = weakref.ref(job.call.pipe)
    del job
    gc.collect()
    assert own() is None


def test_an_error_ends_one_job(model: SuspendedModel) -> None:
    """And the other goes on to the picture that it is alone."""
    alone = finished(model, prepared(model, 3, seed=5))
    good, bad = prepared(model, 3, seed=5), prepared(model, 3, seed=6)
    model.step([good])

    def fail(*given: Any, **how: Any) -> None:
        raise RuntimeError("no more")

    bad.call.pipe.scheduler.step = fail
    with pytest.raises(RuntimeError, match="no more"):
        model.step([bad])
    assert bad.call.loop.done
    model.give_up(bad)
    assert np.array_equal(finished(model, good), alone)


def test_what_a_pipeline_refuses_is_the_users_to_mend(model: SuspendedModel) -> None:
    before = prepared(model, 2, seed=1)
    good = Request(model.params(), {}, Stage.FINAL, 2)
    taken = {**model.params().model_dump(exclude={"height"})}
    odd = Request(model.params.model_construct(**taken, height=68), {}, Stage.FINAL, 2)
    with pytest.raises(InvalidParams, match="divisible by 8"):
        model.prepare([(model.open(), good), (model.open(), odd)])
    finished(model, before)


@pytest.fixture(scope="module")
def url(folder: Path) -> Iterator[str]:
    with Thread(Config(models=(f"diffusers:{folder}",), port=0)) as server:
        yield server.url


def test_it_is_served_to_several_at_once(url: str) -> None:
    with (
        Client(url) as client,
        client.session("mine", prompt="a fox") as one,
        client.session("mine", prompt="birds") as other,
    ):
        for session in (one, other):
            session.send({"sketch": PICTURE})
        for session in (one, other):
            frame = session.next_frame()
            assert frame is not None
            assert frame.model == "mine"
        finals = [session.refine(steps=6) for session in (one, other)]
        assert [final.stage for final in finals] == ["final", "final"]
        assert finals[0].image.size == (64, 64)
