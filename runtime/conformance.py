"""What every model is held to, as checks of one instance: our tests run them, and so can yours.

Each check takes a model, best its ``tiny()``, and raises AssertionError with what is wrong. One
that is of no concern to a model, as of pictures to a model of sound, passes.
"""

from __future__ import annotations

import inspect
import json
from collections.abc import Callable, Sequence
from concurrent.futures import wait
from dataclasses import asdict, replace
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from livedraft.errors import BadInput
from livedraft.media.chunks import AudioChunk, Output, Still, VideoChunk
from livedraft.protocol.messages import Stage

from .asking import AT_US, request, taken
from .engine.contract import check_info
from .engine.outputs import outputs
from .models.adapters import Adaptable
from .models.base import (
    AnyModel,
    ImageInput,
    ImageOutput,
    Job,
    Pixels,
    Plan,
    Request,
    VideoOutput,
)
from .models.mixins import LoraParams

Check = Callable[[AnyModel], None]
_MOST_STEPS = 50  # taken of a job that has no end
_MOST_S = 60.0  # that a job may wait for what is computed elsewhere
_SHAPES = [(1, 1, 3), (7, 300, 4), (300, 7, 3), (1024, 1024, 4)]


def is_loaded_as_the_runtime_does(model: AnyModel) -> None:
    """``load`` takes a source and a plan."""
    inspect.signature(type(model).load).bind("", Plan("cpu", threads=2))


def tells_what_it_is(model: AnyModel) -> None:
    """``info`` and the schema of its params go into JSON, and each param is described."""
    check_info(model.info)
    info = json.loads(json.dumps(asdict(model.info)))
    assert 1 <= info["draft_steps"] <= info["max_steps"], "draft_steps is more than max_steps"
    properties = model.params.model_json_schema()["properties"]
    for name, each in properties.items():
        assert each.get("description"), f"param {name} has no description"


def takes_loras_as_its_params_say(model: AnyModel) -> None:
    """``LoraParams`` and ``Adaptable`` come together: what can be asked for can be attached."""
    said, can = issubclass(model.params, LoraParams), isinstance(model, Adaptable)
    assert said == can, "params take LoRAs and the model does not" if said else "no param names any"


def drafts_at_its_native_size(model: AnyModel) -> None:
    """A draft of pictures is of the size and the channels that ``info`` names."""
    if paints(model):
        asked = request(model, steps=model.info.draft_steps, prompt="a red fox")
        made = picture(model, replace(asked, video={}, audio={}))
        channels = 4 if model.info.alpha else 3
        wanted = (model.info.height, model.info.width, channels)
        assert made.shape == wanted, f"a draft is {made.shape}, and info says {wanted}"


def does_without_what_is_not_required(model: AnyModel) -> None:
    """Where every input may be left out, a picture comes of params alone, or nothing does."""
    if paints(model) and not any(spec.required for spec in model.info.inputs):
        steps = model.info.draft_steps
        shown(model, Request(taken(model, prompt="a red fox"), {}, Stage.DRAFT, steps))


def repeats_itself(model: AnyModel) -> None:
    """The same request gives the same picture, frames and sound."""
    asked = request(model, steps=min(2, model.info.max_steps), prompt="a fox", seed=7)
    for one, other in zip(*(shown(model, asked) for _ in range(2)), strict=True):
        assert type(one) is type(other), "another kind of output"
        np.testing.assert_array_equal(data_of(one), data_of(other))


def batches_as_it_works_alone(model: AnyModel) -> None:
    """Jobs of one key at different steps in one call come out as alone, but for rounding."""
    if not paints(model) or model.info.max_steps < 3:
        return
    first, second = (
        of_pictures(model, request(model, steps=steps, shade=shade, seed=shade, prompt="a fox"))
        for steps, shade in [(3, 0), (2, 9)]
    )
    ahead = model.prepare([(model.open(), first)])[0]
    model.step([ahead])
    behind = model.prepare([(model.open(), second)])[0]
    assert ahead.key == behind.key, "requests of one kind have different keys"
    while not (ahead.done and behind.done):
        model.step([job for job in (ahead, behind) if not job.done])
    together = model.emit([ahead, behind])
    for (still,), asked in zip(together, (first, second), strict=True):
        assert isinstance(still, Still)
        difference = np.abs(still.pixels.astype(int) - picture(model, asked).astype(int))
        assert difference.max() <= 2, f"differs by {difference.max()} of 255 from a job alone"


def can_be_looked_at_on_the_way(model: AnyModel) -> None:
    """``emit`` changes nothing: a preview makes no other final picture."""
    if not paints(model) or model.info.max_steps < 2:
        return
    asked = of_pictures(model, request(model, steps=2, prompt="a fox"))
    job = model.prepare([(model.open(), asked)])[0]
    model.step([job])
    model.emit([job])
    model.step([job])
    np.testing.assert_array_equal(pixels(model, job), picture(model, asked))


def takes_pictures_of_any_size(model: AnyModel) -> None:
    """Clients may send what they like; the engine hands it on as it came."""
    if not paints(model):
        return
    for shape in _SHAPES:
        inputs = {
            spec.name: np.zeros(shape, np.uint8)
            for spec in model.info.inputs
            if isinstance(spec, ImageInput)
        }
        picture(model, Request(model.params(), inputs, Stage.DRAFT, model.info.draft_steps))


