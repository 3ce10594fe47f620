"""What all talking heads share: one clock, ticks of sound and frame, text and interruption."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from livedraft.errors import BadInput
from livedraft.media.chunks import AudioChunk, Output, VideoChunk
from livedraft.protocol.messages import Note

from ..base import (
    LATE_US,
    AudioInput,
    AudioOutput,
    ImageInput,
    InputSpec,
    Job,
    Model,
    OutputSpec,
    Pixels,
    Request,
    TextInput,
    VideoOutput,
)
from .expression import SIZE
from .line import MOST_S, RATE
from .params import TalkingParams
from .speech.speaker import Speaker
from .ticks import TICK_US, Tick, Ticks

if TYPE_CHECKING:
    from livedraft.media.codecs import Resampler

PORTRAIT_PX = 1024  # a side, of what is of use of a portrait

INPUTS: tuple[InputSpec, ...] = (
    ImageInput(
        "portrait",
        PORTRAIT_PX,
        PORTRAIT_PX,
        alpha=True,
        required=False,
        description="One face, from the front. A photograph needs consent.",
    ),
    AudioInput(
        "speech",
        RATE,
        1,
        max_s=MOST_S,
        required=False,
        description="What the head says, in pieces of any length; it may come as it is spoken.",
    ),
    TextInput(
        "text",
        required=False,
        description="What the head says, in pieces as they are written. An empty piece ends it.",
    ),
)
OUTPUTS: tuple[OutputSpec, ...] = (
    VideoOutput(width=SIZE, height=SIZE, rate=1e6 / TICK_US),
    AudioOutput(rate=RATE, channels=1),
)

AHEAD_US = 40_000  # of the media clock: what is said live is not held up for longer

T = TypeVar("T")
P = TypeVar("P", bound=TalkingParams)


@dataclass(slots=True, eq=False)
class Talk(Generic[T]):
    """A session's speech: what waits to be heard and to be spoken. A model adds its face."""

    ticks: Ticks[T]
    speaker: Speaker
    resampler: Resampler | None = None  # of sound at another rate
    notes: dict[str, Note] = field(default_factory=dict)  # of what was said last, by their codes
    about: tuple[Note, ...] = ()  # of the face

    @property
    def nbytes(self) -> int:
        """The bytes that what waits holds."""
        return self.ticks.line.nbytes + self.speaker.nbytes

    def hear(self, chunk: AudioChunk) -> None:
        """Put a chunk of sound at the end of what is to be said."""
        for each in self._at_rate(chunk):
            if self.ticks.line.append(each.pcm[:, 0]):
                self.note("speech_dropped", f"more than {MOST_S:.0f} s waited to be said")

    def _at_rate(self, chunk: AudioChunk) -> list[AudioChunk]:
        if (chunk.rate, chunk.channels) == (RATE, 1):
            return [chunk]
        if self.resampler is None:
            from livedraft.media.codecs import Resampler  # FFmpeg, which the rest does without

            self.resampler = Resampler(RATE, 1)
        return self.resampler.push(chunk)

    def fetch(self) -> None:
        """Put on the line what the voice has made by now, and have it go on."""
        line = self.ticks.line
        for said in self.speaker.take(len(line)):
            line.append(said.samples, said.words, ended=said.ended)
            if said.left_out:
                self.note("left_out", f"the voice cannot say: {said.left_out}")
            if said.failed:
                self.note("voice_failed", said.failed)

    def interrupt(self) -> None:
        """Fall silent: what waits is dropped."""
        self.speaker.stop()
        self.ticks.interrupt()
        self.resampler = None
        self.notes.clear()

    def note(self, code: str, message: str) -> None:
        """Tell the user something of what is said; one of each code."""
        self.notes[code] = Note(code=code, message=message, param="", choices=[])


S = TypeVar("S", bound=Talk[Any])


@dataclass(slots=True, eq=False)
class TalkJob(Job, Generic[S, P]):
    """Ticks without an end."""

    state: S
    params: P
    at: int  # µs on the media clock, of the next tick
    made: list[tuple[Pixels, Tick[Any]]] = field(default_factory=list)  # and not shown yet


