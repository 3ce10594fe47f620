"""``head``: an avatar or a portrait that speaks, live, on a CPU."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import ClassVar, Self

import cv2
import numpy as np

from livedraft.protocol.messages import Note

from ..at_once import AtOnce
from ..base import DEFAULT_PLAN, Honours, ModelInfo, Params, Pixels, Plan, Request
from .avatar import avatars
from .avatar import load as load_avatar
from .badge import marked
from .expression import SIZE, Expression, Face, Mouth, closed_mouth
from .hearing import Hearing
from .life import Life
from .params import HeadParams
from .photograph import prepare
from .portrait import Portrait, Prepare
from .speech.speaker import Speaker, Worker, thread
from .talking import INPUTS, OUTPUTS, Talk, Talker
from .ticks import Tick, Ticks

_KEPT = np.float32(0.22)  # of a mouth from tick to tick, once nothing is said
_CLOSED = np.float32(0.05)  # of each control, under which it is at rest


@dataclass(slots=True, eq=False)
class HeadTalk(Talk[Mouth]):
    """A session's speech, and who is seen to speak."""

    portrait: Portrait = field(kw_only=True)
    avatar: tuple[str, Face] | None = None
    life: tuple[int, Life] | None = None  # by its seed
    mouth: Mouth = field(default_factory=closed_mouth)

    @property
    def nbytes(self) -> int:
        """The bytes of what waits, and of the faces."""
        drawn = 0 if self.avatar is None else self.avatar[1].nbytes
        waiting = self.ticks.line.nbytes + self.speaker.nbytes
        return waiting + drawn + self.portrait.nbytes


class Head(Talker[HeadParams, HeadTalk]):
    """A net hears mouths in the sound, 98 ms ahead of it; a face shows them, and lives meanwhile.

    Portraits are prepared on a thread of the model's own; until then the picture stands still.
    """

    info: ModelInfo = ModelInfo(
        id="head",
        task="talking-head",
        title="Talking head",
        description="Has a face speak a text or a voice, with lips and looks that follow it.",
        licence="Apache-2.0",
        commercial="yes",
        width=SIZE,
        height=SIZE,
        alpha=False,
        inputs=INPUTS,
        draft_steps=1,
        max_steps=1,
        outputs=OUTPUTS,
    )
    params: ClassVar[type[Params]] = HeadParams
    honours: ClassVar[Honours] = {"device": ("cpu",)}

    def __init__(
        self,
        own: Path | None = None,
        *,
        worker: Executor | None = None,
        voices: Worker = thread,
        prepared: Prepare = prepare,
    ) -> None:
        """Take the folder of an avatar of one's own, shown where none is named.

        ``worker`` prepares portraits, ``voices`` makes the workers that speak text.
        """
        self._own = own
        self._worker = worker or ThreadPoolExecutor(1, thread_name_prefix="head-portrait")
        self._voices = voices
        self._prepared = prepared

    @classmethod
    def load(cls, source: str = "", plan: Plan = DEFAULT_PLAN) -> Self:
        """Load the net and the first avatar: what ships, or a folder's; raise ConfigError."""
        head = cls(Path(source) if source else None)
        head.open()
        head._drawn("")
        return head

    @classmethod
    def tiny(cls) -> Self:
        """Return the shipped model without threads: it is small enough."""
        return cls(worker=AtOnce(), voices=AtOnce)

    def open(self) -> HeadTalk:
        """Return a session with nothing to say yet."""
        portrait = Portrait(self._worker, self._prepared)
        return HeadTalk(Ticks(Hearing()), Speaker(self._voices), portrait=portrait)

    def look(self, state: HeadTalk, request: Request[HeadParams]) -> tuple[Note, ...]:
        """Have a new portrait prepared, a new avatar loaded; raise BadInput without consent."""
        params = request.params
        if state.life is None or state.life[0] != params.seed:
            state.life = params.seed, Life(params.seed)
        if state.avatar is None or state.avatar[0] != params.avatar:
            state.avatar = params.avatar, self._drawn(params.avatar)
        state.portrait.see(request.inputs.get("portrait"), consent=params.consent)
        return state.portrait.notes

    def check(self, state: HeadTalk, *, last: bool) -> None:
        """Take a portrait's face once it is there; raise InvalidImage or BadInput for it."""
        state.portrait.check(last=last)
        state.about = state.portrait.notes

    def ready(self, state: HeadTalk) -> bool:
        """Return whether no portrait is being prepared."""
        return state.portrait.waiting is None

    def draw(self, items: Sequence[tuple[HeadTalk, HeadParams, Tick[Mouth]]]) -> list[Pixels]:
        """Draw each face with the mouth that is heard, or one that closes."""
        return [_frame(*item) for item in items]

    def suspend(self, state: HeadTalk) -> None:
        """Fall silent, and forget who was seen: it is prepared again within a second."""
        super().suspend(state)
        state.portrait.drop()
        state.avatar = None

    def _drawn(self, avatar: str) -> Face:
        return load_avatar(avatar or self._own or next(iter(avatars())))


def _frame(state: HeadTalk, params: HeadParams, tick: Tick[Mouth]) -> Pixels:
    state.mouth = _closing(state.mouth) if tick.shown is None else tick.shown
    assert state.life is not None, "looked at before"
    _, life = state.life
    life.liveliness = params.liveliness
    expression = replace(life.at(tick.at, tick.state, tick.loudness), mouth=state.mouth)
    frame = _face(state).render(expression)
    return marked(frame) if params.badge else frame


def _closing(mouth: Mouth) -> Mouth:
    """Return a mouth a tick after the last word: closed within two or three."""
    left = mouth * _KEPT
    return np.where(np.abs(left) < _CLOSED, np.float32(0), left)


def _face(state: HeadTalk) -> Face:
    if state.portrait.face is not None:
        return state.portrait.face
    if state.portrait.waiting is not None:
        return Standing(state.portrait.waiting)
    assert state.avatar is not None, "looked at before"
    return state.avatar[1]


class Standing:
    """A picture that is being prepared, as it is: its middle, in a frame."""

    def __init__(self, picture: Pixels) -> None:
        self._picture = picture

    @property
    def nbytes(self) -> int:
        """None of its own."""
        return 0

    def render(self, expression: Expression) -> Pixels:
        """Return the same frame at any moment."""
        height, width = self._picture.shape[:2]
        side = min(height, width)
        top, left = (height - side) // 2, (width - side) // 2
        middle = self._picture[top : top + side, left : left + side, :3]
        frame = cv2.resize(middle, (SIZE, SIZE), interpolation=cv2.INTER_AREA)
        return np.asarray(frame, np.uint8)
