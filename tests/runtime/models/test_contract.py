"""The model contract, run over every entry of the table on its tiny instance."""

import inspect
import json
from dataclasses import asdict
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from livedraft.errors import ModelNotFound
from livedraft.media.chunks import AudioChunk, Output, Still, VideoChunk
from livedraft.protocol.messages import Stage
from livedraft.runtime.engine.contract import check_info
from livedraft.runtime.models import DEFAULT, MODELS
from livedraft.runtime.models.base import (
    AnyModel,
    ImageInput,
    ImageOutput,
    Inputs,
    Job,
    Params,
    Pixels,
    Plan,
    Request,
)

NAMES = sorted(MODELS.targets())
PICTURES = [
    name
    for name in NAMES
    if any(isinstance(spec, ImageOutput) for spec in MODELS.load(name).info.outputs)
]
MEDIA = [name for name in NAMES if name not in PICTURES]


@pytest.fixture(params=NAMES, scope="module")
def any_model(request: pytest.FixtureRequest) -> AnyModel:
    return MODELS.load(request.param).tiny()


@pytest.fixture(params=MEDIA, scope="module")
def media_model(request: pytest.FixtureRequest) -> AnyModel:
    return MODELS.load(request.param).tiny()


@pytest.fixture(params=PICTURES, scope="module")
def model(request: pytest.FixtureRequest) -> AnyModel:
    return MODELS.load(request.param).tiny()


def drawing(model: AnyModel, shade: int = 0) -> Inputs:
    """Return a thick diagonal on paper for each input."""
    inputs: dict[str, NDArray[np.uint8]] = {}
    for spec in model.info.inputs:
        if not isinstance(spec, ImageInput):
            continue
        pixels = np.full((spec.height, spec.width, 3), 255, np.uint8)
        for at in range(20, min(spec.width, spec.height) - 20):
            pixels[at : at + 4, at + shade : at + shade + 4] = 0
        inputs[spec.name] = pixels
    return inputs


def taken(model: AnyModel, **params: object) -> Params:
    """Return params, those of these that a model takes."""
    known = {name: value for name, value in params.items() if name in model.params.model_fields}
    return model.params.model_validate(known)


def request(model: AnyModel, *, steps: int = 1, shade: int = 0, **params: object) -> Request[Any]:
    stage = Stage.DRAFT if steps == model.info.draft_steps else Stage.FINAL
    return Request(taken(model, **params), drawing(model, shade), stage, steps)


def picture(model: AnyModel, asked: Request[Any]) -> Pixels:
    job = model.prepare([(model.open(), asked)])[0]
    while not job.done:
        before = job.step
        model.step([job])
        assert job.step == before + 1
    return pixels(model, job)


def pixels(model: AnyModel, job: Job) -> Pixels:
    """Return a job's picture as it stands."""
    ((still,),) = model.emit([job])
    assert isinstance(still, Still)
    return still.pixels


def test_the_default_is_in_the_table() -> None:
    assert DEFAULT in NAMES


def test_an_unknown_name_names_the_closest() -> None:
    with pytest.raises(ModelNotFound, match="did you mean 'echo'"):
        MODELS.load("ehco")


def test_it_can_be_loaded_as_the_runtime_does(any_model: AnyModel) -> None:
    inspect.signature(type(any_model).load).bind("", Plan("cpu", threads=2))


def test_info_and_schema_go_into_json(any_model: AnyModel) -> None:
    check_info(any_model.info)
    info = json.loads(json.dumps(asdict(any_model.info)))
    assert info["id"] in NAMES
    assert 1 <= info["draft_steps"] <= info["max_steps"]
    properties = any_model.params.model_json_schema()["properties"]
    assert all(each.get("description") for each in properties.values())


def test_a_draft_has_the_native_size(model: AnyModel) -> None:
    made = picture(model, request(model, steps=model.info.draft_steps, prompt="a red fox"))
    channels = 4 if model.info.alpha else 3
    assert made.shape == (model.info.height, model.info.width, channels)
    assert made.dtype == np.uint8


def test_without_a_picture(model: AnyModel) -> None:
    if all(spec.required for spec in model.info.inputs):
        pytest.skip("every input is required")
    asked = Request(taken(model, prompt="a red fox"), {}, Stage.DRAFT, model.info.draft_steps)
    assert picture(model, asked).dtype == np.uint8


def test_same_seed_same_picture(model: AnyModel) -> None:
    asked = request(model, steps=2, prompt="a fox", seed=7)
    np.testing.assert_array_equal(picture(model, asked), picture(model, asked))


def test_jobs_at_different_steps_in_one_call_equal_jobs_alone(model: AnyModel) -> None:
    first, second = (
        request(model, steps=steps, shade=shade, seed=shade, prompt="a fox")
        for steps, shade in [(3, 0), (2, 9)]
    )
    ahead = model.prepare([(model.open(), first)])[0]
    model.step([ahead])
    behind = model.prepare([(model.open(), second)])[0]
    assert ahead.key == behind.key
    while not (ahead.done and behind.done):
        model.step([job for job in (ahead, behind) if not job.done])
    together = model.emit([ahead, behind])
    for (still,), asked in zip(together, (first, second), strict=True):
        assert isinstance(still, Still)
        difference = np.abs(still.pixels.astype(int) - picture(model, asked).astype(int))
        assert difference.max() <= 2, "rounding of the last place at most"


def test_a_picture_that_stands_may_be_looked_at(model: AnyModel) -> None:
    asked = request(model, steps=2, prompt="a fox")
    job = model.prepare([(model.open(), asked)])[0]
    model.step([job])
    model.emit([job])
    model.step([job])
    np.testing.assert_array_equal(pixels(model, job), picture(model, asked))


@pytest.mark.parametrize("shape", [(1, 1, 3), (7, 300, 4), (300, 7, 3), (1024, 1024, 4)])
def test_a_picture_of_any_size_is_taken(model: AnyModel, shape: tuple[int, int, int]) -> None:
    inputs = {spec.name: np.zeros(shape, np.uint8) for spec in model.info.inputs}
    asked = Request(model.params(), inputs, Stage.DRAFT, model.info.draft_steps)
    assert picture(model, asked).dtype == np.uint8


def shown(model: AnyModel, asked: Request[Any], steps: int) -> list[Output]:
    """Return what a job gives in so many steps at most."""
    (job,) = model.prepare([(model.open(), asked)])
    made: list[Output] = []
    for _ in range(steps):
        if job.done:
            break
        model.step([job])
        if job.ready or job.done:
            job.ready = False
            (outputs,) = model.emit([job])
            made += outputs
    return made


def test_media_go_on_from_where_they_are_asked_for(media_model: AnyModel) -> None:
    at = 7_654_321
    asked = Request(media_model.params(), {}, Stage.DRAFT, 1, at=at)
    made = shown(media_model, asked, 50)
    for kind in (VideoChunk, AudioChunk):
        chunks = [each for each in made if isinstance(each, kind)]
        assert all(each.pts >= at for each in chunks)
        assert all(a.end <= b.pts + 1 for a, b in pairwise(chunks)), "none lies over another"


def test_the_same_time_gives_the_same_media(media_model: AnyModel) -> None:
    asked = Request(media_model.params(), {}, Stage.DRAFT, 1, at=40_000)
    for one, other in zip(*(shown(media_model, asked, 30) for _ in range(2)), strict=True):
        assert type(one) is type(other)
        np.testing.assert_array_equal(data_of(one), data_of(other))


def data_of(output: Output) -> NDArray[Any]:
    if isinstance(output, Still):
        return output.pixels
    return output.frames if isinstance(output, VideoChunk) else output.samples
