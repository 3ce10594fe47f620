"""What a session made, on its way to the client: encoded and sent in order, never piled up."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence

from livedraft.errors import LivedraftError
from livedraft.protocol.connection import ServerConnection
from livedraft.protocol.messages import Error, Frame, ServerMessage, Stage

from ..clock import Clock
from ..engine.faults import unexpected
from ..metrics import Metrics
from ..models.base import ModelInfo
from ..sessions.session import Picture
from .oneshot import recipe, timings
from .pictures import Pictures, draft_mime, final_mime
from .turns import Flow

Send = Callable[[ServerMessage], Awaitable[None]]


class Outbox:
    """A session's sink. It has room while the client has confirmed enough; see ``ready``."""

    def __init__(
        self,
        connection: ServerConnection,
        send: Send,
        *,
        pictures: Pictures,
        metrics: Metrics,
        clock: Clock,
    ) -> None:
        self.on_room: Callable[[], None] = lambda: None  # heard when something has gone out
        self._connection = connection
        self._send = send
        self._pictures = pictures
        self._metrics = metrics
        self._clock = clock
        self._model, self._flow = "", Flow("", "")
        self._draft_mime = self._final_mime = "image/png"
        self._newest = 0  # id of the newest picture that went out
        # At most the window, a refine's end and a failure: the session begins nothing unless ready.
        self._waiting: deque[Picture | tuple[int, LivedraftError]] = deque()
        self._filled = asyncio.Event()
        self._flushed = asyncio.Event()
        self._flushed.set()

    def suit(self, info: ModelInfo, accept: Sequence[str], flow: Flow) -> None:
        """Choose picture types for a model and a client; raise BadMessage if none fits."""
        self._model, self._flow = info.id, flow
        self._draft_mime = draft_mime(accept, info.alpha)
        self._final_mime = final_mime(accept, self._draft_mime)

    @property
    def ready(self) -> bool:
        """Whether one more frame may be made: unconfirmed and unsent ones leave room."""
        c = self._connection
        return c.state == "open" and c.unacked + len(self._waiting) < c.window

    def picture(self, picture: Picture) -> None:
        """Take a picture to encode and send."""
        self._put(picture)

    def failed(self, id: int, error: LivedraftError) -> None:
        """Take a failure to tell."""
        self._put((id, error))

    async def run(self) -> None:
        """Send what comes, one after another, until cancelled."""
        while True:
            await self._filled.wait()
            item = self._waiting[0]
            try:
                if isinstance(item, Picture):
                    await self._send_picture(item)
                else:
                    await self.tell(item[1], item[0])
            finally:
                self._waiting.popleft()
                if not self._waiting:
                    self._filled.clear()
                    self._flushed.set()
            self.on_room()

    async def flushed(self) -> None:
        """Return when nothing is on its way."""
        await self._flushed.wait()

    async def tell(self, error: LivedraftError, id: int | None = None, fatal: bool = False) -> None:
        """Send an error."""
        self._metrics.error(error.code)
        await self._send(Error(**error.to_wire(), id=id, fatal=fatal))

    def _put(self, item: Picture | tuple[int, LivedraftError]) -> None:
        self._waiting.append(item)
        self._flushed.clear()
        self._filled.set()

    async def _send_picture(self, picture: Picture) -> None:
        if picture.id < self._newest:
            return  # a newer one was faster
        final = picture.stage is Stage.FINAL
        mime = self._final_mime if final else self._draft_mime
        try:
            image = await self._pictures.encode(
                picture.pixels,
                mime,
                recipe(self._model, picture) if final else None,
                flow=self._flow,
            )
        except Exception as error:  # of one picture: the session goes on
            await self.tell(unexpected(error, f"writing the picture as {mime}"), picture.id)
            return
        encoded = self._clock()
        self._newest = picture.id
        height, width = picture.pixels.shape[:2]
        taken = timings(picture, encoded=encoded, sent=self._clock())
        await self._send(
            Frame(
                seq=self._connection.next_seq(picture.id),
                id=picture.id,
                stage=picture.stage,
                model=self._model,
                seed=picture.seed,
                step=picture.step,
                steps=picture.steps,
                params=picture.params,
                mime=mime,
                width=width,
                height=height,
                image=image,
                timings=taken,
                dropped=picture.dropped,
                batch=picture.batch,
                notes=list(picture.notes),
            )
        )
        self._metrics.frame(self._model, picture.stage.value, taken, picture.dropped, picture.batch)
