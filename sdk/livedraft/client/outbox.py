"""What a session still has to tell the server: one slot a kind, so that the newest wins.

Knows the protocol and no socket. What a broken connection left unanswered goes back to its slot.
"""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import Callable, Iterable, Iterator, Mapping

from livedraft.errors import EngineError, LivedraftError, from_wire
from livedraft.protocol import messages as wire
from livedraft.protocol.codec import Data
from livedraft.protocol.connection import ClientConnection
from livedraft.protocol.features import TALK

from .lines import Lines
from .pacing import Pacing
from .questions import Change, Finisher, Params, Question, Switching
from .refining import Refine, Refining

Clock = Callable[[], float]  # s


class Outbox:
    """Slots of what waits, and tables of what was sent and is not answered."""

    def __init__(
        self, params: Params, in_flight: int, clock: Clock = time.monotonic, model: str = ""
    ) -> None:
        self.finisher = Finisher()
        self.refines = Refining()
        self.media = Lines()  # frames and sound, which are paced by the line alone
        self.model = model  # and params, that a fresh session starts with:
        self.kept = params  # what the user set and the server took
        self.params: Params = {}  # all in force, as the server last told
        self._params_id = 0  # the id of the message that they answer
        self._in_flight = in_flight
        self._pacing = Pacing(in_flight)  # inputs that may not go yet wait in the slot
        self._clock = clock
        self._drawing: dict[str, bytes] = {}  # the newest picture of each input
        self._inputs: dict[str, bytes] = {}
        self._riding: Params = {}  # params that go with ``_inputs``
        self._due = False  # whether they may go; after ``cancel`` they wait for the next word
        self._update: Question[Params] | None = None
        self._switch: Switching | None = None  # goes with all that was drawn
        self._cancel = False
        self._ack: wire.Frame | wire.Media | None = None
        self._sent: dict[int, Params] = {}  # unanswered inputs by id
        self._updates: dict[int, Question[Params]] = {}
        self._switches: dict[int, Switching] = {}  # at most one, but for those given up on
        self._asked: set[int] = set()  # ids that ask for a frame and have none yet

    @property
    def pending(self) -> bool:
        """Whether something waits to be sent that somebody asked for."""
        asked = (self._update, self._switch, self.refines.waiting)
        return self._due or any(question is not None for question in asked)

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

    def switch(
        self, model: str, params: Params, pictures: Mapping[str, bytes]
    ) -> asyncio.Future[Change]:
        """Ask for another model, with pictures by its names; the answer says what came of it."""
        self._switch = Switching(model=model, pictures=dict(pictures))
        return self._switch.ask(params)

    def withdraw(self) -> None:
        """Ask for no other model any more, if that was not said yet."""
        self._switch = None

    def leave(self, refine: Refine) -> None:
        """Give up a film that is not at its end: nobody takes it any more."""
        self._cancel = self.refines.leave(refine) or self._cancel

    def cancel(self) -> None:
        """Hold back the pictures that wait, and give up what the server works on."""
        self._due, self._cancel = False, True
        self._took(self._sent)  # no frame will answer them
        self._asked.clear()
        self.refines.give_up("cancelled")

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
        yield from self.media.messages(line)
        if self._switch is not None:
            switch, self._switch = self._switch, None
            data = line.switch(switch.model, switch.params, switch.pictures)
            self._switches[line.last_id] = switch
            self._asked.add(line.last_id)
            yield data
        if (refine := self.refines.waiting) is not None:
            data = line.refine(refine.params, self.finisher.told, refine.wants)
            self.refines.take(line.last_id)
            self._asked.add(line.last_id)
            yield data

    def acknowledged(self, ack: wire.Ack) -> None:
        """Settle the update that the server took."""
        self._take_params(ack.id or 0, self.params | ack.params)
        question = self._updates.pop(ack.id or 0, None)
        if question is not None:
            self.kept |= question.params
            question.answer(dict(ack.params))

    def answered(self, frame: wire.Frame) -> None:
        """Settle all that a frame answers: everything up to its id."""
        if frame.stage is wire.Stage.DRAFT:
            self._take_params(frame.id, frame.params)
        self.settle(frame.id, frame.timings, last=frame.stage is not wire.Stage.PREVIEW)
        self.refines.answered(frame)

    def settle(self, id: int, timings: Mapping[str, float], *, last: bool = True) -> None:
        """Settle what an output answers; but for the ``last`` more is awaited."""
        self._pacing.answered(id, self._clock(), timings)
        self._took([each for each in self._sent if each <= id])
        self._asked -= {each for each in self._asked if last and each <= id}
        self.refines.superseded(id)

    def finished(self, id: int) -> None:
        """Settle a refine of which nothing more comes."""
        self._asked.discard(id)
        self.refines.finished(id)

    def switched(self, switched: wire.Switched) -> None:
        """Go on with another model; nothing of before is answered any more."""
        before, change = self.params, self._switches.pop(switched.id, None) or Switching()
        self._took([id for id in self._sent if id < switched.id])
        self._asked = {id for id in self._asked if id >= switched.id}
        if any(id < switched.id for id in self.refines.sent):
            self.refines.give_up("the model is another one")
        self._pacing = Pacing(self._in_flight)  # it works at a pace of its own
        self._drawing = change.pictures
        self._take_params(switched.id, switched.params)
        self.model = str(switched.model.get("id", ""))
        self.kept = change.settle(switched, self.kept, before)

    def relearn(self, loras: wire.Loras) -> None:
        """Take the params in force, and start no fresh session with a LoRA that is gone."""
        self.params = dict(loras.params)
        if "loras" in self.kept and self.model == loras.model:
            here = {lora["name"] for lora in loras.loras}
            self.kept["loras"] = {n: w for n, w in self.kept["loras"].items() if n in here}

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
        asked = (self._updates, self._switches, self.refines.sent)
        found = next((each.pop(error.id) for each in asked if error.id in each), None)
        if found is not None:
            found.refuse(cause)
        return found is not None

    def opened(self, opened: wire.Opened) -> None:
        """Begin with the params that the server tells."""
        self.media.opened(talks=TALK in opened.features)
        self.params, self._params_id = opened.params, opened.last_id

    def reopened(self, opened: wire.Opened, before: str, *, unanswered: bool) -> None:
        """Put back what a broken connection left unanswered; newer values win.

        A draft is asked for again if one was due when it broke, or if the session is a fresh one.
        ``before`` is the model that was known to draft: if the session goes on with the one that
        was asked for, the answer to that alone was lost.
        """
        resumed = opened.resumed
        id, switch = next(reversed(self._switches.items()), (0, None))
        if switch is not None and resumed and before != opened.model.get("id"):
            self.media.clear()  # of the model before
            self.switched(wire.Switched(id=id, model=opened.model, params=opened.params))
        else:
            self._switch = self._switch or switch
        self._switches = {}
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
        self.refines.again()
        self._sent, self._updates = {}, {}
        self._asked.clear()
        self._pacing.forget_all()
        self._ack, self._cancel = None, False

    def end(self, error: LivedraftError) -> None:
        """Raise the error in everybody who waits."""
        asked = [self._update, self._switch, *self.refines.all]
        tables = (self._updates, self._switches)
        for question in [*asked, *(each for table in tables for each in table.values())]:
            if question is not None:
                question.refuse(error)
        self._update = self._switch = None
        self._updates, self._switches, self.refines = {}, {}, Refining()

    def _take_params(self, id: int, params: Params) -> None:
        """Take the params in force that answer a message, unless those of a newer one are known."""
        if id >= self._params_id:
            self.params, self._params_id = dict(params), id

    def _input_goes(self) -> bool:
        if self.refines.waiting is not None or self._switch is not None:  # which take them along
            return self._due or bool(self._inputs or self._riding)
        return self._due and self._pacing.wait_s(self._clock()) == 0

    def _took(self, ids: Iterable[int]) -> None:
        """Note that the server has these inputs, and so the params that rode with them."""
        for id in list(ids):
            self.kept |= self._sent.pop(id)
            self._pacing.forget(id)
