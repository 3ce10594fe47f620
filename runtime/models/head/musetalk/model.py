"""``musetalk``: MuseTalk and its kind, behind the contract of all talking heads.

A portrait is looked at once, and what the UNet sees of it is kept. Each tick then is one pass
through the UNet, of all faces together, and its answer is put into the portrait. torch begins in
``networks``: this file does without, so that the model can be listed where the extra is not there.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar, Self

import numpy as np

from livedraft.errors import MissingExtraError
from livedraft.protocol.messages import Note

from ....plan import Honours
from ...at_once import AtOnce
from ...base import DEFAULT_PLAN, ModelInfo, Params, Pixels, Plan, Request
from ...perception.networks import FaceNetworks
from ..badge import marked
from ..expression import SIZE, Expression
from ..line import RATE
from ..model import Standing
from ..params import TalkingParams
from ..photograph.framing import framed
from ..portrait import Portrait
from ..speech.speaker import Speaker, Worker, thread
from ..talking import INPUTS, OUTPUTS, Talk, Talker
from ..ticks import Tick, Ticks
from .crop import SIDE, Crop, around
from .hearing import NEEDED, ROW, Hearing, Moment, Rows, encoded
from .layout import find

if TYPE_CHECKING:
    from .networks import Latents, Networks

NOBODY = Note(
    code="no_portrait",
    message="Nobody is seen yet: send a portrait, and consent=True of who is in it.",
    param="portrait",
    choices=[],
)
_GREY = 0x60
_ONE = Plan(threads=1)  # of the networks that see faces


class MuseTalkParams(TalkingParams):
    """Params of the model."""


@dataclass(frozen=True, slots=True, eq=False)
class Sitter:
    """A portrait that was looked at: its frame, and where and as what its mouth is painted."""

    frame: Pixels  # (SIZE, SIZE, 3)
    crop: Crop
    seen: Latents
    rest: Pixels  # the frame while nothing is said
    notes: tuple[Note, ...]

    @property
    def nbytes(self) -> int:
        """The bytes that it holds."""
        return self.frame.nbytes + self.rest.nbytes + self.crop.new.nbytes + self.seen.nbytes

    def render(self, expression: Expression) -> Pixels:
        """Return the frame at rest: the head is still, and mouths are painted together."""
        return self.rest


@dataclass(slots=True, eq=False)
class Sitting(Talk[Moment]):
    """A session's speech, and who is seen to speak."""

    portrait: Portrait = field(kw_only=True)

    @property
    def sitter(self) -> Sitter | None:
        """Who is seen, once the portrait was looked at."""
        face = self.portrait.face
        return face if isinstance(face, Sitter) else None

    @property
    def nbytes(self) -> int:
        """The bytes of what waits, of what is heard, and of the face."""
        ear = self.ticks.ear
        heard = ear.nbytes if isinstance(ear, Hearing) else 0
        return self.ticks.line.nbytes + self.speaker.nbytes + heard + self.portrait.nbytes


