"""The model as a session uses it: a portrait, speech, silence, interruptions, several at once."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from skimage import data

from livedraft.errors import BadInput, InvalidImage, MissingExtraError
from livedraft.media.chunks import AudioChunk, VideoChunk
from livedraft.protocol.messages import Stage
from livedraft.runtime.models.base import Pixels, Request
from livedraft.runtime.models.head.line import RATE
from livedraft.runtime.models.head.musetalk import model as module
from livedraft.runtime.models.head.musetalk.model import MuseTalk, Sitting
from livedraft.runtime.models.head.photograph.framing import Portrait, framed
from livedraft.runtime.models.head.talking import TalkJob
from livedraft.runtime.models.perception.networks import FaceNetworks

ASTRONAUT: Pixels = data.astronaut()
TICK_US = 40_000


@pytest.fixture(scope="module")
def model() -> MuseTalk:
    return MuseTalk.tiny()


def speech(seconds: float, seed: int = 0) -> AudioChunk:
    noise = np.random.default_rng(seed).normal(0, 3000, (int(seconds * RATE), 1))
    return AudioChunk(noise.astype(np.int16), RATE, 0)


def asked(
    model: MuseTalk,
    *said: AudioChunk,
    portrait: Pixels = ASTRONAUT,
    running: TalkJob[Sitting, module.MuseTalkParams] | None = None,
    interrupted: bool = False,
    **params: object,
) -> Request[module.MuseTalkParams]:
    taken = module.MuseTalkParams.model_validate({"consent": True} | params)
    return Request(
        taken,
        {"portrait": portrait},
        Stage.DRAFT,
        1,
        audio={"speech": said},
        running=running,
        interrupted=interrupted,
    )


def ticks(
    model: MuseTalk, job: TalkJob[Sitting, module.MuseTalkParams], count: int
) -> list[tuple[Pixels, str]]:
    """Return frames, and what they say that the head does."""
    made = []
    for _ in range(count):
        model.step([job])
        ((video, _sound),) = model.emit([job])
        assert isinstance(video, VideoChunk)
        made.append((video.frames[0], str(job.data["state"])))
    return made


def test_speech_moves_what_is_below_the_nose_and_nothing_else(model: MuseTalk) -> None:
    (job,) = model.prepare([(model.open(), asked(model, speech(0.4)))])
    frames = [frame for frame, _ in ticks(model, job, 10)]
    changed = np.any([(frame != frames[0]).any(axis=2) for frame in frames[1:]], axis=0)
    rows, columns = np.nonzero(changed)
    assert len(rows) > 1000
    assert rows.min() > 190
    assert 150 < columns.min() < columns.max() < 362


def test_it_is_at_rest_before_and_after(model: MuseTalk) -> None:
    state = model.open()
    (job,) = model.prepare([(state, asked(model))])
    (rest, before), *_ = ticks(model, job, 2)
    (job,) = model.prepare([(state, asked(model, speech(0.2), running=job))])
    made = ticks(model, job, 12)
    assert before == "idle"
    assert [said for _, said in made].count("speaking") == 5
    np.testing.assert_array_equal(made[-1][0], rest)


def test_an_interruption_closes_the_lips_with_the_next_frame(model: MuseTalk) -> None:
    state = model.open()
    (job,) = model.prepare([(state, asked(model, speech(2.0)))])
    assert ticks(model, job, 8)[-1][1] == "speaking"
    (job,) = model.prepare([(state, asked(model, running=job, interrupted=True))])
    ((frame, said),) = ticks(model, job, 1)
    assert said == "idle"
    (fresh,) = model.prepare([(model.open(), asked(model))])
    np.testing.assert_array_equal(frame, ticks(model, fresh, 1)[0][0])


def test_the_same_speech_again_after_an_interruption_looks_the_same(model: MuseTalk) -> None:
    state = model.open()
    (job,) = model.prepare([(state, asked(model, speech(0.4)))])
    first = ticks(model, job, 4)
    (job,) = model.prepare([(state, asked(model, speech(0.4), running=job, interrupted=True))])
    for (one, _), (other, _) in zip(first, ticks(model, job, 4), strict=True):
        np.testing.assert_array_equal(one, other)


def test_faces_that_speak_together_look_as_they_do_alone(model: MuseTalk) -> None:
    alone = []
    for seed in (1, 2):
        (job,) = model.prepare([(model.open(), asked(model, speech(0.4, seed)))])
        alone.append([frame for frame, _ in ticks(model, job, 3)])
    jobs = model.prepare([(model.open(), asked(model, speech(0.4, seed))) for seed in (1, 2)])
    quiet = model.prepare([(model.open(), asked(model))])
    for at in range(3):
        model.step([*jobs, *quiet])
        shown = [video for video, _ in model.emit([*jobs, *quiet])]
        for number in range(2):
            video = shown[number]
            assert isinstance(video, VideoChunk)
            difference = video.frames[0].astype(int) - alone[number][at]
            assert np.abs(difference).max() <= 1


def test_a_portrait_is_looked_at_once(model: MuseTalk, monkeypatch: pytest.MonkeyPatch) -> None:
    looked: list[Pixels] = []

    def counted(picture: Pixels, networks: FaceNetworks) -> Portrait:
        looked.append(picture)
        return framed(picture, networks)

    monkeypatch.setattr(module, "framed", counted)
    state = model.open()
    (job,) = model.prepare([(state, asked(model))])
    for portrait in (ASTRONAUT, ASTRONAUT, ASTRONAUT[:, ::-1].copy()):
        (job,) = model.prepare([(state, asked(model, portrait=portrait, running=job))])
    assert len(looked) == 2


def test_nobody_speaks_without_consent(model: MuseTalk) -> None:
    with pytest.raises(BadInput, match="consent") as caught:
        model.prepare([(model.open(), asked(model, consent=False))])
    assert "consent=True" in caught.value.fix


def test_a_picture_of_nobody_is_refused_once_and_noted_from_then_on(model: MuseTalk) -> None:
    state, nobody = model.open(), np.full((256, 256, 3), 90, np.uint8)
    with pytest.raises(InvalidImage, match="no face"):
        model.prepare([(state, asked(model, portrait=nobody))])
    (job,) = model.prepare([(state, asked(model, speech(0.2), portrait=nobody))])
    ((frame, said), *_) = ticks(model, job, 2)
    assert said == "speaking"
    assert (frame[:400] == frame[0, 0]).all()
    assert [note["code"] for note in job.notes] == ["no_face"]


def test_without_a_portrait_it_says_what_to_send(model: MuseTalk) -> None:
    request = replace(asked(model, speech(0.2)), inputs={})
    (job,) = model.prepare([(model.open(), request)])
    assert ticks(model, job, 1)[0][1] == "speaking"
    assert [note["code"] for note in job.notes] == ["no_portrait"]


def test_the_mark_is_there_unless_it_is_unwanted(model: MuseTalk) -> None:
    frames = []
    for badge in (True, False):
        (job,) = model.prepare([(model.open(), asked(model, badge=badge))])
        frames.append(ticks(model, job, 1)[0][0])
    rows, columns = np.nonzero((frames[0] != frames[1]).any(axis=2))
    assert rows.min() > 460
    assert columns.min() > 440


def test_a_session_holds_little_and_says_how_much(model: MuseTalk) -> None:
    state = model.open()
    (job,) = model.prepare([(state, asked(model, speech(0.4)))])
    ticks(model, job, 4)
    assert 1_500_000 < model.footprint(state) < 8_000_000


def test_without_the_extra_it_says_which(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, f"{module.__package__}.networks", None)
    with pytest.raises(MissingExtraError, match="musetalk"):
        MuseTalk.tiny()
