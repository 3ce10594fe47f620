"""What sessions keep is exact, counted, within its bounds, off the device while away, and freed."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
import torch
from tests.runtime.models.diffusion.asking import NAMES, OTHER, PICTURE, made, prepared, request
from torch import Tensor

from livedraft.runtime.models import MODELS
from livedraft.runtime.models.base import Pixels
from livedraft.runtime.models.diffusion.flow_models import Flux2KleinKV
from livedraft.runtime.models.diffusion.model import DiffusionModel
from livedraft.runtime.models.diffusion.state import MOST_BYTES, SKETCH, Cache, DiffusionState
from livedraft.runtime.models.diffusion.tensors import moved
from livedraft.runtime.models.diffusion.unet_models import SDTurbo
from livedraft.runtime.models.memory import held_bytes

AWAY = torch.device("meta")  # stands for a host: what is there is there by name, not by value


def tensors(value: Any) -> Iterator[Tensor]:
    """Yield every tensor that can be reached from a value."""
    seen, waiting = set[int](), [value]
    while waiting:
        each = waiting.pop()
        if id(each) in seen or isinstance(each, (type, str, bytes, np.ndarray)):
            continue
        seen.add(id(each))
        if isinstance(each, Tensor):
            yield each
        else:
            waiting += gc.get_referents(each)


@pytest.fixture(scope="module", params=NAMES)
def model(request: pytest.FixtureRequest) -> Any:
    return MODELS.load(request.param).tiny()


def inputs(model: DiffusionModel) -> dict[str, Pixels]:
    """Return a picture of every kind that a model takes."""
    return {name: PICTURE if name != "mask" else OTHER for name in model.pictures}


def asked(model: DiffusionModel, **params: Any) -> Any:
    """Return a request with all that a model looks at."""
    made = request(model, None, 2, prompt="a fox", **params)
    return type(made)(made.params, inputs(model), made.stage, made.steps)


def test_all_that_a_session_keeps_leaves_the_device_with_it(model: DiffusionModel) -> None:
    state = model.open()
    model.prepare([(state, asked(model))])
    assert model.footprint(state) > 0
    kept = [each for cache in state.caches for each in tensors(cache._kept)]
    assert {each.device.type for each in kept} == {"cpu"}, "there is something to move"
    for cache in state.caches:
        cache.change(lambda value: moved(value, AWAY))
    left = [each for cache in state.caches for each in tensors(cache._kept)]
    assert {each.device.type for each in left} == {"meta"}, "and none stays behind"


def test_what_is_kept_changes_no_picture(model: DiffusionModel) -> None:
    """Not a bit of it: after other prompts, other pictures and a time away."""
    state = model.open()
    (first,) = model.prepare([(model.open(), asked(model, seed=5))])
    before: list[dict[str, Any]] = [{"prompt": "a bird"}, {"seed": 9}]
    for more in before:
        (job,) = model.prepare([(state, request(model, OTHER, 1, **more))])
        model.step([job])
    model.suspend(state)
    assert state.away
    (again,) = model.prepare([(state, asked(model, seed=5))])
    assert not state.away
    (warm,) = model.prepare([(state, asked(model, seed=5))])
    while not first.done:
        for job in (first, again, warm):
            model.step([job])
    true = torch.as_tensor(first.way.latents)
    assert torch.equal(again.way.latents, true)
    assert torch.equal(warm.way.latents, true)


def test_nothing_is_computed_twice_of_what_did_not_change(model: DiffusionModel) -> None:
    family, state, calls = model._family, model.open(), list[str]()

    def counted(name: str) -> Any:
        own = getattr(family, name)

        def call(*given: Any, **named: Any) -> Any:
            found = own(*given, **named)
            if found is not None:  # most remember nothing
                calls.append(name)
            return found

        return call

    names = ("read", "read_beside", "avoided", "see", "see_frame", "remembered")
    with pytest.MonkeyPatch.context() as patch:
        for name in names:
            patch.setattr(family, name, counted(name))
        model.prepare([(state, asked(model))])
        assert calls, "the first time all of it is"
        calls.clear()
        model.prepare([(state, asked(model, seed=77))])
        assert calls == []
        calls.clear()
        model.prepare([(state, request(model, OTHER, 2, prompt="a fox"))])
        assert set(calls) <= {"see", "see_frame", "remembered", "read", "read_beside"}


def test_a_session_that_is_closed_keeps_nothing(model: DiffusionModel) -> None:
    state = model.open()
    model.prepare([(state, asked(model))])
    model.close(state)
    assert model.footprint(state) == 0
    assert not list(tensors([cache._kept for cache in state.caches]))
    assert not state.pictures


def test_what_is_kept_is_counted_in_full(model: DiffusionModel) -> None:
    state = model.open()
    model.prepare([(state, asked(model))])
    true = sum(held_bytes(cache._kept) for cache in state.caches)
    assert model.footprint(state) == true


def test_a_thousand_prompts_stay_within_the_budget() -> None:
    cache = Cache(most_bytes=1000)
    for number in range(1000):
        cache.put(number, torch.zeros(100, dtype=torch.uint8))
        assert cache.nbytes <= 1000
    assert cache.nbytes == 1000
    cache.put("large", torch.zeros(5000, dtype=torch.uint8))
    assert cache.nbytes == 5000, "one that is too large is there for its job, alone"
    cache.put("small", torch.zeros(10, dtype=torch.uint8))
    assert cache.nbytes == 10, "and goes with the next"
    assert DiffusionState().texts._most == MOST_BYTES


def test_the_memory_of_pictures_is_exact_and_goes_with_them() -> None:
    model = Flux2KleinKV.tiny()
    state = model.open()
    first = made(model, prepared(model, PICTURE, 2, state=state))
    assert state.memory.nbytes > 0
    assert torch.equal(made(model, prepared(model, PICTURE, 2, state=state)), first)
    prepared(model, OTHER, 2, state=state)
    other = model.open()
    fresh = made(model, prepared(model, OTHER, 2, state=other))
    assert torch.equal(made(model, prepared(model, OTHER, 2, state=state)), fresh)
    assert not torch.equal(fresh, first)


def test_a_picture_written_over_is_a_new_one_only_as_a_new_array(turbo: SDTurbo) -> None:
    """The runtime gives a new array for what changed: the cache goes by which it is."""
    state = turbo.open()
    (job,) = turbo.prepare([(state, request(turbo, PICTURE, 1))])
    (same,) = turbo.prepare([(state, request(turbo, PICTURE, 1))])
    (copied,) = turbo.prepare([(state, request(turbo, PICTURE.copy(), 1))])
    assert SKETCH in state.pictures
    for each in (job, same, copied):
        turbo.step([each])
    assert torch.equal(job.way.latents, same.way.latents)
    assert torch.equal(job.way.latents, copied.way.latents)
