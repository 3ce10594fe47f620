"""What all talking heads share, on a fake face: the clock, speech and text, interruptions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, ClassVar, Self

import numpy as np
import pytest

from livedraft.errors import InvalidImage
from livedraft.media.chunks import AudioChunk, TextChunk, VideoChunk
from livedraft.protocol.messages import Note, Stage
from livedraft.runtime.models.at_once import AtOnce
from livedraft.runtime.models.base import DEFAULT_PLAN, ModelInfo, Params, Pixels, Plan, Request
from livedraft.runtime.models.head.line import RATE, Sound
from livedraft.runtime.models.head.params import TalkingParams
from livedraft.runtime.models.head.speech.speaker import Speaker
from livedraft.runtime.models.head.talking import INPUTS, OUTPUTS, Talk, Talker, TalkJob
from livedraft.runtime.models.head.ticks import TICK, TICK_US, Tick, Ticks

from .ears import FakeEar

AT = 7_000_123


@cache
def grey(shade: int) -> Pixels:
    return np.full((512, 512, 3), shade, np.uint8)


@dataclass(slots=True, eq=False)
class FakeTalk(Talk[float]):
    """The state of a fake head."""


class FakeHead(Talker[TalkingParams, FakeTalk]):
    """A fake: a grey frame, as bright as what is said is loud."""

    info: ModelInfo = ModelInfo(
        "fake-head", "talking-head", "Fake", "-", "yes", 512, 512, False, INPUTS, 1, 1, OUTPUTS
    )
    params: ClassVar[type[Params]] = TalkingParams

    @classmethod
    def load(cls, source: str = "", plan: Plan = DEFAULT_PLAN) -> Self:
        return cls()

    @classmethod
    def tiny(cls) -> Self:
        return cls()

    def open(self) -> FakeTalk:
        return FakeTalk(Ticks(FakeEar()), Speaker(AtOnce))

    def look(self, state: FakeTalk, request: Request[TalkingParams]) -> tuple[Note, ...]:
        if "portrait" in request.inputs and not request.params.consent:
            raise InvalidImage("a photograph of somebody", fix="consent=True")
        return ()

    def draw(self, items: Sequence[tuple[FakeTalk, TalkingParams, Tick[Any]]]) -> list[Pixels]:
        shades = [round(255 * min(1.0, abs(tick.shown or 0.0))) for _, _, tick in items]
        return [grey(shade) for shade in shades]


MODEL = FakeHead()
Job = TalkJob[FakeTalk, TalkingParams]


def loud(seconds: float) -> Sound:
    return np.full(round(seconds * RATE), 16_384, np.int16)


def ask(
    *sound: Sound,
    running: Job | None = None,
    at: int = AT,
    text: Sequence[str] = (),
    interrupted: bool = False,
    rate: int = RATE,
    **params: object,
) -> Request[TalkingParams]:
    return Request(
        TalkingParams.model_validate(params),
        {},
        Stage.DRAFT,
        1,
        audio={"speech": [AudioChunk(each[:, None], rate, 0) for each in sound]},
        at=at,
        running=running,
        text={"text": [TextChunk(each, 0) for each in text]},
        interrupted=interrupted,
    )


def begin(state: FakeTalk, request: Request[TalkingParams]) -> Job:
    (job,) = MODEL.prepare([(state, request)])
    return job


def ticks(job: Job, count: int) -> list[tuple[VideoChunk, AudioChunk, dict[str, Any]]]:
    made = []
    for _ in range(count):
        MODEL.step([job])
        ((video, audio),) = MODEL.emit([job])
        assert isinstance(video, VideoChunk)
        assert isinstance(audio, AudioChunk)
        made.append((video, audio, dict(job.data)))
    return made


def test_each_tick_is_a_frame_and_its_sound_at_one_time() -> None:
    job = begin(MODEL.open(), ask(loud(0.2)))
    for number, (video, audio, _) in enumerate(ticks(job, 10)):
        assert video.pts == audio.pts == AT + number * TICK_US
        assert (video.duration, len(audio), audio.rate) == (TICK_US, TICK, RATE)
    assert not job.done


def test_sound_is_counted_and_never_drifts() -> None:
    """An hour of silence, and what is said after it is where its samples are."""
    state = MODEL.open()
    job = begin(state, ask())
    hour = 3600 * 25
    for _ in range(hour):
        MODEL.step([job])
        job.made.clear()
    assert job.at == AT + hour * TICK_US
    begin(state, ask(loud(1.0), running=job))
    assert ticks(job, 1)[0][0].pts == AT + hour * TICK_US


def test_it_is_made_shortly_before_it_is_shown() -> None:
    job = begin(MODEL.open(), ask())
    assert (job.due, job.lead) == (AT, TICK_US)
    ticks(job, 1)
    assert (job.due, job.lead) == (AT + TICK_US, TICK_US)


def test_frames_move_with_what_is_heard_in_their_middle() -> None:
    quiet = np.zeros(RATE // 2, np.int16)
    made = ticks(begin(MODEL.open(), ask(np.concatenate([quiet, loud(0.5), quiet]))), 30)
    bright = [int(video.frames[0, 0, 0, 0]) for video, _, _ in made]
    assert set(bright[:12]) == {0}
    assert set(bright[13:24]) == {128}
    assert [data["viseme"] for *_, data in made[11:14]] == ["sil", "aa", "aa"]


def test_states_are_told() -> None:
    state = MODEL.open()
    job = begin(state, ask())
    assert ticks(job, 1)[0][2]["state"] == "idle"
    begin(state, ask(running=job, listening=True))
    assert ticks(job, 1)[0][2]["state"] == "listening"
    begin(state, ask(loud(0.2), running=job, listening=True))
    told = [data for *_, data in ticks(job, 8)]
    assert [each["state"] for each in told] == ["speaking"] * 5 + ["listening"] * 3
    assert [each["spoken_us"] for each in told[3:6]] == [160_000, 200_000, 200_000]


def test_an_interruption_is_silent_from_the_next_tick_on() -> None:
    state = MODEL.open()
    job = begin(state, ask(loud(5.0)))
    ticks(job, 10)
    assert begin(state, ask(running=job, interrupted=True)) is job
    for video, audio, data in ticks(job, 10):
        assert not audio.samples.any()
        assert not video.frames.any()
        assert data["state"] == "idle"
    begin(state, ask(loud(0.2), running=job))
    assert ticks(job, 1)[0][1].samples.all()


def test_what_comes_with_an_interruption_is_said() -> None:
    state = MODEL.open()
    job = begin(state, ask(loud(5.0)))
    ticks(job, 10)
    begin(state, ask(loud(0.2) // 2, running=job, interrupted=True))
    assert set(np.unique(ticks(job, 1)[0][1].samples)) == {8192}


def test_where_the_server_stood_still_so_does_the_face() -> None:
    state = MODEL.open()
    job = begin(state, ask())
    ticks(job, 5)
    begin(state, ask(running=job, at=AT + 100_000))
    assert job.at == AT + 5 * TICK_US, "it catches up"
    begin(state, ask(running=job, at=AT + 60_000_000))
    assert ticks(job, 1)[0][0].pts == AT + 60_000_000


@pytest.mark.parametrize("rate", [8_000, 16_000, 44_100, 48_000])
def test_sound_of_any_rate_lasts_as_long(rate: int) -> None:
    tone = (8000 * np.sin(np.arange(rate) * 2 * np.pi * 200 / rate)).astype(np.int16)
    state = MODEL.open()
    job = begin(state, ask(tone, rate=rate))
    sound = np.concatenate([audio.samples[:, 0] for _, audio, _ in ticks(job, 30)])
    heard = np.flatnonzero(np.abs(sound.astype(int)) > 100)
    assert abs(heard[-1] - heard[0] - RATE) < RATE // 50
    assert np.abs(np.fft.rfft(sound[1000:23_000])).argmax() * RATE / 22_000 == pytest.approx(200, 2)


def test_speech_in_pieces_with_gaps_is_heard_in_each() -> None:
    """As a microphone sends it: what comes after a gap is a beginning."""
    state = MODEL.open()
    job = begin(state, ask())
    heard = []
    for _ in range(3):
        for _ in range(10):
            begin(state, ask(*[loud(0.02)] * 2, running=job))
            heard += ticks(job, 1)
        heard += ticks(job, 10)
    sound = np.concatenate([audio.samples[:, 0] for _, audio, _ in heard])
    assert np.count_nonzero(sound) == 3 * 10 * TICK
    assert [data["state"] for *_, data in heard].count("idle") >= 20


def test_too_much_sound_is_said_to_be_dropped() -> None:
    state = MODEL.open()
    job = begin(state, ask(*[loud(60.0)] * 3))
    ticks(job, 1)
    assert [note["code"] for note in job.notes] == ["speech_dropped"]
    assert state.nbytes < 20_000_000


def test_text_is_spoken_with_words_that_are_never_ahead_of_it() -> None:
    pytest.importorskip("py_nanotts", reason="the extra 'head' is not installed")
    state = MODEL.open()
    job = begin(state, ask(text=["Good mor", "ning to y", "ou.", ""]))
    made = ticks(job, 60)
    words = [(word, audio.pts) for _, audio, data in made for word in data["words"]]
    assert [word["text"] for word, _ in words] == ["Good", "morning", "to", "you."]
    for word, pts in words:
        assert pts <= word["at"] < pts + TICK_US
        assert word["at"] < word["until"]
    assert made[-1][2]["state"] == "idle"


def test_text_that_comes_word_by_word_and_stops_in_the_middle_of_one() -> None:
    pytest.importorskip("py_nanotts", reason="the extra 'head' is not installed")
    state = MODEL.open()
    job = begin(state, ask(text=["One sentence. And ano"]))
    said = [word["text"] for *_, data in ticks(job, 100) for word in data["words"]]
    assert said == ["One", "sentence."]
    begin(state, ask(running=job, interrupted=True, text=["New."]))
    begin(state, ask(running=job, text=[""]))
    said = [word["text"] for *_, data in ticks(job, 50) for word in data["words"]]
    assert said == ["New."]


def test_a_hundred_thousand_characters_are_said_bit_by_bit() -> None:
    pytest.importorskip("py_nanotts", reason="the extra 'head' is not installed")
    state = MODEL.open()
    job = begin(state, ask(text=["This is said again and again. " * 3400, ""]))
    ticks(job, 50)
    assert [note["code"] for note in job.notes] == ["text_dropped"]
    assert len(state.ticks.line) < 10 * RATE
    begin(state, ask(running=job, interrupted=True))
    assert not any(audio.samples.any() for _, audio, _ in ticks(job, 5))
    assert state.speaker.nbytes == 0


def test_what_the_voice_cannot_say_is_told_until_something_else_is_said() -> None:
    pytest.importorskip("py_nanotts", reason="the extra 'head' is not installed")
    state = MODEL.open()
    job = begin(state, ask(text=["Привет 😀.", ""]))
    ticks(job, 3)
    assert job.notes[0]["message"] == "the voice cannot say: Привет 😀"
    begin(state, ask(running=job, text=["Hello.", ""]))
    ticks(job, 3)
    assert job.notes == ()


def test_two_heads_share_a_call() -> None:
    states = [MODEL.open(), MODEL.open()]
    jobs = MODEL.prepare([(states[0], ask(loud(1.0))), (states[1], ask())])
    assert jobs[0].key == jobs[1].key
    MODEL.step(jobs)
    (talking, _), (still, _) = MODEL.emit(jobs)
    assert isinstance(talking, VideoChunk)
    assert isinstance(still, VideoChunk)
    assert (talking.frames.max(), still.frames.max()) == (128, 0)


def test_who_is_away_is_not_spoken_to() -> None:
    state = MODEL.open()
    job = begin(state, ask(loud(9.0)))
    ticks(job, 3)
    MODEL.suspend(state)
    assert MODEL.footprint(state) < 200_000
    again = begin(state, ask(at=AT + 90_000_000))
    assert not any(audio.samples.any() for _, audio, _ in ticks(again, 3))
    MODEL.close(state)