class MuseTalk(Talker[MuseTalkParams, Sitting]):
    """Paints the lower face of a photograph anew for what is heard, in one step of a UNet.

    Zhang et al., "MuseTalk: Real-Time High Quality Lip Synchronization with Latent Space
    Inpainting", 2024. The head itself is still: only what is below the nose moves.
    """

    info: ModelInfo = ModelInfo(
        id="musetalk",
        task="talking-head",
        title="MuseTalk",
        description="Has a portrait speak a text or a voice, with a mouth that is painted anew.",
        licence="MIT",  # of the authors' code; they let their weights be used commercially, too
        commercial="yes",
        width=SIZE,
        height=SIZE,
        alpha=False,
        inputs=INPUTS,
        draft_steps=1,
        max_steps=1,
        outputs=OUTPUTS,
    )
    params: ClassVar[type[Params]] = MuseTalkParams
    honours: ClassVar[Honours] = {"device": ("cpu", "cuda")}

    def __init__(
        self,
        networks: Networks,
        margin: float = 0.0,
        *,
        worker: Executor | None = None,
        voices: Worker = thread,
    ) -> None:
        """Take networks, and how much is seen below the chin, see ``Layout``.

        ``worker`` looks at portraits, ``voices`` makes the workers that speak text.
        """
        self._networks = networks
        self._margin = margin
        self._worker = worker or ThreadPoolExecutor(1, thread_name_prefix="musetalk-portrait")
        self._voices = voices
        self._faces = FaceNetworks.read(plan=_ONE)
        self._silence = _silence(networks)

    @classmethod
    def load(cls, source: str = "", plan: Plan = DEFAULT_PLAN) -> Self:
        """Load weights as MuseTalk is laid out, see ``layout``: a folder, or a hub id.

        Raises MissingExtraError without torch, diffusers and transformers, WeightsError for
        weights that are not there or no MuseTalk's.
        """
        layout = find(source)
        model = cls(_networks().read(layout, plan), layout.margin)
        blank = model._networks.seen(np.full((SIDE, SIDE, 3), _GREY, np.uint8))
        model._networks.paint([blank], [model._silence])  # so that nobody waits for the first
        return model

    @classmethod
    def tiny(cls) -> Self:
        """Return one of the very classes with seeded random weights: it paints noise."""
        return cls(_networks().tiny(), worker=AtOnce(), voices=AtOnce)

    def open(self) -> Sitting:
        """Return a session with nothing to say, and nobody to say it."""
        hearing = Hearing(RATE, self._networks.window)
        portrait = Portrait(self._worker, self._look)
        return Sitting(Ticks(hearing), Speaker(self._voices), portrait=portrait)

    def look(self, state: Sitting, request: Request[MuseTalkParams]) -> tuple[Note, ...]:
        """Have a new portrait looked at."""
        state.portrait.see(request.inputs.get("portrait"), consent=request.params.consent)
        return _notes(state)

    def check(self, state: Sitting, *, last: bool) -> None:
        """Take a portrait's face once it is there; raise InvalidImage or BadInput for it."""
        state.portrait.check(last=last)
        state.about = _notes(state)

    def draw(self, items: Sequence[tuple[Sitting, MuseTalkParams, Tick[Moment]]]) -> list[Pixels]:
        """Paint the mouths of all that speak, in one pass; the others rest."""
        speaking = [
            (state.sitter, tick.shown)
            for state, _, tick in items
            if state.sitter is not None and tick.shown is not None
        ]
        painted = iter(self._painted(speaking))
        frames = [
            _still(state) if state.sitter is None or tick.shown is None else next(painted)
            for state, _, tick in items
        ]
        return [
            marked(frame) if params.badge else frame
            for (_, params, _), frame in zip(items, frames, strict=True)
        ]

    def suspend(self, state: Sitting) -> None:
        """Fall silent, and forget who was seen."""
        super().suspend(state)
        state.portrait.drop()

    def _painted(self, speaking: Sequence[tuple[Sitter, Moment]]) -> list[Pixels]:
        if not speaking:
            return []
        heard = encoded([moment for _, moment in speaking], self._networks.hear)
        crops = self._networks.paint([sitter.seen for sitter, _ in speaking], heard)
        return [
            sitter.crop.put(sitter.frame, crop)
            for (sitter, _), crop in zip(speaking, crops, strict=True)
        ]

    def _look(self, picture: Pixels) -> Sitter:
        """Look at a portrait; raise InvalidImage where nobody can speak in it."""
        seen = framed(picture, self._faces)
        crop = around(seen.mesh.points, SIZE, SIZE, self._margin)
        latents = self._networks.seen(crop.cut(seen.pixels))
        (rest,) = self._networks.paint([latents], [self._silence])
        return Sitter(seen.pixels, crop, latents, crop.put(seen.pixels, rest), seen.notes)


def _notes(state: Sitting) -> tuple[Note, ...]:
    portrait = state.portrait
    nobody = state.sitter is None and portrait.waiting is None and not portrait.notes
    return (NOBODY,) if nobody else portrait.notes


def _still(state: Sitting) -> Pixels:
    """Return who is seen, at rest; nobody is grey."""
    if state.sitter is not None:
        return state.sitter.rest
    if state.portrait.waiting is not None:
        return Standing(state.portrait.waiting).render(Expression())
    return np.full((SIZE, SIZE, 3), _GREY, np.uint8)


def _silence(networks: Networks) -> Rows:
    """Return the rows of a frame in the middle of silence."""
    (rows,) = networks.hear([np.zeros(networks.window * ROW, np.float32)])
    return rows[:NEEDED]


def _networks() -> type[Networks]:
    try:
        from .networks import Networks
    except ImportError:
        raise MissingExtraError("musetalk", "the model 'musetalk'") from None
    return Networks
