"""What a session still has to tell the server: one slot a kind, so that the newest wins.

Knows the protocol and no socket. What a broken connection left unanswered goes back to its slot.
"""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from livedraft.errors import EngineError, LivedraftError, SessionError, from_wire
from livedraft.protocol import messages as wire
from livedraft.protocol.codec import Data
from livedraft.protocol.connection import ClientConnection

from .lines import Lines
from .pacing import Pacing

T = TypeVar("T")
Params = dict[str, Any]
Clock = Callable[[], float]  # s


@dataclass(slots=True)
class Question(Generic[T]):
    """Params on their way, and those who wait for the answer."""

    params: Params = field(default_factory=dict)
    waiting: list[asyncio.Future[T]] = field(default_factory=list)

    def ask(self, params: Params) -> asyncio.Future[T]:
        """Add params and one who waits."""
        answer: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        self.params |= params
        self.waiting.append(answer)
        return answer

    def join(self, newer: Question[T]) -> None:
        """Take over newer params, and who waits for them."""
        self.params |= newer.params
        self.waiting += newer.waiting

    def answer(self, result: T) -> None:
        """Tell those who still wait."""
        for future in self.waiting:
            if not future.done():
                future.set_result(result)

    def refuse(self, error: LivedraftError) -> None:
        """Raise the error in those who still wait."""
        for future in self.waiting:
            if not future.done():
                future.set_exception(error)


