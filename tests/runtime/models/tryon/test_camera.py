"""A garment before a camera: it rests on who moves, and what is seen anew does not shake it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import Executor, Future
from functools import partial
from typing import Any

import cv2
import numpy as np
import pytest
from benchmarks.swaying import FRAME_US, film, trembling
from numpy.typing import NDArray
from skimage import data

from livedraft.media.chunks import VideoChunk
from livedraft.protocol.messages import Stage
from livedraft.runtime.models.at_once import AtOnce
from livedraft.runtime.models.base import Plan, Request
from livedraft.runtime.models.tryon.camera import CALM_US
from livedraft.runtime.models.tryon.eyes import Eyes
from livedraft.runtime.models.tryon.garment.catalogue import shipped
from livedraft.runtime.models.tryon.model import TryOn
from livedraft.runtime.models.tryon.params import TryOnParams
from livedraft.runtime.models.tryon.state import TryOnJob, TryOnState

Pixels = NDArray[np.uint8]
pictures: Any = data  # has no types


@pytest.fixture(scope="module")
def eyes() -> Eyes:
    return Eyes.load(Plan(threads=1))


@pytest.fixture(scope="module")
def model(eyes: Eyes) -> TryOn:
    """One that looks at once: when a look of its own thread arrives, no test can say."""
    return TryOn(eyes, shipped(), AtOnce())


class Held(Executor):
    """A fake worker, that does what waits when it is told to."""

    def __init__(self) -> None:
        self.waiting: list[tuple[Callable[[], Any], Future[Any]]] = []

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        future: Future[Any] = Future()
        self.waiting.append((partial(fn, *args, **kwargs), future))
        return future

    def work(self) -> None:
        for call, future in self.waiting:
            if future.set_running_or_notify_cancel():
                future.set_result(call())
        self.waiting.clear()

    def fail(self, error: Exception) -> None:
        for _, future in self.waiting:
            future.set_exception(error)
        self.waiting.clear()


@pytest.fixture
def held(eyes: Eyes) -> tuple[TryOn, Held]:
    worker = Held()
    return TryOn(eyes, shipped(), worker), worker


@pytest.fixture(scope="module")
def close() -> Pixels:
    """The astronaut: shoulders of 208 px, hips below the picture; NASA, public domain."""
    return np.asarray(pictures.astronaut(), np.uint8)


@pytest.fixture(scope="module")
def far(close: Pixels) -> Pixels:
    """The same, small in an even room."""
    room = np.full((512, 512, 3), 127, np.uint8)
    room[200:392, 160:352] = cv2.resize(close, (192, 192), interpolation=cv2.INTER_AREA)
    return room


def test_frames_come_whole_where_a_layer_is_asked_for(model: TryOn, close: Pixels) -> None:
    video = {"camera": [VideoChunk(close[None], FRAME_US, FRAME_US)]}
    made = []
    for view in ("picture", "layer"):
        params = TryOnParams(sku="tee-terracotta", view=view)
        jobs = model.prepare([(model.open(), Request(params, {}, Stage.DRAFT, 1, video=video))])
        model.step(jobs)
        ((chunk,),) = model.emit(jobs)
        assert isinstance(chunk, VideoChunk)
        made.append(chunk.frames[0])
    assert made[1].shape == close.shape, "no alpha: it is not laid over a later frame"
    assert np.array_equal(*made)


def shown(model: TryOn, state: TryOnState, frame: Pixels, at_us: int) -> TryOnJob:
    chunk = VideoChunk(frame[None], at_us, 2 * FRAME_US)
    sku = TryOnParams(sku="tee-terracotta")
    request = Request(sku, {}, Stage.DRAFT, 1, video={"camera": [chunk]})
    (job,) = model.prepare([(state, request)])
    model.step([job])
    model.emit([job])
    return job


@pytest.mark.parametrize("size", ["close", "far"])
def test_a_garment_rests_on_who_moves(
    model: TryOn, size: str, request: pytest.FixtureRequest
) -> None:
    state, places = model.open(), []
    for shot in list(film(request.getfixturevalue(size), 1, 50))[::2]:
        worn = shown(model, state, shot.picture, shot.at_us).worn
        assert worn is not None
        points = np.concatenate([part.body for each in worn.garments for part in each.parts])
        places.append((points - shot.matrix[:, 2]) @ np.linalg.inv(shot.matrix[:, :2]).T)
    assert trembling(np.array(places[10:]))[0] < 1.5


EVERY = 2 * FRAME_US


def test_frames_do_not_wait_for_a_look(held: tuple[TryOn, Held], close: Pixels) -> None:
    model, worker = held
    state = model.open()
    first = shown(model, state, close, 0)
    assert first.worn is not None, "the first look is waited for"
    later = [shown(model, state, close, number * EVERY) for number in range(1, 9)]
    assert all(job.worn is not None and job.look is first.look for job in later)
    assert len(worker.waiting) == 1, "however long it takes, no second is begun"
    worker.work()
    after = shown(model, state, close, 9 * EVERY)
    assert after.look is not first.look
    shown(model, state, close, 10 * EVERY)
    assert not worker.waiting, "frames have the cores to themselves for a while"
    for number in range(11, 17):
        shown(model, state, close, number * EVERY)
    assert len(worker.waiting) == 1


def leaning(picture: Pixels, px: float) -> Pixels:
    """Return the astronaut with her head so far aside, and her torso as it was."""
    y, x = np.mgrid[:512, :512].astype(np.float32)
    aside = np.clip((210 - y) / 60, 0, 1) * np.float32(px)
    return np.asarray(cv2.remap(picture, x + aside, y, cv2.INTER_LINEAR), np.uint8)


def frames_between_looks(model: TryOn, worker: Held, frames: Iterable[Pixels]) -> int:
    """Return how many frames pass from the second look to the third; the first may err."""
    state, begun = model.open(), []
    for number, frame in enumerate(frames):
        shown(model, state, frame, number * EVERY)
        if worker.waiting:
            begun.append(number)
            worker.work()
    model.close(state)
    return begun[2] - begun[1]


def test_who_moves_their_head_is_looked_at_sooner(held: tuple[TryOn, Held], close: Pixels) -> None:
    still = frames_between_looks(*held, [close] * 30)
    nods = (leaning(close, 30 * np.sin(number / 2)) for number in range(30))
    assert frames_between_looks(*held, nods) < still == CALM_US // EVERY + 1


def test_who_only_sways_is_looked_at_as_seldom_as_who_stands(
    held: tuple[TryOn, Held], close: Pixels
) -> None:
    swaying = (shot.picture for shot in list(film(close, 1, 60))[::2])
    assert frames_between_looks(*held, swaying) > 0.8 * CALM_US / EVERY


def test_what_a_look_raised_is_told_and_the_next_is_begun(
    held: tuple[TryOn, Held], close: Pixels
) -> None:
    model, worker = held
    state = model.open()
    for number in range(9):
        shown(model, state, close, number * EVERY)
    worker.fail(MemoryError("no room for a parse"))
    with pytest.raises(MemoryError, match="no room"):
        shown(model, state, close, 9 * EVERY)
    for number in range(10, 18):
        assert shown(model, state, close, number * EVERY).worn is not None
    assert len(worker.waiting) == 1


@pytest.mark.parametrize("end", ["close", "suspend"])
def test_a_state_that_ends_wants_no_look(end: str, held: tuple[TryOn, Held], close: Pixels) -> None:
    model, worker = held
    state = model.open()
    for number in range(9):
        shown(model, state, close, number * EVERY)
    getattr(model, end)(state)
    ((_, under_way),) = worker.waiting
    assert under_way.cancelled()
    assert state.camera is None


def test_after_who_left_the_next_is_looked_at_anew(held: tuple[TryOn, Held], close: Pixels) -> None:
    model, worker = held
    state = model.open()
    first, *_ = (shown(model, state, close, number * EVERY) for number in range(5))
    empty = np.full_like(close, 128)
    assert shown(model, state, empty, 5 * EVERY).person is None
    worker.work()
    back = [shown(model, state, close, number * EVERY) for number in range(6, 12)][-1]
    assert back.look is not None
    assert back.look is not first.look


def test_another_scene_is_looked_at_anew(held: tuple[TryOn, Held], close: Pixels) -> None:
    model, _ = held
    state = model.open()
    before = shown(model, state, close, 0)
    after = shown(model, state, np.ascontiguousarray(close[:, ::-1]), 10_000_000)
    assert after.look is not before.look


def test_a_model_of_its_own_thread_looks_again(eyes: Eyes, close: Pixels) -> None:
    """As many frames as it takes: the thread is another's to schedule."""
    model = TryOn(eyes, shipped())
    state = model.open()
    first, number = shown(model, state, close, 0), 0
    while (job := shown(model, state, close, (number := number + 1) * EVERY)).look is first.look:
        assert number < 5000
    assert job.worn is not None
    model.close(state)
