"""What is under way for one session, as the scheduler sees it."""

from __future__ import annotations

import math
from collections.abc import Hashable, Iterable, Mapping
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, cast

from livedraft.media.chunks import SECOND, AudioChunk, TextChunk, VideoChunk
from livedraft.protocol.messages import Note, Stage, Wants

from ..engine.contract import Progress
from ..models.base import Params, Pixels
from .account import Phase
from .mailbox import Change, Piece
from .use import Use

if TYPE_CHECKING:
    from .session import Session


@dataclass(slots=True, eq=False)
class Task:
    """A draft or a refine between the mailbox and its outputs.

    It is the event loop's; in a lane it is the lane's, and the loop only says ``given_up`` or
    ``stopped``.
    """

    session: Session
    id: int
    stage: Stage  # DRAFT or FINAL
    params: Params
    steps: int
    received: float  # s
    use: Use = field(default=cast(Use, None))  # of which model; its session's draft model
    drafted: Use | None = None  # of another model, which hands over to this one first
    drafted_with: Params | None = None  # of that one
    handed: Mapping[str, Pixels] = field(default_factory=dict)  # by it
    inputs: dict[str, bytes] = field(default_factory=dict)  # new ones that are not in force yet
    media: dict[str, list[Piece]] = field(default_factory=dict)  # not decoded yet
    video: dict[str, list[VideoChunk]] = field(default_factory=dict)  # for the next ``prepare``
    audio: dict[str, list[AudioChunk]] = field(default_factory=dict)
    text: dict[str, list[TextChunk]] = field(default_factory=dict)
    interrupted: bool = False  # what came before these is unwanted
    dropped: int = 0  # messages that were superseded since the last output
    dropped_us: int = 0  # how long the media among them were
    phase: Phase = Phase.PREPARE
    progress: Progress | None = None  # of its job, once that is prepared
    given_up: bool = False  # nobody wants it
    stopped: bool = False  # ends at its next step, if it has no end of its own
    moments: dict[str, float] = field(default_factory=dict)  # s, by stage
    model_s: float = 0.0  # the model's time in calls with this task in them
    batch: int = 1  # tasks in the largest of these calls
    outputs: int = 0  # so far
    anew: bool = False  # an output is out, so that its turn is over
    late: bool = False  # behind its clock, and its model was told so
    wants: Wants = ""  # of a refine, what it is to give
    told: tuple[int, int, tuple[Note, ...]] = (0, 0, ())  # steps and notes, as they were last

    def __post_init__(self) -> None:
        """Take the model that the session drafts with, unless another is given."""
        self.use = self.use or self.session.uses.drafting

    def take(self, change: Change, kept: Mapping[str, bytes]) -> None:
        """Take what is new with it, and over what was ``kept`` its pictures."""
        self.inputs, self.media = {**kept, **change.inputs}, change.media
        self.interrupted = self.interrupted or change.interrupted
        self.dropped += change.dropped
        self.dropped_us += change.dropped_us

    def forget(self, names: Iterable[str]) -> None:
        """Let go what came of these inputs and is in no request yet."""
        for name in names:
            if (line := self.media.get(name)) is not None:
                self.dropped += len(line)
                self.dropped_us += sum(piece.duration for piece in line)
                line.clear()  # of which one may be being decoded
            for made in (self.video, self.audio, self.text):
                made.pop(name, None)

    def hand_over_from(self, drafted: Use) -> None:
        """Have the model that drafted make first what the one that refines gets of it."""
        self.drafted, self.drafted_with = drafted, drafted.params
        self.phase = Phase.HAND_OVER

    @property
    def at(self) -> Use:
        """The model that its next call is of."""
        return self.drafted if self.phase is Phase.HAND_OVER and self.drafted else self.use

    @property
    def uses(self) -> list[Use]:
        """The models that it needs."""
        return [self.use] if self.drafted is None else [self.use, self.drafted]

    @property
    def group(self) -> Hashable:
        """Tasks with equal groups may share an engine call."""
        group = self.progress.group if self.progress is not None else 0
        return (self.at.info.id, self.stage, self.phase, group)

    @property
    def steps_left(self) -> int:
        """Denoising steps to go."""
        if self.progress is None:
            return self.steps
        return max(self.progress.steps - self.progress.step, 0)  # 0, too, of one that is open-ended

    @property
    def due(self) -> bool:
        """Whether its job has something to show that must be."""
        return self.progress is not None and (self.progress.done or self.progress.ready)

    @property
    def waits(self) -> Future[Any] | None:
        """What its next step waits for that is computed elsewhere, while that is not done."""
        if self.phase is not Phase.STEP or self.progress is None or self.progress.waits is None:
            return None
        return None if self.progress.waits.done() else self.progress.waits

    @property
    def previews(self) -> bool:
        """Whether what it is to show next may be left out."""
        return self.phase is Phase.EMIT and not self.due

    @property
    def left_s(self) -> float:
        """Time until its next output is due; infinite for what is due as soon as may be."""
        if self.progress is None or self.progress.due is None:
            return math.inf
        return (self.progress.due - self.session.timeline.now) / SECOND

    @property
    def early_s(self) -> float:
        """Time until its next output may be made; none for what is due as soon as may be."""
        if self.progress is None or self.progress.due is None:
            return 0.0
        return max(0.0, self.left_s - self.progress.lead / SECOND)

    @property
    def open_ended(self) -> bool:
        """Whether it goes on until its model says that it ends."""
        return self.progress is not None and self.progress.open_ended