class Talker(Model[P, S, TalkJob[S, P]], Generic[P, S]):
    """A face that speaks: each step makes 40 ms of sound and the frame that goes with them.

    The clock is samples: a tick has as many as it lasts, whether anything is said or not, and
    its frame has the same pts. What waits may be dropped at any tick.
    """

    @abstractmethod
    def look(self, state: S, request: Request[P]) -> tuple[Note, ...]:
        """Bring the face that a request asks for into the state; return what to say of it.

        Raises InvalidImage for a portrait that is none.
        """

    def check(self, state: S, *, last: bool) -> None:  # most have nothing under way
        """Take what became of a face that is made beside the ticks; raise what is wrong with it.

        Where several share a call it is raised twice, and the second is the ``last`` time.
        """

    def ready(self, state: S) -> bool:  # most are at once
        """Return whether the face that was asked for is there; ``data`` says so until it is."""
        return True

    @abstractmethod
    def draw(self, items: Sequence[tuple[S, P, Tick[Any]]]) -> Sequence[Pixels]:
        """Return the frame of each tick, uint8 (SIZE, SIZE, 3)."""

    def prepare(self, items: Sequence[tuple[S, Request[P]]]) -> list[TalkJob[S, P]]:
        """Put what came in line, and go on with what runs.

        Where a face is refused, what came with it to be said is on the line all the same.
        """
        if len(items) > 1:
            self._see(items)  # before anything is put on a line: the engine then asks each alone
            return [self._job(state, request) for state, request in items]
        try:
            self._see(items)
        except BadInput:
            self._job(*items[0])
            raise
        return [self._job(*items[0])]

    def _see(self, items: Sequence[tuple[S, Request[P]]]) -> None:
        for state, request in items:
            state.about = self.look(state, request)
        self._check([state for state, _ in items])

    def _check(self, states: Sequence[S]) -> None:
        """Raise what is wrong with a face; where several are asked, the engine asks each again."""
        for state in states:
            self.check(state, last=len(states) == 1)

    def _job(self, state: S, request: Request[P]) -> TalkJob[S, P]:
        if request.interrupted:
            state.interrupt()
        elif any(request.text.values()):
            state.notes.clear()
        for chunk in request.audio.get("speech", ()):
            state.hear(chunk)
        params = request.params
        for piece in request.text.get("text", ()):
            if state.speaker.read(piece.text, params.manner):
                state.note("text_dropped", "more text waited than is kept; the end is left out")
        job = request.running
        if not isinstance(job, TalkJob):
            job = TalkJob[S, P]("talk", 0, state, params, request.at)
            job.lead = AHEAD_US
        job.params = params
        if request.at > job.at + LATE_US:
            job.at = request.at  # where the server or who looks stood still, so did the face
        job.due = job.at
        return job

    def step(self, jobs: Sequence[TalkJob[S, P]]) -> None:
        """Make one tick of each."""
        self._check([job.state for job in jobs])
        ticks = [_tick(job) for job in jobs]
        items = [(job.state, job.params, tick) for job, tick in zip(jobs, ticks, strict=True)]
        for job, tick, frame in zip(jobs, ticks, self.draw(items), strict=True):
            job.made.append((frame, tick))
            job.data = tick.data if self.ready(job.state) else {**tick.data, "ready": False}
            job.notes = (*job.state.about, *job.state.notes.values())
            job.at += TICK_US
            job.step += 1
            job.ready, job.due = True, job.at

    def emit(self, jobs: Sequence[TalkJob[S, P]]) -> list[list[Output]]:
        """Return a frame and its sound for each tick that was made."""
        shown = [
            [each for frame, tick in job.made for each in _outputs(frame, tick)] for job in jobs
        ]
        for job in jobs:
            job.made.clear()
        return shown

    def room(self, key: object) -> int:
        """Take a few at a time."""
        return 8

    def suspend(self, state: S) -> None:
        """Fall silent: nobody listens."""
        state.interrupt()
        state.speaker.close()

    def close(self, state: S) -> None:
        """End the thread that speaks."""
        state.speaker.close()


def _tick(job: TalkJob[S, P]) -> Tick[Any]:
    state = job.state
    state.fetch()
    return state.ticks.next(job.at, listening=job.params.listening, busy=state.speaker.busy)


def _outputs(frame: Pixels, tick: Tick[Any]) -> tuple[Output, Output]:
    return VideoChunk(frame[None], tick.at, TICK_US), AudioChunk(tick.sound[:, None], RATE, tick.at)
