"""The model ``head``: avatars and portraits that speak; pictures that make no face."""

from __future__ import annotations

import json
from collections.abc import Callable
from concurrent.futures import Executor, Future
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from skimage import data

from livedraft.errors import BadInput, InvalidImage, InvalidParams
from livedraft.media.chunks import AudioChunk, Output, VideoChunk
from livedraft.protocol.messages import Note, Stage
from livedraft.runtime.models.at_once import AtOnce
from livedraft.runtime.models.base import Pixels, Request
from livedraft.runtime.models.head.badge import HEIGHT, MARGIN, WIDTH, marked
from livedraft.runtime.models.head.expression import SIZE, Expression
from livedraft.runtime.models.head.line import RATE, Sound
from livedraft.runtime.models.head.model import Head, HeadTalk
from livedraft.runtime.models.head.params import HeadParams
from livedraft.runtime.models.head.talking import TalkJob
from livedraft.runtime.models.params import merge

from .sounds import vowel

pictures: Any = data  # has no types
Job = TalkJob[HeadTalk, HeadParams]


class FakeFace:
    """A fake: it shows how open its mouth is as red, and how far its lids are down as green."""

    notes: tuple[Note, ...] = (Note(code="fake", message="A fake.", param="portrait", choices=[]),)
    nbytes = 1000

    def render(self, expression: Expression) -> Pixels:
        shade = (255 * float(expression.mouth[0]), 255 * expression.blink, 0)
        return np.full((SIZE, SIZE, 3), np.clip(shade, 0, 255), np.uint8)


def fake_prepare(picture: Pixels) -> FakeFace:
    """A fake: black pictures have no face."""
    if not picture.any():
        raise InvalidImage("no face is seen in the portrait", fix="send one of somebody")
    return FakeFace()


class Held(Executor):
    """A fake worker, that does what waits when it is told to."""

    def __init__(self) -> None:
        self.waiting: list[tuple[Callable[..., Any], tuple[Any, ...], Future[Any]]] = []

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        future: Future[Any] = Future()
        self.waiting.append((fn, args, future))
        return future

    def work(self) -> None:
        for fn, args, future in self.waiting:
            if future.set_running_or_notify_cancel():
                try:
                    future.set_result(fn(*args))
                except InvalidImage as error:
                    future.set_exception(error)
        self.waiting.clear()


FAKED = Head(worker=AtOnce(), voices=AtOnce, prepared=fake_prepare)
GREY = np.full((300, 200, 3), 99, np.uint8)
BLACK = np.zeros((300, 200, 3), np.uint8)


def ask(
    *sound: Sound, portrait: Pixels | None = None, running: Job | None = None, **params: object
) -> Request[HeadParams]:
    return Request(
        HeadParams.model_validate({"badge": False, **params}),
        {} if portrait is None else {"portrait": portrait},
        Stage.DRAFT,
        1,
        audio={"speech": [AudioChunk(each[:, None], RATE, 0) for each in sound]},
        running=running,
    )


def begin(model: Head, state: HeadTalk, request: Request[HeadParams]) -> Job:
    (job,) = model.prepare([(state, request)])
    return job


def frames(model: Head, job: Job, count: int) -> list[NDArray[np.uint8]]:
    made: list[Output] = []
    for _ in range(count):
        model.step([job])
        (outputs,) = model.emit([job])
        made += outputs
    return [each.frames[0] for each in made if isinstance(each, VideoChunk)]


def test_an_avatar_speaks_and_is_silent() -> None:
    model = Head.tiny()
    state = model.open()
    job = begin(model, state, ask(vowel(1.0), liveliness=0.0))
    speaking = frames(model, job, 25)
    silent = frames(model, job, 10)
    assert speaking[0].shape == (SIZE, SIZE, 3)
    difference = np.abs(speaking[7].astype(int) - silent[5].astype(int)).max(-1)
    assert np.count_nonzero(difference > 60) > 300, "the mouth is open, and then shut"


