"""A model that is a generator: a picture a step, previews on the way."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from PIL import Image

from livedraft.errors import ModelFailed
from livedraft.protocol.messages import Stage
from livedraft.runtime.conformance import CHECKS, Check
from livedraft.runtime.models.base import Inputs, Request
from livedraft.runtime.models.mixins import StepsParams
from livedraft.runtime.models.painter import Painter, painted


class Steps(Painter[StepsParams]):
    """Yields a lighter grey at each step, at most six."""

    info = painted("steps", "Steps", width=16, height=8, draft_steps=1, max_steps=10, alpha=True)
    params = StepsParams
    gives: Any = None

    def paint(self, params: StepsParams, pictures: Inputs, steps: int) -> Iterator[Any]:
        for step in range(6):
            yield np.full((8, 16, 3), step * 10, np.uint8) if self.gives is None else self.gives


class Once(Painter[StepsParams]):
    """Returns one picture."""

    info = painted("once", "Once", width=16, height=8)
    params = StepsParams

    def paint(self, params: StepsParams, pictures: Inputs, steps: int) -> Any:
        return Image.new("RGB", (16, 8), "red")


def job_of(model: Painter[Any], steps: int) -> Any:
    asked = Request(model.params(), {}, Stage.FINAL, steps)
    (job,) = model.prepare([(None, asked)])
    return job


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
@pytest.mark.parametrize("model", [Steps, Once])
def test_the_contract_holds(check: Check, model: type[Painter[Any]]) -> None:
    check(model.tiny())


def test_a_step_takes_a_picture_and_the_last_one_is_the_answer() -> None:
    model, shades = Steps(), []
    job = job_of(model, 3)
    still: Any = None
    assert model.emit([job]) == [[]], "nothing is there before the first step"
    while not job.done:
        model.step([job])
        ((still,),) = model.emit([job])
        shades.append(int(still.pixels[0, 0, 0]))
    assert shades == [0, 10, 20]
    assert still.pixels.shape == (8, 16, 4), "as its info says"


def test_a_generator_that_ends_ends_its_job() -> None:
    model = Steps()
    job = job_of(model, 10)
    while not job.done:
        model.step([job])
    assert job.step == 7
    assert model.emit([job])[0][0].pixels[0, 0, 0] == 50


@pytest.mark.parametrize(
    ("gives", "says"),
    [
        ("text", "a str"),
        (np.zeros((8, 16)), r"of shape \(8, 16\)"),
        (np.zeros((8, 16), np.uint8), r"uint8 of shape \(8, 16\)"),
        (np.zeros((8, 16, 3), np.int64), "int64"),
        (np.full((8, 16, 3), np.nan), "not finite"),
    ],
)
def test_what_is_no_picture_fails_with_what_it_was(gives: Any, says: str) -> None:
    model = Steps()
    model.gives = gives
    with pytest.raises((ModelFailed, ValueError), match=says):
        model.step([job_of(model, 1)])


def test_floats_are_pictures_too() -> None:
    model = Steps()
    model.gives = np.full((8, 16, 3), 0.5)
    job = job_of(model, 1)
    model.step([job])
    assert model.emit([job])[0][0].pixels[0, 0].tolist() == [128, 128, 128, 255]


class Nothing(Steps):
    """Yields nothing at all."""

    def paint(self, params: StepsParams, pictures: Inputs, steps: int) -> Iterator[Any]:
        yield from ()


def test_a_generator_of_nothing_says_so() -> None:
    model = Nothing()
    with pytest.raises(ModelFailed, match="no picture"):
        model.step([job_of(model, 1)])


class Holding(Steps):
    """Holds something while its generator is open."""

    held = 0

    def paint(self, params: StepsParams, pictures: Inputs, steps: int) -> Iterator[Any]:
        self.held += 1
        try:
            yield from super().paint(params, pictures, steps)
        finally:
            self.held -= 1


@pytest.mark.parametrize("steps", [3, 1])
def test_a_generator_is_closed_at_its_end_and_where_nobody_wants_it(steps: int) -> None:
    model = Holding()
    jobs = [job_of(model, steps) for _ in range(2)]
    model.step(jobs)
    assert model.held == (2 if steps == 3 else 0), "the control: it is open on the way"
    model.give_up(jobs[0])
    while not jobs[1].done:
        model.step([jobs[1]])
    assert model.held == 0
    model.give_up(jobs[0])
