"""A talk made in this process, without a server: as fast as the machine can, for a file."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Mapping, Sequence
from typing import Any

from livedraft.errors import InvalidMedia, LivedraftError
from livedraft.media.chunks import SECOND, AudioChunk, TextChunk, VideoChunk
from livedraft.media.sounds import Sound, sounds
from livedraft.media.talk import SPEAKING, Ending, Pairs, Talk, Word
from livedraft.media.text import Text, parts
from livedraft.protocol.messages import Note, Stage

from .engine.contract import Progress
from .engine.engine import Engine
from .engine.turn import Cell, Emit, Emitted, Prepare, Step, Turn
from .models.base import AnyModel, AudioInput, Params, Pixels, Request, TextInput

_AHEAD_US = 5 * SECOND  # of sound, that the model has and has not said


class LocalTalk:
    """Has a model say something; ``notes`` is what to know of that, once it is over."""

    def __init__(
        self,
        model: AnyModel,
        params: Params,
        inputs: Mapping[str, Pixels],
        *,
        audio: Sound | None = None,
        text: Text | None = None,
        rate: int = 24_000,
    ) -> None:
        self.notes: dict[str, Note] = {}
        self._name = model.info.id
        self._params = params
        self._inputs = inputs
        self._given = _Given(model, audio, text, rate)
        self._engine = Engine(models={self._name: model})
        self._cell = Cell()

    async def run(self) -> AsyncGenerator[Talk, None]:
        """Yield all of it, from its first word to its last, from 0 µs on; raise what went wrong.

        In what comes before, and while a voice is being awaited, nothing is heard: it is left out.
        """
        try:
            end = 0  # µs, of what was yielded
            async for talk, waits in self._ticks():
                if not waits:
                    yield _moved(talk, end - talk.sound.pts)
                    end += talk.sound.duration
        finally:
            await self._engine.release(self._name, self._cell)
            self._engine.close()

    async def _ticks(self) -> AsyncGenerator[tuple[Talk, bool], None]:
        """Yield each tick, and whether it says nothing since nothing is there to be said yet."""
        pairs, ending = Pairs(), Ending()
        at = spoken = 0
        begun = False
        ready = not self._inputs  # a portrait takes its time, and nothing is said meanwhile
        progress: Progress | None = None
        while True:
            audio, text = await self._given.next(at) if ready else ({}, {})
            if progress is None or audio or text:
                progress = await self._prepared(progress, audio, text, at)
            progress = _progress(await self._made(Step(self._name, [progress])))
            if not progress.ready:
                continue
            emitted = await self._made(Emit(self._name, [progress]))
            assert isinstance(emitted, Emitted), "of that turn"
            progress = emitted.progress
            self.notes |= {note["code"]: note for note in progress.notes}
            for output in emitted.outputs:
                talk = pairs.add(output, progress.data, progress.notes)
                if talk is None:
                    continue
                at = talk.sound.end
                ready = ready or talk.ready
                if not ready:
                    await asyncio.sleep(talk.sound.duration / SECOND)  # as long as it lasts
                if ending.after(talk, all_given=self._given.all):
                    return
                before, spoken = spoken, progress.data.get("spoken_us", spoken + 1)
                says = talk.state == SPEAKING and (spoken != before or talk.sound.samples.any())
                begun = begun or bool(says)
                yield talk, not begun or (talk.state == SPEAKING and not says)

    async def _prepared(
        self,
        progress: Progress | None,
        audio: Mapping[str, Sequence[AudioChunk]],
        text: Mapping[str, Sequence[TextChunk]],
        at: int,
    ) -> Progress:
        request = Request(
            self._params,
            self._inputs,
            Stage.DRAFT,
            1,
            audio=audio,
            text=text,
            at=at,
            running=None if progress is None else progress.job,
        )
        return _progress(await self._made(Prepare(self._name, [(self._cell, request)])))

    async def _made(self, turn: Turn) -> Progress | Emitted:
        (given,) = await self._engine.make(turn)
        if isinstance(given, LivedraftError):
            raise given
        assert isinstance(given, Progress | Emitted), "nothing is refined here"
        return given


class _Given:
    """What is to be said, handed over as it is needed."""

    def __init__(self, model: AnyModel, audio: Sound | None, text: Text | None, rate: int) -> None:
        self.all = False  # whether the model has all of it
        self._audio = sounds(audio, rate) if audio is not None else None
        self._text = parts(text) if text is not None else None
        self._ear = next((s for s in model.info.inputs if isinstance(s, AudioInput)), None)
        self._page = next((s for s in model.info.inputs if isinstance(s, TextInput)), None)
        if (audio is not None and self._ear is None) or (text is not None and self._page is None):
            kind = "sound" if audio is not None else "text"
            raise InvalidMedia(f"{model.info.id} says no {kind}", fix="choose 'head'")
        self._resampled = _Resampled(self._ear) if self._ear is not None else None
        self._until = 0  # µs of sound that went

    async def next(self, at: int) -> tuple[dict[str, list[AudioChunk]], dict[str, list[TextChunk]]]:
        """Return what the model is to have by ``at``, µs of what it said."""
        audio: list[AudioChunk] = []
        while self._audio is not None and not self.all and self._until < at + _AHEAD_US:
            chunk = await anext(self._audio, None)
            assert self._resampled is not None, "there is an input for it"
            audio += self._resampled.push(chunk)
            self._until += 0 if chunk is None else chunk.duration
            self.all = chunk is None
        text: list[TextChunk] = []
        if self._text is not None and not self.all:
            part = await anext(self._text, "")
            text.append(TextChunk(part, at))
            self.all = not part
        heard = {self._ear.name: audio} if audio and self._ear is not None else {}
        read = {self._page.name: text} if text and self._page is not None else {}
        return heard, read


class _Resampled:
    """Sound at the rate that an input takes."""

    def __init__(self, spec: AudioInput) -> None:
        self._rate, self._channels = spec.rate, spec.channels
        self._resampler: Any = None

    def push(self, chunk: AudioChunk | None) -> list[AudioChunk]:
        """Return what is ready after a chunk, or with None the rest."""
        if chunk is None:
            return [] if self._resampler is None else list(self._resampler.flush())
        rate, channels = self._rate or chunk.rate, self._channels or chunk.channels
        if self._resampler is None and (chunk.rate, chunk.channels) == (rate, channels):
            return [chunk]
        if self._resampler is None:
            from livedraft.media.codecs import Resampler  # raises MissingExtraError without PyAV

            self._resampler = Resampler(rate, channels)
        return list(self._resampler.push(chunk))


def _progress(made: Progress | Emitted) -> Progress:
    assert isinstance(made, Progress), "of that turn"
    return made


def _moved(talk: Talk, by: int) -> Talk:
    """Return a talk at another time."""
    frame, sound = talk.frame, talk.sound
    return Talk(
        VideoChunk(frame.frames, frame.pts + by, frame.duration),
        AudioChunk(sound.samples, sound.rate, sound.pts + by),
        tuple(Word(word.text, word.at + by, word.until + by) for word in talk.words),
        talk.state,
        talk.viseme,
        talk.ready,
    )