def test_lips_close_within_three_ticks_of_an_interruption() -> None:
    state = FAKED.open()
    job = begin(FAKED, state, ask(vowel(2.0), portrait=GREY, consent=True))
    speaking = frames(FAKED, job, 8)
    assert speaking[-1][0, 0, 0] > 60
    request = ask(portrait=GREY, consent=True, running=job)
    (same,) = FAKED.prepare(
        [
            (
                state,
                Request(
                    request.params, request.inputs, Stage.DRAFT, 1, running=job, interrupted=True
                ),
            )
        ]
    )
    closing = [frame[0, 0, 0] for frame in frames(FAKED, same, 4)]
    assert closing[0] < 0.25 * speaking[-1][0, 0, 0]
    assert closing[2:] == [0, 0]


def test_the_picture_stands_still_until_it_is_prepared() -> None:
    held = Held()
    model = Head(worker=held, voices=AtOnce, prepared=fake_prepare)
    state = model.open()
    job = begin(model, state, ask(portrait=GREY, consent=True))
    assert (frames(model, job, 1)[0] == 99).all()
    held.work()
    frames(model, job, 1)
    assert job.notes == FakeFace.notes
    assert not (frames(model, job, 1)[0] == 99).any()
    again = ask(portrait=GREY, consent=True, running=job)
    begin(model, state, again)
    assert not held.waiting, "it is prepared once"


def test_a_portrait_without_consent_is_refused_once_and_then_an_avatar_speaks() -> None:
    state = FAKED.open()
    with pytest.raises(BadInput, match="consent=True"):
        begin(FAKED, state, ask(portrait=GREY))
    job = begin(FAKED, state, ask(portrait=GREY))
    frames(FAKED, job, 1)
    assert job.notes[0]["code"] == "no_consent"
    begin(FAKED, state, ask(portrait=GREY, consent=True, running=job))
    frames(FAKED, job, 1)
    assert job.notes == FakeFace.notes
    with pytest.raises(BadInput, match="consent=True"):
        begin(FAKED, state, ask(portrait=GREY, running=job))
    assert state.portrait.face is None, "consent that is taken back is taken back"


def test_what_came_with_a_refused_portrait_is_said_all_the_same() -> None:
    state = FAKED.open()
    first = begin(FAKED, state, ask(vowel(0.2)))
    with pytest.raises(BadInput, match="consent=True"):
        begin(FAKED, state, ask(vowel(1.0), portrait=GREY, running=first))
    assert len(state.ticks.line) == 1.2 * RATE
    again = begin(FAKED, state, ask(portrait=GREY))
    assert frames(FAKED, again, 1)[0].shape == (SIZE, SIZE, 3)
    assert len(state.ticks.line) == 1.2 * RATE - 960


def test_a_picture_without_a_face_is_refused_once() -> None:
    held = Held()
    model = Head(worker=held, voices=AtOnce, prepared=fake_prepare)
    state = model.open()
    job = begin(model, state, ask(portrait=BLACK, consent=True))
    held.work()
    with pytest.raises(InvalidImage, match="no face"):
        model.step([job])
    assert job.step == 0
    again = begin(model, state, ask(vowel(0.2), portrait=BLACK, consent=True))
    frames(model, again, 1)
    assert again.notes[0]["code"] == "no_face"
    begin(model, state, ask(running=again))
    frames(model, again, 1)
    assert again.notes == ()


def test_who_fails_in_a_call_costs_nobody_else_a_sample() -> None:
    """The engine asks all again, one by one."""
    fine, bad = FAKED.open(), FAKED.open()
    items = [(fine, ask(vowel(1.0))), (bad, ask(portrait=BLACK, consent=True))]
    with pytest.raises(InvalidImage):
        FAKED.prepare(items)
    (job,) = FAKED.prepare(items[:1])
    assert len(fine.ticks.line) == RATE
    with pytest.raises(InvalidImage):
        FAKED.prepare(items[1:])
    FAKED.step([job])
    assert len(fine.ticks.line) == RATE - 960


