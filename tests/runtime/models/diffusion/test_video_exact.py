"""Each clip equals its diffusers pipeline's, alone, among others, and however it is decoded."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Any

import diffusers
import numpy as np
import pytest
import torch
from tests.runtime.models.diffusion.asking import OTHER, PICTURE, difference, theirs
from torch import Tensor

from livedraft.media.chunks import SECOND, VideoChunk
from livedraft.protocol.messages import Stage
from livedraft.runtime.models.base import Pixels, Request
from livedraft.runtime.models.diffusion.state import DiffusionState
from livedraft.runtime.models.diffusion.video_model import VideoJob, VideoModel
from livedraft.runtime.models.diffusion.video_models import PICTURE as INPUT
from livedraft.runtime.models.diffusion.video_models import (
    AnimateDiffLightning,
    HunyuanVideo,
    MochiClips,
    WanClips,
    WanFromPicture,
    WanFromPictureByClip,
    WanSmall,
)

_DIFFUSERS: Any = diffusers
CLOSE = 1e-5  # of 0..1, before they become bytes
FAR = 1e-4  # what a fault makes at least
FOX, BIRDS = "a red fox", "two blue birds over the harbour"
AT = 3_000_000  # µs
Ways = Mapping[str, Any]


def read_already(model: VideoModel, prompt: str, negative: str) -> Ways:
    """Return prompts as tensors, for a pipeline that reads none without ftfy."""
    family = model._family
    texts = [family.read(each).rows["encoder_hidden_states"] for each in (prompt, negative)]
    return {
        "prompt": None,
        "negative_prompt": None,
        "prompt_embeds": texts[0],
        "negative_prompt_embeds": texts[1],
    }


def as_words(model: VideoModel, prompt: str, negative: str) -> Ways:
    return {"negative_prompt": negative}


def without_words(model: VideoModel, prompt: str, negative: str) -> Ways:
    return {}


@dataclass(frozen=True)
class Case:
    """A model, and how its own pipeline is told the same."""

    kind: type[VideoModel]
    pipeline: str
    ways: Ways = field(default_factory=dict)
    params: Ways = field(default_factory=dict)
    seconds: float = 0.5
    least: int = 1  # steps
    between: str = ""  # letters of a long prompt; CLIP reads the last of a word in its own way
    one_expert: bool = False  # as Wan 2.1 is
    scheduler: Any = None  # instead of the tiny one's
    told: Callable[[VideoModel, str, str], Ways] = as_words
    pictured: bool = True  # by a model that takes a picture


GUIDED: Ways = {"guidance": 4.0, "negative_prompt": "grey"}

CASES = {
    "wan": Case(WanClips, "WanPipeline", {"guidance_scale": 1.0}, {"guidance": 1.0}),
    "wan, guided": Case(WanClips, "WanPipeline", {"guidance_scale": 4.0}, GUIDED),
    "wan, of one expert": Case(
        WanClips, "WanPipeline", {"guidance_scale": 4.0}, GUIDED, one_expert=True
    ),
    "wan, as published": Case(
        WanClips,
        "WanPipeline",
        {"guidance_scale": 4.0},
        GUIDED,
        scheduler=_DIFFUSERS.UniPCMultistepScheduler(
            prediction_type="flow_prediction", use_flow_sigmas=True, flow_shift=3.0
        ),
    ),
    "animatediff-lightning": Case(
        AnimateDiffLightning, "AnimateDiffPipeline", {"guidance_scale": 1.0}, between=" "
    ),
    "animatediff-lightning, guided": Case(
        AnimateDiffLightning, "AnimateDiffPipeline", {"guidance_scale": 4.0}, GUIDED, between=" "
    ),
    "hunyuan-video": Case(
        HunyuanVideo,
        "HunyuanVideoPipeline",
        {"guidance_scale": 5.0},
        {"guidance": 5.0},
        told=without_words,
    ),
    "mochi": Case(MochiClips, "MochiPipeline", {"guidance_scale": 4.0}, GUIDED, least=2),
    "wan-5b": Case(
        WanSmall, "WanImageToVideoPipeline", {"guidance_scale": 4.0}, GUIDED, told=read_already
    ),
    "wan-5b, of words": Case(
        WanSmall, "WanPipeline", {"guidance_scale": 1.0}, {"guidance": 1.0}, pictured=False
    ),
    "wan-2.1-i2v, guided": Case(
        WanFromPictureByClip,
        "WanImageToVideoPipeline",
        {"guidance_scale": 4.0},
        GUIDED,
        told=read_already,
    ),
    "wan-i2v, guided": Case(
        WanFromPicture,
        "WanImageToVideoPipeline",
        {"guidance_scale": 4.0},
        GUIDED,
        told=read_already,
    ),
}


@pytest.fixture(params=CASES, scope="module")
def case(request: pytest.FixtureRequest) -> Case:
    return CASES[request.param]


@pytest.fixture(scope="module")
def model(case: Case) -> VideoModel:
    made = case.kind.tiny()
    if case.one_expert:
        pipe = made._family.pipe
        pipe.register_modules(transformer_2=None)
        pipe.register_to_config(boundary_ratio=None)
        made = case.kind(type(made._family)(pipe))
    if case.scheduler is not None:
        made._family.pipe.scheduler = case.scheduler
    return made


def job(
    case: Case,
    model: VideoModel,
    prompt: str,
    seed: int,
    steps: int,
    picture: Pixels = PICTURE,
    state: DiffusionState | None = None,
) -> VideoJob:
    asked = {"prompt": prompt, "seed": seed, "seconds": case.seconds, **case.params}
    inputs = {INPUT: fitting(model, picture)} if model.info.inputs and case.pictured else {}
    params: Any = model.params.model_validate(asked)
    request: Request[Any] = Request(params, inputs, Stage.FINAL, steps, at=AT)
    (found,) = model.prepare([(state or model.open(), request)])
    assert isinstance(found, VideoJob)
    return found


def fitting(model: VideoModel, picture: Pixels) -> Pixels:
    """Return a picture of a clip's size, as each side scales pictures in its own way."""
    times = model.info.width // picture.shape[1]
    return picture.repeat(times, 0).repeat(times, 1)


