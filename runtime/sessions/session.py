"""One user's live state: what was asked last, what is under way, what has been shown."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from livedraft.errors import SessionClosed
from livedraft.protocol.messages import Stage, Wants

from ..clock import MONOTONIC, Clock
from ..models.base import AnyModel, ModelInfo, Params, Pixels
from ..models.mixins import steps_of
from .mailbox import Kept, Mailbox, Piece, lines
from .received import Received, check_pictures, track_of
from .result import Sink
from .task import Task
from .timeline import Timeline
from .use import Use, Uses, renamed, taken
from .wants import check_wanted


class Session:
    """Judges what comes in, keeps the newest, and says what may begin; starts nothing itself."""

    def __init__(
        self,
        info: ModelInfo,
        schema: type[Params],
        params: Mapping[str, Any],
        sink: Sink,
        *,
        hands: tuple[str, ...] = (),
        notify: Callable[[Session], None],
        find: Callable[[str], AnyModel] | None = None,
        refine_model: str = "",
        clock: Clock = MONOTONIC,
        owner: str = "",
        tells: bool = False,
    ) -> None:
        self.tells = tells  # how far a refine is, and takes films of a model that refines
        self.id = secrets.token_hex(8)
        self.owner = owner or self.id  # whose share it takes of what is scarce: an address
        self.resume_token = secrets.token_urlsafe(24)
        self.last_id = 0
        drafting = Use(info, schema, taken(info, schema, None, params), hands=hands)
        self.uses = Uses(drafting, find, films=tells)
        self.pixels: dict[str, Pixels] = {}  # decoded inputs in force
        self.timeline = Timeline(clock)
        self.arriving = asyncio.Lock()  # pictures come into force in the order they came
        self._sink: Sink | None = sink
        self._notify = notify
        self._clock = clock
        self.mailbox = Mailbox()
        self.received = Received()
        self._kept = Kept()
        self._asked_refine: tuple[int, Params, float, Wants] | None = None
        self.draft: Task | None = None  # under way
        self.refining: Task | None = None  # under way
        self.closed = False
        if refine_model:
            self.uses.finish_with(refine_model)

    @property
    def info(self) -> ModelInfo:
        """The model that drafts."""
        return self.uses.drafting.info

    @property
    def params(self) -> dict[str, Any]:
        """All params in force, as JSON values."""
        return self.uses.drafting.params.model_dump(mode="json")

    @property
    def held_bytes(self) -> int:
        """What it takes: pictures in force, what came and is not decoded, states that rest."""
        waiting = self.mailbox.waiting
        arrived = (waiting.held_bytes if waiting is not None else 0) + self._kept.held_bytes
        pictures = sum(pixels.nbytes for pixels in self.pixels.values())
        return pictures + arrived + self.uses.held_bytes

    @property
    def sink(self) -> Sink | None:
        """Where frames go; None while nobody is connected."""
        return self._sink

    def input(self, id: int, inputs: Mapping[str, bytes], params: Mapping[str, Any]) -> None:
        """Take new pictures and changed params; raise InvalidImage or InvalidParams."""
        check_pictures(inputs, self.info)
        self._change(id, params, inputs)

    def media(self, id: int, name: str, piece: Piece) -> None:
        """Take the next piece of a track of video or sound; times are of the client's clock."""
        self._check_open()
        spec = track_of(name, self.info)
        self.last_id = id
        self.received.add(name)
        placed = replace(piece, pts=self.timeline.place(piece.pts))
        self.mailbox.append(id, self._clock(), self.uses.drafting.params, spec, placed)
        self._notify(self)

    def update(self, id: int, params: Mapping[str, Any]) -> None:
        """Take changed params; raise InvalidParams."""
        self._change(id, params, {})

    def refine(
        self, id: int, params: Mapping[str, Any], model: str = "", wants: Wants = ""
    ) -> None:
        """Ask for the final picture or film of what stands; raise InvalidParams or ModelNotFound.

        With a ``model`` it is made by that one, now and later. Another model than the draft's has
        a state of its own, and of the draft's params those that it takes.
        """
        self._check_open()
        check_wanted(self.uses.info_of(model) if model else self.uses.finisher, wants)
        if model:
            self.uses.refine_with(model)
        use, current = self.uses.to_refine()
        once = use.merged(current, params)
        drafting = self.uses.drafting
        self.received.check(self.info, use.info, drafting.hands if use is not drafting else ())
        self.last_id = id
        self._give_up_refine()
        self._asked_refine = (id, once, self._clock(), wants)
        self._stop_draft()
        self._notify(self)

    def switch(
        self,
        id: int,
        model: str,
        params: Mapping[str, Any],
        pictures: Mapping[str, bytes] | None = None,
    ) -> None:
        """Go on with another model: pictures stay, and of the params those that it takes.

        ``pictures`` are laid over those that stay. Raises ModelNotFound, InvalidImage or
        InvalidParams, and then nothing has changed.
        """
        self._check_open()
        new = pictures or {}
        check_pictures(new, self.uses.info_of(model))
        old = self.uses.switch(model, params)
        self.last_id = id
        waiting = self.mailbox.take()
        inputs = self._kept.take() | (waiting.inputs if waiting is not None else {})
        if self.uses.drafting is not old:
            self._give_up_refine()
            if self.draft is not None:
                self.draft.given_up = True
            for task in (self.draft, self.refining):
                if task is not None:
                    task.inputs = renamed(task.inputs, old.info, self.info)
            inputs = renamed(inputs, old.info, self.info)
            self.pixels = renamed(self.pixels, old.info, self.info)
            self.received.rename(old.info, self.info)
        self.received.note(new)
        self.mailbox.put(id, self._clock(), self.uses.drafting.params, {**inputs, **new})
        self._notify(self)

    def relearn(self, info: ModelInfo) -> bool:
        """Take what a model is now: it was given LoRAs, or has some no more; False if unused here.

        What is under way is finished as it was begun.
        """
        return self.uses.relearn(info)

    def unused(self) -> list[Use]:
        """Return the models that it needs no more, each once."""
        tasks = [task for task in (self.draft, self.refining) if task is not None]
        busy = [use for task in tasks for use in task.uses]
        return self.uses.unused(busy, closed=self.closed)

    def interrupt(self, id: int) -> None:
        """Forget what came of inputs that are taken in order; what has no end hears of it."""
        self._check_open()
        self.last_id = id
        self._give_up_refine()
        names = lines(self.info.inputs)
        if self.draft is not None:
            self.draft.forget(names)
        self.mailbox.interrupt(id, self._clock(), self.uses.drafting.params, names)
        self._notify(self)

    def cancel(self) -> None:
        """Give up what waits, any refine, and what has no end; what waits stays in force."""
        self._give_up_refine()
        self._stop_draft()
        waiting = self.mailbox.take()
        if waiting is not None:
            self._kept.put(waiting.id, waiting.inputs)
        self._notify(self)

    def wake(self) -> None:
        """Look again whether something may begin."""
        self._notify(self)

    def attach(self, sink: Sink) -> None:
        """Continue on a new connection."""
        self._check_open()
        self.timeline.forget_client()
        self._sink = sink
        self._notify(self)

    def detach(self) -> None:
        """Stop all work at its next boundary; what stands stays."""
        self._sink = None
        if self.draft is not None:
            self.draft.given_up = True
        self.cancel()

    def close(self) -> None:
        """End; may be called again."""
        if not self.closed:
            self.closed = True
            self.detach()

    def begin(self) -> list[Task]:
        """Return the tasks that may begin now, and count them as under way."""
        begun: list[Task] = []
        if self._sink is None or not self._sink.ready or self.closed:
            return begun
        if self._asked_refine is not None:
            if self.refining is None:
                begun.append(self._begin_refine(*self._asked_refine))
        elif (
            self.draft is None
            and self.mailbox.waiting is not None
            and not self.received.missing(self.info, self.info)
        ):
            begun.append(self._begin_draft())
        return begun

    def renew(self, task: Task) -> bool:
        """Have an open-ended draft go on with what is new; False if nothing is."""
        if (change := self.mailbox.take()) is None:
            return False
        task.id, task.params, task.received = change.id, change.params, change.received
        task.take(change, self._kept.take())
        return True

    def finish(self, task: Task) -> None:
        """Forget a task that is done, failed or given up; pictures it did not bring in stay."""
        self._kept.put(task.id, task.inputs)
        if self.draft is task:
            self.draft = None
        if self.refining is task:
            self.refining = None

    def _begin_draft(self) -> Task:
        change = self.mailbox.take()
        assert change is not None, "the caller looked"
        task = Task(
            self, change.id, Stage.DRAFT, change.params, self.info.draft_steps, change.received
        )
        task.take(change, self._kept.take())
        self.draft = task
        return task

    def _begin_refine(self, id: int, params: Params, received: float, wants: Wants) -> Task:
        change = self.mailbox.take()  # the final picture shows it, too
        use, _ = self.uses.to_refine()
        steps, drafting = steps_of(params, use.info), self.uses.drafting
        task = Task(self, id, Stage.FINAL, params, steps, received, use, wants=wants)
        if use is not drafting and drafting.hands:
            task.hand_over_from(drafting)
        task.inputs = self._kept.take()
        if change is not None:
            task.take(change, task.inputs)
            task.dropped += 1
        self._asked_refine, self.refining = None, task
        return task

    def _change(self, id: int, params: Mapping[str, Any], inputs: Mapping[str, bytes]) -> None:
        self._check_open()
        if params:
            use = self.uses.drafting
            use.params = use.merged(use.params, params)
        self.last_id = id
        self.received.note(inputs)
        self._give_up_refine()
        self.mailbox.put(id, self._clock(), self.uses.drafting.params, inputs)
        self._notify(self)

    def _give_up_refine(self) -> None:
        self._asked_refine = None
        if self.refining is not None:
            self.refining.given_up = True

    def _stop_draft(self) -> None:
        """Have a draft that has no end find one."""
        if self.draft is not None:
            self.draft.stopped = True

    def _check_open(self) -> None:
        if self.closed:
            raise SessionClosed("the session is closed", fix="open another")