@pytest.mark.parametrize(
    ("name", "value", "fix"),
    [
        ("avatar", "adda", "did you mean 'ada'"),
        ("voice", "en-us", "en-US"),
        ("speed", 3, "0.5 to 2"),
    ],
)
def test_params_say_what_they_take(name: str, value: object, fix: str) -> None:
    with pytest.raises(InvalidParams, match=fix):
        merge(HeadParams, None, {name: value})


def test_pages_are_told_which_avatars_there_are_and_shown_each() -> None:
    told = HeadParams.model_json_schema()["properties"]["avatar"]
    assert {"", *told["x-pictures"]} == {*told["enum"]}
    assert all(url.startswith("data:image/webp;base64,") for url in told["x-pictures"].values())
    assert len(json.dumps(told)) < 40_000, "it goes to every page that asks for the models"


def test_the_mark_is_there_unless_it_is_not_wanted() -> None:
    state = FAKED.open()
    job = begin(FAKED, state, ask(portrait=GREY, consent=True, badge=True))
    (frame,) = frames(FAKED, job, 1)
    corner = frame[-MARGIN - HEIGHT : -MARGIN, -MARGIN - WIDTH : -MARGIN]
    assert corner.max() > 200
    assert not frame[: -MARGIN - HEIGHT].any()
    assert job.data["digital_source_type"] == "trainedAlgorithmicMedia"
    begin(FAKED, state, ask(portrait=GREY, consent=True, running=job))
    (frame,) = frames(FAKED, job, 1)
    assert not frame[:, :, 2].any()


@pytest.mark.parametrize("ground", [0, 128, 255])
def test_the_mark_can_be_read_on_any_ground(ground: int) -> None:
    frame = np.full((SIZE, SIZE, 3), ground, np.uint8)
    made = marked(frame)
    assert (frame == ground).all(), "a frame may be shown again"
    corner = made[-MARGIN - HEIGHT : -MARGIN, -MARGIN - WIDTH : -MARGIN].astype(int)
    assert corner.max() > 240
    assert np.percentile(corner, 50) < 120


def test_the_same_seed_lives_the_same_life() -> None:
    def life(seed: int) -> list[int]:
        state = FAKED.open()
        job = begin(FAKED, state, ask(portrait=GREY, consent=True, seed=seed))
        return [int(frame[0, 0, 1]) for frame in frames(FAKED, job, 200)]

    assert life(1) == life(1)
    assert life(1) != life(2)
    assert max(life(1)) > 200, "it blinks"


def test_who_is_away_holds_little() -> None:
    model = Head.tiny()
    state = model.open()
    job = begin(model, state, ask(vowel(20.0)))
    frames(model, job, 3)
    assert 5_000_000 < model.footprint(state) < 20_000_000
    model.suspend(state)
    assert model.footprint(state) < 200_000
    again = begin(model, state, ask())
    assert len(frames(model, again, 2)) == 2


def test_a_photograph_speaks() -> None:
    model = Head.tiny()
    state = model.open()
    astronaut = np.asarray(pictures.astronaut(), np.uint8)
    job = begin(model, state, ask(vowel(0.6), portrait=astronaut, consent=True, liveliness=0.0))
    speaking = frames(model, job, 15)
    silent = frames(model, job, 6)
    difference = np.abs(speaking[7].astype(int) - silent[5].astype(int)).max(-1)
    assert np.count_nonzero(difference > 60) > 60


def noise(height: int, width: int) -> Pixels:
    return np.random.default_rng(0).integers(0, 255, (height, width, 3)).astype(np.uint8)


@pytest.mark.parametrize(
    "picture",
    [noise(40, 40), noise(1024, 1024), np.asarray(data.chelsea()), np.asarray(data.rocket())],
    ids=["40 px", "noise", "a cat", "a rocket"],
)
def test_what_is_nobody_says_what_to_send(picture: Pixels) -> None:
    model = Head.tiny()
    with pytest.raises(InvalidImage) as refused:
        begin(model, model.open(), ask(portrait=picture, consent=True))
    assert refused.value.fix