class Outbox:
    """Slots of what waits, and tables of what was sent and is not answered."""

    def __init__(self, params: Params, in_flight: int, clock: Clock = time.monotonic) -> None:
        self.media = Lines()  # frames and sound, which are paced by the line alone
        self.kept = params  # what the user set and the server took; a fresh session starts with it
        self._pacing = Pacing(in_flight)  # inputs that may not go yet wait in the slot
        self._clock = clock
        self._drawing: dict[str, bytes] = {}  # the newest picture of each input
        self._inputs: dict[str, bytes] = {}
        self._riding: Params = {}  # params that go with ``_inputs``
        self._due = False  # whether they may go; after ``cancel`` they wait for the next word
        self._update: Question[Params] | None = None
        self._refine: Question[wire.Frame] | None = None
        self._cancel = False
        self._ack: wire.Frame | wire.Media | None = None
        self._sent: dict[int, Params] = {}  # unanswered inputs by id
        self._updates: dict[int, Question[Params]] = {}
        self._refines: dict[int, Question[wire.Frame]] = {}  # at most one
        self._asked: set[int] = set()  # ids that ask for a frame and have none yet

    @property
    def refining(self) -> bool:
        """Whether somebody waits for a final picture."""
        return self._refine is not None or bool(self._refines)

    @property
    def pending(self) -> bool:
        """Whether something waits to be sent that somebody asked for."""
        return self._due or self._update is not None or self._refine is not None

    @property
    def unanswered(self) -> bool:
        """Whether a frame was asked for that the server has not sent, of what went to it."""
        return bool(self._asked)

    @property
    def frame_due(self) -> bool:
        """Whether a frame was asked for that has not come."""
        return self.pending or bool(self._asked)

    def send(self, pictures: Mapping[str, bytes], params: Params) -> None:
        """Put pictures into the slot; those of the same name that wait are superseded."""
        self._inputs |= pictures
        self._riding |= params
        self._drawing |= pictures
        self._due = True

    def update(self, params: Params) -> asyncio.Future[Params]:
        """Put params into the slot; the answer is the params in force."""
        for name in params.keys() & self._riding.keys():
            del self._riding[name]  # older than these, though it goes later
        self._due = self._due or bool(self._inputs)
        self._update = self._update or Question()
        return self._update.ask(params)

    def refine(self, params: Params) -> asyncio.Future[wire.Frame]:
        """Ask for the final picture; one that is asked for already is given up."""
        self._give_up("a newer one took its place")
        self._refine = Question()
        return self._refine.ask(params)

    def cancel(self) -> None:
        """Hold back the pictures that wait, and give up what the server works on."""
        self._due, self._cancel = False, True
        self._took(self._sent)  # no frame will answer them
        self._asked.clear()
        self._give_up("cancelled")

    def ack(self, message: wire.Frame | wire.Media) -> None:
        """Confirm a frame or a piece of media, and with it all before it."""
        before = self._ack.seq if self._ack is not None else 0
        if (message.seq or 0) > (before or 0):
            self._ack = message

    @property
    def wait_s(self) -> float | None:
        """How long what waits has to wait by itself; None: until something happens."""
        if not self._due:
            return None
        wait_s = self._pacing.wait_s(self._clock())
        return None if math.isinf(wait_s) else wait_s

    def messages(self, line: ClientConnection) -> Iterator[Data]:
        """Yield what may go now."""
        if self._ack is not None:
            frame, self._ack = self._ack, None
            yield line.ack(frame)
        if self._cancel:
            self._cancel = False
            yield line.cancel()
        if self._update is not None:
            update, self._update = self._update, None
            data = line.params(update.params)
            self._updates[line.last_id] = update
            self._asked.add(line.last_id)
            yield data
        if self._input_goes():
            data = line.input(self._inputs, self._riding)
            self._sent[line.last_id] = self._riding
            self._pacing.sent(line.last_id, self._clock())
            self._asked.add(line.last_id)
            self._inputs, self._riding, self._due = {}, {}, False
            yield data
        if self._refine is not None:
            refine, self._refine = self._refine, None
            data = line.refine(refine.params)
            self._refines[line.last_id] = refine
            self._asked.add(line.last_id)
            yield data
        for _ in range(len(self.media)):
            piece = self.media.take()
            sound = {"rate": piece.rate, "channels": piece.channels} if piece.rate else {}
            yield line.media(
                piece.track, piece.pts, piece.duration, piece.codec, piece.data, **sound
            )

    def acknowledged(self, ack: wire.Ack) -> None:
        """Settle the update that the server took."""
        question = self._updates.pop(ack.id or 0, None)
        if question is not None:
            self.kept |= question.params
            question.answer(dict(ack.params))

    def answered(self, frame: wire.Frame) -> None:
        """Settle all that a frame answers: everything up to its id."""
        self._pacing.answered(frame.id, self._clock(), frame.timings)
        self._took([id for id in self._sent if id <= frame.id])
        if frame.stage is not wire.Stage.PREVIEW:
            self._asked = {id for id in self._asked if id > frame.id}
        for id in [id for id in self._refines if id <= frame.id]:
            if id < frame.id:
                self._give_up("newer input came")
            elif frame.stage is wire.Stage.FINAL:
                self._refines.pop(id).answer(frame)

    def failed(self, error: wire.Error) -> bool:
        """Settle what an error answers; return whether somebody waited for it."""
        if error.id is None:
            return False
        cause = from_wire(error.model_dump())
        self._sent.pop(error.id, None)
        self._asked.discard(error.id)
        self._pacing.forget(error.id)
        if isinstance(cause, EngineError):  # the job failed, and all that it would have answered
            self._took([id for id in self._sent if id < error.id])
        question = self._updates.pop(error.id, None) or self._refines.pop(error.id, None)
        if question is not None:
            question.refuse(cause)
        return question is not None

    def reopened(self, *, resumed: bool, unanswered: bool) -> None:
        """Put back what a broken connection left unanswered; newer values win.

        A draft is asked for again if one was due when it broke, or if the session is a fresh one.
        """
        riding: Params = {}
        asked: Question[Params] = Question()
        for id in sorted([*self._sent, *self._updates]):  # in the order they went
            if id in self._sent:
                riding |= self._sent[id]
            else:
                asked.join(self._updates[id])
                riding = {name: riding[name] for name in riding.keys() - asked.params.keys()}
        if unanswered or not resumed:
            self._inputs = self._drawing | self._inputs
            self._riding = riding | self._riding
            self._due = True
        if self._update is not None:
            asked.join(self._update)
        self._update = asked if asked.waiting else None
        if self._refine is None and self._refines:
            self._refine = next(iter(self._refines.values()))
        self._sent, self._updates, self._refines = {}, {}, {}
        self._asked.clear()
        self._pacing.forget_all()
        self._ack, self._cancel = None, False

    def end(self, error: LivedraftError) -> None:
        """Raise the error in everybody who waits."""
        for update in [self._update, *self._updates.values()]:
            if update is not None:
                update.refuse(error)
        for refine in [self._refine, *self._refines.values()]:
            if refine is not None:
                refine.refuse(error)
        self._update = self._refine = None
        self._updates, self._refines = {}, {}

    def _input_goes(self) -> bool:
        if self._refine is not None:  # the final picture shows them, too
            return bool(self._inputs or self._riding)
        return self._due and self._pacing.wait_s(self._clock()) == 0

    def _took(self, ids: Iterable[int]) -> None:
        """Note that the server has these inputs, and so the params that rode with them."""
        for id in list(ids):
            self.kept |= self._sent.pop(id)
            self._pacing.forget(id)

    def _give_up(self, reason: str) -> None:
        for refine in [self._refine, *self._refines.values()]:
            if refine is not None:
                refine.refuse(
                    SessionError(f"the refine was given up: {reason}", fix="refine again")
                )
        self._refine, self._refines = None, {}