def keeps_to_the_media_clock(model: AnyModel) -> None:
    """Sound and frames begin where they are asked for, and none lies over another."""
    check_times(shown(model, request(model)))


def goes_on_after_an_interruption(model: AnyModel) -> None:
    """What has no end goes on when it is interrupted, in its place on the media clock."""
    state, asked = model.open(), replace(request(model), inputs={})
    if any(spec.required and spec.kind == "image" for spec in model.info.inputs):
        asked = request(model)
    (job,) = model.prepare([(state, asked)])
    if not job.steps:
        made = stepped(model, job, 3)
        more = replace(asked, running=job, interrupted=True, video={}, audio={}, text={})
        (job,) = model.prepare([(state, more)])
        again = stepped(model, job, 3)
        assert again, "nothing came after an interruption"
        check_times(made + again)


def check_times(made: Sequence[Output]) -> None:
    """Raise AssertionError where outputs are early, or one lies over another."""
    for kind in (VideoChunk, AudioChunk):
        chunks = [each for each in made if isinstance(each, kind)]
        early = [each.pts for each in chunks if each.pts < AT_US]
        assert not early, f"{kind.__name__} at {early} µs, before {AT_US}"
        for one, next_ in pairwise(chunks):
            assert one.end <= next_.pts + 1, f"{kind.__name__} at {next_.pts} lies over another"


def lets_a_job_go_that_is_given_up(model: AnyModel) -> None:
    """A job that is given up, before a step or after it, changes nothing for those that go on."""
    asked = request(model, steps=model.info.draft_steps, prompt="a fox", seed=7)
    try:
        unwanted = [model.prepare([(model.open(), asked)])[0] for _ in range(2)]
    except BadInput:
        return
    step(model, unwanted[0])
    for job in unwanted:
        model.give_up(job)
    assert shown(model, asked), "nothing came after others were given up"


def answers_what_comes(model: AnyModel) -> None:
    """Of a request with all its inputs comes something, of the kinds that ``info`` names."""
    assert shown(model, request(model, steps=model.info.draft_steps)), "nothing came of a request"


CHECKS: tuple[Check, ...] = (
    is_loaded_as_the_runtime_does,
    tells_what_it_is,
    takes_loras_as_its_params_say,
    drafts_at_its_native_size,
    does_without_what_is_not_required,
    repeats_itself,
    batches_as_it_works_alone,
    can_be_looked_at_on_the_way,
    takes_pictures_of_any_size,
    keeps_to_the_media_clock,
    goes_on_after_an_interruption,
    lets_a_job_go_that_is_given_up,
    answers_what_comes,
)


def paints(model: AnyModel) -> bool:
    """Return whether a model makes pictures."""
    return any(isinstance(spec, ImageOutput) for spec in model.info.outputs)


def of_pictures(model: AnyModel, asked: Request[Any]) -> Request[Any]:
    """Return a request without moving pictures, of a model that would answer with such."""
    moves = any(isinstance(spec, VideoOutput) for spec in model.info.outputs)
    return replace(asked, video={}) if moves else asked


def picture(model: AnyModel, asked: Request[Any]) -> Pixels:
    """Return the picture that a request gives, one step at a time.

    Of a model that shows moving pictures, too, it is asked without any.
    """
    job = model.prepare([(model.open(), of_pictures(model, asked))])[0]
    while not job.done:
        before = job.step
        step(model, job)
        assert job.step == before + 1, "step counts each job on by one, in job.step"
    return pixels(model, job)


def pixels(model: AnyModel, job: Job) -> Pixels:
    """Return a job's picture as it stands."""
    ((made,),) = outputs(model.emit([job]), 1, model.info)
    assert isinstance(made, Still), f"emit returned a {type(made).__name__}, not a Still"
    return made.pixels


def shown(model: AnyModel, asked: Request[Any]) -> list[Output]:
    """Return what a job gives until it ends, of one without an end in 50 steps.

    Pictures that need not be there are left out where they are refused, as a portrait without a
    face is.
    """
    try:
        (job,) = model.prepare([(model.open(), asked)])
    except BadInput:
        names = {spec.name for spec in model.info.inputs if spec.required}
        needed = {name: each for name, each in asked.inputs.items() if name in names}
        (job,) = model.prepare([(model.open(), replace(asked, inputs=needed))])
    return stepped(model, job, _MOST_STEPS)


def stepped(model: AnyModel, job: Job, most: int) -> list[Output]:
    """Return what a job gives in so many steps at most."""
    made: list[Output] = []
    for _ in range(most):
        if job.done:
            break
        step(model, job)
        if job.ready or job.done:
            job.ready = False
            made += outputs(model.emit([job]), 1, model.info)[0]
    return made


def step(model: AnyModel, job: Job) -> None:
    """Take a step of a job, when there is one to take."""
    if job.waits is not None:
        wait([job.waits], _MOST_S)
    model.step([job])


def data_of(output: Output) -> NDArray[Any]:
    """Return an output's pixels or samples."""
    if isinstance(output, Still):
        return output.pixels
    return output.frames if isinstance(output, VideoChunk) else output.samples
