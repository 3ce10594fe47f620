"""Stable Audio equals its diffusers pipeline, alone and among others, and is read from folders."""

from __future__ import annotations

import functools
import gc
import math
import weakref
from pathlib import Path
from typing import Any

import diffusers
import numpy as np
import pytest
import torch
from click.testing import CliRunner
from numpy.typing import NDArray

from livedraft.cli import main
from livedraft.errors import InvalidParams, MissingExtraError
from livedraft.media.chunks import SECOND, AudioChunk
from livedraft.protocol.messages import Stage
from livedraft.runtime.engine.calls import Calls
from livedraft.runtime.engine.contract import Progress
from livedraft.runtime.engine.turn import Cell, Emitted
from livedraft.runtime.models.base import Plan, Request
from livedraft.runtime.models.diffusion import sound_model
from livedraft.runtime.models.diffusion.catalogue import CATALOGUE
from livedraft.runtime.models.diffusion.sound_model import SoundJob, SoundParams, StableAudio
from livedraft.runtime.models.diffusion.weights import judge

CLOSE = 1e-5  # of what is -1 to 1, and beyond here: random weights are loud
FAR = 1e-2  # what a fault makes at least
_PUBLISHED = "CosineDPMSolverMultistepScheduler"
_DIFFUSERS: Any = diffusers
AT = 3_000_000  # µs


def tiny(published: bool = False) -> StableAudio:
    """Return a tiny one, with the sampler that Stable Audio Open is published with or without."""
    model = StableAudio.tiny()
    if published:
        model._family.pipe.scheduler = getattr(_DIFFUSERS, _PUBLISHED)()  # its defaults are those
    return model


def job_of(model: StableAudio, steps: int = 4, **params: Any) -> SoundJob:
    asked = {"prompt": "a bird", "seconds": 2.0, "seed": 3, **params}
    request = Request(SoundParams.model_validate(asked), {}, Stage.FINAL, steps, at=AT)
    (job,) = model.prepare([(model.open(), request)])
    return job


def heard(model: StableAudio, job: SoundJob) -> NDArray[Any]:
    while not job.done:
        model.step([job])
    return joined(model, job)


def joined(model: StableAudio, job: SoundJob) -> NDArray[Any]:
    return np.concatenate([chunk.samples for chunk in model.emit([job])[0]])


def theirs(model: StableAudio, steps: int = 4, **asked: Any) -> NDArray[Any]:
    """Return what diffusers' own pipeline makes."""
    asked = {"prompt": "a bird", "seconds": 2.0, "seed": 3, "guidance": 7.0, **asked}
    made = model._family.pipe(
        prompt=asked["prompt"],
        negative_prompt=asked.get("negative_prompt"),
        audio_end_in_s=asked["seconds"],
        num_inference_steps=steps,
        guidance_scale=asked["guidance"],
        generator=torch.Generator().manual_seed(asked["seed"]),
    )
    found: NDArray[Any] = made.audios[0].T.numpy()
    return found


@pytest.mark.parametrize(
    "asked",
    [{}, {"guidance": 1.0}, {"guidance": 5.0, "negative_prompt": "noise"}, {"seconds": 0.7}],
    ids=["guided", "unguided", "unlike", "short"],
)
def test_a_sound_equals_its_pipelines(asked: dict[str, Any]) -> None:
    """The control: one of another seed is far."""
    model = tiny()
    reference = theirs(model, **asked)
    ours = heard(model, job_of(model, **asked))
    assert ours.shape == reference.shape
    assert np.abs(ours - reference).max() <= CLOSE
    assert np.abs(heard(model, job_of(model, **asked, seed=4)) - reference).max() > FAR


@pytest.mark.parametrize("published", [False, True], ids=["edm", "published"])
def test_sounds_at_unlike_steps_in_one_call_are_as_alone(published: bool) -> None:
    """Guided and not, of two lengths; the control: a wrong timestep is far."""
    model = tiny(published)
    several: list[dict[str, Any]] = [
        {"steps": 5},
        {"steps": 3, "prompt": "rain", "guidance": 1.0, "seconds": 1.0},
        {"steps": 4, "seed": 9, "negative_prompt": "noise"},
    ]
    jobs = [job_of(model, **each) for each in several]
    assert len({job.key for job in jobs}) == 1
    model.step(jobs[:1])
    while any(not job.done for job in jobs):
        model.step([job for job in jobs if not job.done])
    for job, each in zip(jobs, several, strict=True):
        assert np.abs(joined(model, job) - theirs(model, **each)).max() <= CLOSE
    wrong = job_of(model, steps=4)
    model.step([wrong])
    wrong.way.scheduler.timesteps = wrong.way.scheduler.timesteps.flip(0)
    wrong.way.scheduler._step_index = None
    assert np.abs(heard(model, wrong) - theirs(model)).max() > 10 * CLOSE


