"""What a talking model shows and says, in step: a frame, its sound, the words that begin in it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from livedraft.protocol.messages import Note

from .chunks import AudioChunk, Output, VideoChunk

SPEAKING = "speaking"
_QUIET_US = 500_000  # after all was handed over, in which nothing is said: nothing will be


@dataclass(frozen=True, slots=True)
class Word:
    """A word, and when it is heard: µs on the clock of the sound."""

    text: str
    at: int
    until: int


@dataclass(frozen=True, slots=True, eq=False)
class Talk:
    """Some ms of a head that talks: one frame and the sound beside it, of the same times.

    Who takes slowly misses frames: then ``frame`` is the one before, which is still shown.
    """

    frame: VideoChunk
    sound: AudioChunk
    words: tuple[Word, ...]  # that begin in it: none is ahead of its sound
    state: str  # "speaking", "listening" or "idle"
    viseme: str  # of the mouth, as "aa"; "sil" is closed
    ready: bool = True  # whether who is to speak is seen yet: a portrait takes its time
    spoken_us: int = 0  # of what was said since it began, with this; pauses count
    notes: tuple[Note, ...] = ()  # what to know of it, as that several faces are seen


class Pairs:
    """Puts frames and sound together, as they come."""

    def __init__(self) -> None:
        self._frame: VideoChunk | None = None

    def add(
        self, output: Output, about: Mapping[str, Any], notes: Sequence[Note] = ()
    ) -> Talk | None:
        """Take the next output, with what the model told of it; return what is whole."""
        if isinstance(output, VideoChunk):
            self._frame = output
        if not isinstance(output, AudioChunk) or self._frame is None or not len(output):
            return None
        words = about.get("words", ())
        return Talk(
            VideoChunk(self._frame.frames[-1:], output.pts, output.duration),
            output,
            tuple(Word(word["text"], word["at"], word["until"]) for word in words),
            about.get("state", ""),
            about.get("viseme", ""),
            about.get("ready", True),
            about.get("spoken_us", 0),
            tuple(notes),
        )


class Ending:
    """Tells when all is said: it was, or nothing comes of it."""

    def __init__(self) -> None:
        self._spoke = False  # since all was handed over
        self._quiet_us = 0  # since then
        self._spoken_us = 0  # of the last one

    def after(self, talk: Talk, *, all_given: bool) -> bool:
        """Return whether this is after the end; ``all_given``: the model had all of it by then."""
        goes_on = talk.spoken_us != self._spoken_us  # a pause within speech is no end of it
        self._spoken_us = talk.spoken_us
        if talk.state == SPEAKING or goes_on:
            self._spoke = self._spoke or all_given
            self._quiet_us = 0
            return False
        self._quiet_us += talk.sound.duration if all_given else 0
        return all_given and (self._spoke or self._quiet_us >= _QUIET_US)