def denoised(model: VideoModel, *jobs: VideoJob) -> None:
    """Take a step of all, in as few calls as their keys allow."""
    for key in {each.key for each in jobs}:
        model.step([each for each in jobs if each.key == key])


def clip(model: VideoModel, found: VideoJob) -> Tensor:
    """Return a finished clip, (1, frames, 3, h, w), 0 to 1, before it becomes bytes."""
    while not found.way.done:
        model.step([found])
    with torch.inference_mode():
        whole = model._family.decode(found.way.latents, False)
        return (whole / 2 + 0.5).clamp(0, 1).transpose(1, 2)


def wanted(
    case: Case, model: VideoModel, prompt: str, seed: int, steps: int, picture: Pixels = PICTURE
) -> Tensor:
    ways = {
        "width": model.info.width,
        "height": model.info.height,
        "num_inference_steps": steps,
        "num_frames": model._family.frames(case.seconds),
        **case.ways,
        **case.told(model, prompt, case.params.get("negative_prompt", "")),
    }
    given = fitting(model, picture) if model.info.inputs and case.pictured else None
    prompt = ways.pop("prompt", prompt)
    return theirs(model, case.pipeline, prompt, seed, given, **ways)


@pytest.mark.parametrize("steps", [1, 3])
def test_a_clip_is_what_its_pipeline_makes(case: Case, model: VideoModel, steps: int) -> None:
    steps = max(steps, case.least)
    found = clip(model, job(case, model, FOX, 7, steps))
    assert found.shape[1] == model._family.frames(case.seconds) > 1
    assert difference(found, wanted(case, model, FOX, 7, steps)) <= CLOSE


def test_rows_at_unlike_steps_are_as_alone(case: Case, model: VideoModel) -> None:
    ahead, behind = job(case, model, FOX, 1, 4), job(case, model, BIRDS, 2, 3, OTHER)
    denoised(model, ahead)
    shared = 0
    while not (ahead.way.done and behind.way.done):
        under_way = [each for each in (ahead, behind) if not each.way.done]
        shared += len({each.key for each in under_way}) < len(under_way)
        denoised(model, *under_way)
    assert shared, "they were in one call at least once"
    assert difference(clip(model, ahead), wanted(case, model, FOX, 1, 4)) <= CLOSE
    assert difference(clip(model, behind), wanted(case, model, BIRDS, 2, 3, OTHER)) <= CLOSE


def test_a_wrong_timestep_and_another_prompt_would_be_seen(case: Case, model: VideoModel) -> None:
    found = clip(model, job(case, model, FOX, 1, 3))
    wrong = job(case, model, FOX, 1, 3)
    wrong.way.sampler = replace(wrong.way.sampler, times=wrong.way.sampler.times.flip(0))
    assert difference(clip(model, wrong), found) > FAR
    assert difference(clip(model, job(case, model, BIRDS, 1, 3)), found) > FAR


def test_its_pieces_are_the_clip_and_leave_one_by_one(case: Case, model: VideoModel) -> None:
    found = job(case, model, FOX, 5, 2)
    chunks: list[VideoChunk] = []
    calls = 0
    while not found.done:
        model.step([found])
        calls += 1
        if found.ready:
            found.ready = False
            made = model.emit([found])[0]
            assert len(made) == 1
            chunks += [each for each in made if isinstance(each, VideoChunk)]
    pieces = model._family.pieces(found.way.latents)
    assert (len(chunks), calls) == (pieces, 2 + pieces - 1), "the first with the last step"
    assert found.data == {"shown": found.frames, "frames": found.frames, "final": True}
    frames = np.concatenate([each.frames for each in chunks])
    whole = (clip(model, found)[0] * 255).permute(0, 2, 3, 1).numpy()
    assert np.abs(frames - whole).max() <= 0.51
    assert chunks[0].pts == AT
    for one, other in pairwise(chunks):
        assert one.end == other.pts
    assert chunks[-1].end == AT + round(len(frames) * SECOND / model._family.rate)


def test_clip_sees_a_cut_out_picture_on_white() -> None:
    family = WanFromPictureByClip.tiny()._family
    blank, black = (np.full((64, 64, 4), (0, 0, 0, alpha), np.uint8) for alpha in (0, 255))
    white = np.full((64, 64, 3), 255, np.uint8)
    seen, paper, other = (
        family.read_beside(FOX, [each], 64, 64).rows["encoder_hidden_states_image"]
        for each in (blank, white, black)
    )
    assert torch.equal(seen, paper)
    assert not torch.equal(seen, other)


def test_what_of_a_prompt_is_not_read_is_told(case: Case, model: VideoModel) -> None:
    long = case.between.join(chr(ord("a") + n % 26) for n in range(2500))
    read = model._family.read(long)
    assert 0 < len(read.cut) < len(long)
    assert long.endswith(read.cut)
    shorter = model._family.read(long.removesuffix(read.cut))
    assert shorter.cut == ""
    for name, rows in read.rows.items():
        assert torch.equal(rows, shorter.rows[name])
