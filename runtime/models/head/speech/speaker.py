"""One session's voice: text in, speech out, on a thread of its own that nobody waits for."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import Executor, Future
from dataclasses import dataclass
from importlib.util import find_spec
from time import monotonic

import numpy as np

from livedraft.errors import LivedraftError, MissingExtraError
from livedraft.media.chunks import AudioChunk

from ..line import RATE, Sound, Word
from .captions import placed
from .one_thread import OneThread
from .sentences import Sentences
from .voices import PICO, VOICES, Manner, Speech, Voice, language_of
from .wording import worded

_AHEAD = 4 * RATE  # samples that wait to be heard, before the next sentence is made
_LONGEST_S = 120.0  # of a sentence
_PATIENCE_S = 30.0  # that a voice may take for one
_MOST_LOST = 4  # sentences that a voice was given and nobody waits for any more

Worker = Callable[[], Executor]


@dataclass(frozen=True, slots=True)
class Said:
    """A sentence that was made."""

    samples: Sound
    words: tuple[Word, ...] = ()  # samples since its beginning
    ended: bool = False  # what is being said ends with it
    left_out: str = ""  # what the voice cannot say
    failed: str = ""  # why it is not to be heard


def thread() -> Executor:
    """Return a worker with one thread."""
    return OneThread("speech")


class Speaker:
    """Makes speech of text, a sentence at a time and little ahead of what is heard.

    Its thread is there from the first text on until ``close``, or for the sentence that is being
    made then. A voice may never return: what comes after ``stop`` is spoken on another thread, and
    so is what follows a sentence that took too long.
    """

    def __init__(self, worker: Worker = thread, clock: Callable[[], float] = monotonic) -> None:
        self._worker = worker
        self._clock = clock
        self._executor: Executor | None = None
        self._sentences = Sentences()
        self._manner = Manner()
        self._voice: Voice | None = None
        self._there = ""  # the name of that voice
        self._making: Future[Said] | None = None
        self._since = 0.0  # s of the clock, when it was begun
        self._lost: list[Future[Said]] = []  # that are still being made, for nobody

    @property
    def busy(self) -> bool:
        """Whether a sentence is being made."""
        return self._making is not None

    @property
    def nbytes(self) -> int:
        """The bytes of the text that waits, at most."""
        return 4 * len(self._sentences)

    def read(self, piece: str, manner: Manner) -> bool:
        """Take some text; an empty piece ends what is being said.

        Return whether it was too much, so that its end is left out. Raises MissingExtraError where
        the voice is not installed, ModelNotFound for none.
        """
        if manner.voice != self._there:  # looked for once: pieces come as fast as they are written
            if manner.voice in PICO and find_spec("py_nanotts") is None:
                raise MissingExtraError("head", "speaking text")
            self._voice, self._there = VOICES.load(manner.voice), manner.voice
        self._manner = manner
        return self._sentences.push(piece)

    def take(self, waiting: int) -> list[Said]:
        """Return what was made since, while so many samples wait to be heard; begin the next."""
        made = []
        if self._making is not None and self._making.done():
            made.append(self._making.result())
            self._making = None
        elif self._making is not None and self._clock() > self._since + _PATIENCE_S:
            self._let_go()
            made.append(_unsaid(f"the voice took longer than {_PATIENCE_S:.0f} s for a sentence"))
        if self._making is None and waiting + sum(len(each.samples) for each in made) < _AHEAD:
            made += self._begin()
        return made

    def stop(self) -> None:
        """Forget what is to be said; a sentence that is being made is not taken."""
        self._sentences.clear()
        self._let_go()

    def close(self) -> None:
        """Let the thread end; text that comes later begins another."""
        self.stop()
        if self._executor is not None:
            self._executor.shutdown(wait=False, cancel_futures=True)
            self._executor = None

    def _let_go(self) -> None:
        """Wait no more for the sentence that is being made; its thread ends after it."""
        making, self._making = self._making, None
        if making is None or making.cancel() or making.done():
            return
        self._lost.append(making)
        if self._executor is not None:
            self._executor.shutdown(wait=False, cancel_futures=True)
            self._executor = None

    def _begin(self) -> list[Said]:
        """Have the next sentence made; return it where it cannot be."""
        following = self._sentences.pop()
        if following is None:
            return []
        self._lost = [each for each in self._lost if not each.done()]
        if len(self._lost) >= _MOST_LOST:
            return [_unsaid("the voice has not returned from what it was given before")]
        if self._executor is None:
            self._executor = self._worker()
        assert self._voice is not None, "it is found before any text is taken"
        self._making = self._executor.submit(say, *following, self._manner, self._voice)
        self._since = self._clock()
        return []


def _unsaid(why: str) -> Said:
    return Said(np.zeros(0, np.int16), ended=True, failed=why)


def say(sentence: str, ended: bool, manner: Manner, voice: Voice) -> Said:
    """Return a sentence as it is heard."""
    wording = worded(sentence, language_of(manner.voice), latin=manner.voice in PICO)
    if not wording.words:
        return Said(np.zeros(0, np.int16), (), ended, wording.left_out)
    try:
        samples = _joined(voice(wording.said, manner))
    except Exception as error:  # a voice is anybody's code; the next sentence may well be said
        reason = error.message if isinstance(error, LivedraftError) else repr(error)
        return Said(np.zeros(0, np.int16), (), ended, wording.left_out, reason[:300])
    return Said(samples, tuple(placed(wording.words, samples)), ended, wording.left_out)


def _joined(pieces: Iterable[Speech]) -> Sound:
    """Return what a voice gave as one row of samples at RATE."""
    from livedraft.media.codecs import Resampler  # FFmpeg, which the rest does without

    resampler = Resampler(RATE, 1)
    made: list[AudioChunk] = []
    taken = 0.0
    for piece in pieces:
        chunk = AudioChunk(piece.samples.reshape(-1, 1), piece.rate, round(taken * 1e6))
        made += resampler.push(chunk)
        taken += len(chunk) / piece.rate
        if taken > _LONGEST_S:
            break
    made += resampler.flush()
    return np.concatenate([chunk.pcm[:, 0] for chunk in made] or [np.zeros(0, np.int16)])