def test_the_published_sampler_draws_a_path_of_its_seed() -> None:
    """Noise of a step is what its path gains there: the sum of that of two halves of it."""
    model = tiny(published=True)
    job, other = job_of(model), job_of(model, seed=4)
    model.step([job, other])
    path, another = (each.way.scheduler.noise_sampler for each in (job, other))

    def gained(path: Any, begin: float, end: float) -> torch.Tensor:
        noise: torch.Tensor = path(torch.tensor(begin), torch.tensor(end))
        return noise * math.sqrt(begin - end)

    whole = gained(path, 40.0, 2.0)
    assert torch.allclose(whole, gained(path, 40.0, 10.0) + gained(path, 10.0, 2.0), atol=1e-4)
    assert not torch.allclose(whole, gained(another, 40.0, 2.0), atol=1e-1)


def test_it_comes_in_seconds_on_the_sessions_clock() -> None:
    model = StableAudio.tiny()
    job = job_of(model, seconds=2.5)
    heard(model, job)
    (chunks,) = model.emit([job])
    assert all(isinstance(chunk, AudioChunk) for chunk in chunks)
    assert [chunk.pts for chunk in chunks] == [AT, AT + SECOND, AT + 2 * SECOND]
    assert [len(chunk) for chunk in chunks] == [1000, 1000, 500]


def test_too_long_a_sound_is_refused_with_what_is_possible() -> None:
    model = StableAudio.tiny()
    with pytest.raises(InvalidParams) as caught:
        job_of(model, seconds=30.0)
    assert "make 12 s at the most" in caught.value.fix


def test_a_folder_is_judged_and_sounds_the_same_and_leaves_nothing(tmp_path: Path) -> None:
    said = CliRunner().invoke(main, ["models", "tiny", "stable-audio", str(tmp_path / "made")])
    assert said.exit_code == 0, said.output
    tiny, folder = StableAudio.tiny(), tmp_path / "folder"
    tiny.save(folder)
    verdict = judge(CATALOGUE["stable-audio"], str(folder), Plan())
    assert verdict.troubles == ()
    loaded = StableAudio.load(str(folder))
    np.testing.assert_allclose(heard(loaded, job_of(loaded)), heard(tiny, job_of(tiny)), atol=CLOSE)
    network = weakref.ref(loaded._family.pipe.transformer)
    state = loaded.open()
    loaded.suspend(state)
    loaded.close(state)
    del loaded
    gc.collect()
    assert network() is None


def test_a_sampler_that_needs_torchsde_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control: where there is torchsde, the folder is read with that sampler."""
    tiny(published=True).save(tmp_path / "folder")
    loaded = StableAudio.load(str(tmp_path / "folder"))
    assert type(loaded._family.pipe.scheduler).__name__ == _PUBLISHED
    monkeypatch.setattr(sound_model, "find_spec", lambda name: None)
    with pytest.raises(MissingExtraError) as caught:
        StableAudio.load(str(tmp_path / "folder"))
    assert "livedraft[sound]" in caught.value.fix


@pytest.mark.parametrize("published", [False, True], ids=["edm", "published"])
@pytest.mark.parametrize("phase", ["step", "emit"])
def test_what_finds_no_memory_is_tried_again_from_where_it_stood(
    phase: str, published: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The engine tries each alone: a scheduler that had stepped would be a step too far."""
    model = tiny(published)
    alone = [heard(model, job_of(model, seed=seed)) for seed in (3, 4)]
    scheduler = type(model._family.pipe.scheduler)
    owner: Any = scheduler if phase == "step" else type(model._family)
    name, calls = "step" if phase == "step" else "heard", list[int]()
    true = getattr(owner, name)

    @functools.wraps(true)
    def short(*args: Any, **more: Any) -> Any:
        calls.append(1)
        if len(calls) == 2:  # of the second sound, when the first has gone on
            raise torch.OutOfMemoryError
        return true(*args, **more)

    engine, cells = Calls({"stable-audio": model}), (Cell(), Cell())
    asked = [
        Request(
            SoundParams.model_validate({"prompt": "a bird", "seconds": 2.0, "seed": seed}),
            {},
            Stage.FINAL,
            4,
            at=AT,
        )
        for seed in (3, 4)
    ]
    jobs: Any = engine.prepare("stable-audio", list(zip(cells, asked, strict=True)))
    monkeypatch.setattr(owner, name, short)
    for _ in range(4):
        jobs = engine.step("stable-audio", jobs)
        assert all(isinstance(each, Progress) for each in jobs), jobs
    shown = engine.emit("stable-audio", jobs)
    assert len(calls) > 2
    for each, sound in zip(shown, alone, strict=True):
        assert isinstance(each, Emitted)
        chunks = [one for one in each.outputs if isinstance(one, AudioChunk)]
        found = np.concatenate([chunk.samples for chunk in chunks])
        assert np.abs(found - sound).max() <= CLOSE
