"""One tick of a talking head: 40 ms of sound, and what is heard in the middle of it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, Literal, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from livedraft.media.chunks import microseconds
from livedraft.media.marks import KEY, MADE

from .line import RATE, Line, Sound, Word

TICK_US = 40_000
TICK = RATE * TICK_US // 1_000_000  # samples


State = Literal["idle", "listening", "speaking"]
T_co = TypeVar("T_co", covariant=True)
T = TypeVar("T")

_LATE_US = 20_000  # that a mouth is held for what the ear lacks, while more comes
_PATIENCE = 2  # ticks that a beginning waits for more sound than it has
_REPLAYED = round(0.4 * RATE)  # samples that an ear hears again, so that it knows the voice
_STEP = RATE // 100  # samples that an ear is given at a time
_QUIET = 0.02  # of loudness, under which nobody is heard to speak
_PAUSE = 12  # ticks of that, which are no more a pause in speech
_SPEECH = 0.1  # of full scale: the root mean square of loud speech


class Ear(Protocol[T_co]):
    """Hears a stream of speech, and tells what a face shows at a time of it."""

    @property
    def lookahead_us(self) -> int:
        """How much sound after a time it needs to know what is said then."""
        ...

    @property
    def known_us(self) -> int:
        """The time up to which it knows."""
        ...

    def push(self, samples: NDArray[np.float32]) -> None:
        """Hear samples (n,) in -1..1 at ``line.RATE``; any number."""
        ...

    def at(self, time_us: int) -> T_co:
        """Return what is said at a time of the stream."""
        ...

    def viseme_at(self, time_us: int) -> str:
        """Return the viseme at a time of the stream, see ``visemes.VISEMES``."""
        ...

    def reset(self) -> None:
        """Begin another stream."""
        ...


@dataclass(frozen=True, slots=True)
class Tick(Generic[T]):
    """A frame's time: it is shown from ``at`` on, with the mouth of its middle."""

    at: int  # µs on the media clock
    sound: Sound  # (TICK,)
    state: State
    shown: T | None = None  # by the face, as the ear tells; None: nothing is said
    viseme: str = "sil"
    loudness: float = 0.0  # 0..1
    words: tuple[Word, ...] = ()  # that begin in it; times in µs on the media clock
    spoken_us: int = 0  # of speech that was heard since it began, with this tick's

    @property
    def data(self) -> dict[str, Any]:
        """What clients are told of it."""
        words = [{"text": w.text, "at": w.at, "until": w.until} for w in self.words]
        return {
            "state": self.state,
            "viseme": self.viseme,
            "words": words,
            "spoken_us": self.spoken_us,
            KEY: MADE,
        }


