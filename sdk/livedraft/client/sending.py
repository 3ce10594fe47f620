"""What users hand over, made for the model that drafts, and the change of that model."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import aclosing
from typing import Any

from livedraft.errors import InvalidParams, SessionClosed, VersionMismatch
from livedraft.media.text import Text, parts
from livedraft.protocol import messages as wire
from livedraft.protocol.features import FILMS, MODELS, TALK
from livedraft.protocol.values import size_of

from .drawing import Drawing, owned
from .info import ModelInfo, SwitchedModel, model_of, with_loras
from .inputs import Values, named, packed, parted, pieces, sendable
from .outbox import Outbox
from .refining import Refine
from .terms import in_time
from .uplink import Uplink


class Sending:
    """Fills the outbox of a session.

    ``alive`` raises once the session is over, and ``tell`` says that there is something to send;
    ``find`` returns a model of the server by its name, or raises ModelNotFound.
    """

    def __init__(
        self,
        out: Outbox,
        alive: Callable[[], None],
        tell: Callable[[], None],
        find: Callable[[str], Awaitable[ModelInfo]],
        codecs: Sequence[str] = (),
    ) -> None:
        self.room = 0  # bytes of the largest message that the server takes
        self._out = out
        self._alive = alive
        self._tell = tell
        self._find = find
        self._model: ModelInfo | None = None
        self._opened: wire.Opened | None = None
        self._up = Uplink(time.monotonic, codecs)
        self._drawing = Drawing()
        self._switching = asyncio.Lock()
        self._saying = asyncio.Lock()

    @property
    def model(self) -> ModelInfo:
        """The model that drafts; raises SessionClosed before it is known."""
        if self._model is None:
            raise SessionClosed("the session is not open", fix="use it in a 'with' block")
        return self._model

    def opened(self, opened: wire.Opened) -> bool:
        """Take a connection's terms; return whether its model is another than before."""
        self._opened, self.room = opened, opened.max_message_bytes
        return self.adopt(model_of(opened), opened.tracks)

    def adopt(self, model: ModelInfo, tracks: Iterable[wire.Track]) -> bool:
        """Go on with a model; return whether it is another than before."""
        before, self._model = self._model, model
        self._out.finisher.drafting = model.id
        self._up.opened(tracks)
        if before is None or before.id == model.id:
            return False
        self._drawing.rename(before, model)
        return True

    def notified(self, message: wire.Key | wire.Loras) -> None:
        """Have the next frame of a track be a key frame, or take which LoRAs a model has now."""
        if isinstance(message, wire.Key):
            self._up.key(message.track)
            return
        if self._model is not None and self._model.id == message.model:
            self._model = with_loras(self._model, message)
        self._out.relearn(message)

    async def send(self, values: Values, params: Mapping[str, Any]) -> None:
        """Put what was handed over into the outbox, see ``AsyncSession.send``."""
        turn = self._out.media.interruptions
        while True:
            async with self._switching:
                self._alive()
            model, plain = self.model, sendable(params, self.room)
            pictures, media = parted(values, self._up)
            if plain and pictures is None:
                raise InvalidParams("params go with pictures alone", fix="send them with 'update'")
            most_pixels = self._opened.max_pixels if self._opened is not None else 0
            taken = await owned(named(model, pictures), most_pixels)
            inputs = await packed(model, taken, self.room - size_of(plain))
            made = await pieces(self._up, media, self.room)
            self._alive()  # it may have ended meanwhile
            if model is self._model and not self._switching.locked():
                break  # otherwise they were made for a model of before
        if turn != self._out.media.interruptions:
            made = [each for each in made if each[1]["policy"] != "append"]  # taken back meanwhile
        for piece, track in made:
            self._out.media.put(piece, track)
        if pictures is not None:
            self._drawing.put(taken)
            self._out.send(inputs, plain)
        self._tell()

    async def speak(self, text: Text) -> None:
        """Put a text into the outbox, piece by piece as it comes, see ``AsyncSession.speak``."""
        lines, saying = self._out.media, self._saying
        turn = lines.interruptions
        async with saying:  # one text after the other
            self._alive()
            if self._opened is None or TALK not in self._opened.features:
                raise VersionMismatch("this server takes no text", fix="update the server")
            async with aclosing(parts(text)) as coming:
                async for part in coming:
                    if turn != lines.interruptions:
                        return
                    self._put_text(part)
            if turn == lines.interruptions:
                self._put_text("")  # what is being said ends

    def _put_text(self, text: str) -> None:
        self._alive()
        self._out.media.put(*self._up.text(text))
        self._tell()

    def refine(self, params: Mapping[str, Any], wants: wire.Wants) -> Refine:
        """Ask for what is final; raise InvalidParams, VersionMismatch, or why it is over."""
        self._alive()
        if self._opened is not None and FILMS not in self._opened.features:
            if wants != "picture":
                raise VersionMismatch("this server tells no film's end", fix="update the server")
            wants = ""  # it knows no such word
        asked = self._out.refines.ask(sendable(params, self.room), wants)
        self._tell()
        return asked

    async def picture(self, params: Mapping[str, Any], limit_s: float | None) -> wire.Frame:
        """Return the final picture, see ``AsyncSession.refine``."""
        asked = self.refine(params, "picture").waiting[0]
        frame = await in_time(asked, limit_s, "final picture", "refine_s")
        assert frame is not None, "otherwise it was refused"
        return frame

    def interrupt(self) -> None:
        """Take back what was handed over in order, see ``AsyncSession.interrupt``."""
        self._saying = asyncio.Lock()  # who holds the one before may wait for a piece
        self._out.media.interrupt(self._up.interrupt())
        self._out.refines.give_up("it was interrupted")

    async def switch(
        self, name: str, params: Mapping[str, Any], limit_s: float | None
    ) -> SwitchedModel:
        """Ask for another model, see ``AsyncSession.switch``."""
        async with self._switching:
            self._alive()
            if self._opened is None or MODELS not in self._opened.features:
                raise VersionMismatch("this server switches no models", fix="update the server")
            info = await self._find(name)
            plain = sendable(params, self.room)
            room = self.room - size_of(plain)
            pictures = await self._drawing.read_by(self.model, info, room)
            self._alive()
            answer = self._out.switch(info.id, plain, pictures)
            self._tell()
            try:
                change = await in_time(answer, limit_s, "answer to the switch", "update_s")
            finally:
                self._out.withdraw()
        return SwitchedModel(
            model_of(change.switched), dict(change.switched.params), change.dropped
        )
