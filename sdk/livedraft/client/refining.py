"""The one refine that is asked for at a time: its slot, and what was sent and is not answered."""

from __future__ import annotations

from livedraft.errors import SessionError
from livedraft.protocol import messages as wire

from .questions import Params, Question

Refine = Question[wire.Frame | None]


class Refining:
    """Who waits gets the picture, or of a film None once all of it has come."""

    def __init__(self) -> None:
        self.waiting: Refine | None = None
        self.sent: dict[int, Refine] = {}  # at most one

    def __bool__(self) -> bool:
        """Whether somebody waits."""
        return self.waiting is not None or bool(self.sent)

    @property
    def all(self) -> list[Refine]:
        """Those that are asked for."""
        return [*([self.waiting] if self.waiting is not None else ()), *self.sent.values()]

    def ask(self, params: Params, wants: wire.Wants) -> Refine:
        """Ask for what is final; one that is asked for already is given up."""
        self.give_up("a newer one took its place")
        self.waiting = Question(wants=wants)
        self.waiting.ask(params)
        return self.waiting

    def take(self, id: int) -> None:
        """Note that the one which waits goes under an id."""
        assert self.waiting is not None, "the caller looked"
        self.sent[id], self.waiting = self.waiting, None
        self.sent[id].id = id
        self.sent[id].went += 1

    def answered(self, frame: wire.Frame) -> None:
        """Settle the one that a final frame answers."""
        if frame.id in self.sent and frame.stage is wire.Stage.FINAL:
            self.sent.pop(frame.id).answer(frame)

    def finished(self, id: int) -> None:
        """Settle one of which nothing more comes."""
        refine = self.sent.pop(id, None)
        if refine is not None and refine.wants == "picture":
            refine.refuse(SessionError("no picture came of it", fix="ask for it by film()"))
        elif refine is not None:
            refine.answer(None)

    def superseded(self, id: int) -> None:
        """Give up those that are older than what came."""
        if any(each < id for each in self.sent):
            self.give_up("newer input came")

    def leave(self, refine: Refine) -> bool:
        """Give one up that nobody takes any more; return whether the server works on it."""
        sent = refine in self.sent.values()
        if sent or refine is self.waiting:
            self.give_up("it was left")
        return sent

    def give_up(self, reason: str) -> None:
        """Have the refine that somebody waits for fail, if there is one."""
        error = SessionError(f"the refine was given up: {reason}", fix="refine again")
        for refine in self.all:
            refine.refuse(error)
        self.waiting, self.sent = None, {}

    def again(self) -> None:
        """Put back what a broken connection left unanswered."""
        if self.waiting is None and self.sent:
            self.waiting = next(iter(self.sent.values()))
            self.waiting.id = 0
        self.sent = {}