@dataclass(slots=True)
class Ticks(Generic[T]):
    """Cuts a line of speech into ticks, an ear ahead of what is heard.

    A tick is made once the line reaches as far as the ear looks ahead. Where it runs dry that is
    taken for the end: the ear hears silence after it, so that the last sounds are shown. Should
    more come after all, the ear hears the last of the speech again without that silence. Where it
    still grows, what lacks is only late: the mouth before it is shown for a tick.
    """

    ear: Ear[T]
    line: Line = field(default_factory=Line)
    speaking: bool = False
    spoken: int = 0  # samples of speech since it began
    _quiet: int = 0  # ticks without a sound to be heard
    _began: int = 0  # number of the sample at the ear's time 0
    _heard: int = 0  # number of the sample that the ear hears next
    _padded: bool = False  # whether it heard silence that is not on the line
    _waited: int = 0  # ticks
    _seen: int = 0  # end of the line, at the tick before
    _grown: bool = False  # since then
    _past: Sound = field(default_factory=lambda: np.zeros(0, np.int16))

    def next(self, at: int, *, listening: bool = False, busy: bool = False) -> Tick[T]:
        """Return the tick at a time, µs; ``busy``: speech is being made that is not there yet."""
        silent: State = "listening" if listening else "idle"
        pause = self._pause()
        if pause is None:
            if self.speaking:
                self._forget()
            self.speaking = False
            sound = np.zeros(TICK, np.int16)
            return Tick(at, sound, "speaking" if busy else silent, spoken_us=self.spoken_us)
        if not self.speaking:
            self.speaking, self.spoken, self._quiet = True, 0, 0
        first = self.line.next
        middle = self._hear(first, pause)
        sound, words = self.line.take(TICK - pause)
        self.spoken += len(sound)
        self._past = np.concatenate([self._past, sound])[-_REPLAYED:]
        whole = np.pad(sound, (pause, TICK - pause - len(sound)))
        loudness = _loudness(whole)
        self._quiet = self._quiet + 1 if loudness < _QUIET else 0
        return Tick(
            at,
            whole,
            "speaking" if self._quiet <= _PAUSE else silent,  # a line may be open all day
            self.ear.at(middle) if middle > 0 else None,
            self.ear.viseme_at(middle) if middle > 0 else "sil",
            loudness,
            tuple(_placed(words, first, at + microseconds(pause, RATE))),
            self.spoken_us,
        )

    @property
    def spoken_us(self) -> int:
        """How much speech was heard since it began, µs."""
        return microseconds(self.spoken, RATE)

    def interrupt(self) -> None:
        """Drop what waits; who speaks falls silent with the next tick."""
        self.line.clear()
        self.speaking = False
        self._waited = 0
        self._forget()

    def _pause(self) -> int | None:
        """Return how many samples of silence the next tick begins with; None: it is all silence.

        Speech begins as soon as the ear may know the tick's middle: not only with a tick, but
        anywhere in it, so that sound and lips come equally soon whenever somebody begins to speak.
        """
        line = self.line
        if not len(line):
            return None
        self._grown, self._seen = line.end != self._seen, line.end
        lacking = TICK // 2 + -(-RATE * self.ear.lookahead_us // 1_000_000) - len(line)
        if self.speaking or line.ended or lacking <= 0:
            self._waited = 0
            return 0
        pause = -(-lacking // _STEP) * _STEP  # so that middles are where an ear's rows meet
        if self._grown and pause < TICK:
            self._waited = 0
            return pause
        self._waited = 0 if self._grown else self._waited + 1
        if self._waited < _PATIENCE:
            return None
        self._waited = 0
        return 0

    def _hear(self, first: int, pause: int) -> int:
        """Have the ear hear what a tick with a sample after a pause needs; return its middle, µs.

        The time counts from the beginning of the ear's stream, and is negative before that. It is
        earlier where the sound that the ear looks ahead at is late.
        """
        if not self._goes_on(first):
            self._begin(first)
        middle = microseconds(first - pause - self._began, RATE) + TICK_US // 2
        taken = min(first + TICK - pause, self.line.end)  # all of it, should that be more
        while self.ear.known_us < middle or self._heard < taken:
            samples = self.line.between(self._heard, self._heard + _STEP)
            if not len(samples):
                if self._late(middle):
                    return self.ear.known_us
                samples, self._padded = np.zeros(_STEP, np.int16), True
            else:
                self._heard += len(samples)
            self.ear.push(samples.astype(np.float32) / np.float32(32768))
        return middle

    def _late(self, middle: int) -> bool:
        """Tell whether the little that the ear lacks is on its way, as pieces come unevenly."""
        comes = self._grown and not self.line.ended and not self._padded
        return comes and self.ear.known_us >= max(1, middle - _LATE_US)

    def _goes_on(self, first: int) -> bool:
        """Tell whether the ear may hear on: nothing was dropped, and no silence was made up."""
        if self._heard < first:
            self._past = self._past[:0]
            return False
        return not (self._padded and self.line.end > self._heard)

    def _begin(self, first: int) -> None:
        """Begin anew at a sample, with the speech just before it, if there was any."""
        self.ear.reset()
        self._padded = False
        self._began = first - len(self._past)
        self._heard = first
        if len(self._past):
            self.ear.push(self._past.astype(np.float32) / np.float32(32768))

    def _forget(self) -> None:
        self.ear.reset()
        self._past = self._past[:0]
        self._heard = self._began = -1  # before any sample: the next one begins anew
        self._padded = False


def _placed(words: Sequence[Word], first: int, at: int) -> list[Word]:
    """Return words of a tick that begins with a sample, with times in µs on the media clock."""
    return [
        Word(
            each.text,
            at + microseconds(max(0, each.at - first), RATE),
            at + microseconds(each.until - first, RATE),
        )
        for each in words
    ]


def _loudness(sound: Sound) -> float:
    """Return how loud a tick is, 0..1, by its root mean square."""
    power = float(np.mean((sound.astype(np.float32) / 32768) ** 2))
    return min(1.0, math.sqrt(power) / _SPEECH)
