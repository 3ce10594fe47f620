"""What a session made, on its way to the client: encoded and sent in order, never piled up."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import asdict

from livedraft.errors import LivedraftError
from livedraft.media.chunks import AudioChunk, Output, Still, VideoChunk
from livedraft.media.images import type_of
from livedraft.protocol import messages as wire
from livedraft.protocol.connection import ServerConnection
from livedraft.protocol.features import MEDIA
from livedraft.protocol.tracks import RTP

from ..clock import Clock
from ..metrics import Metrics
from ..models.base import ModelInfo
from ..sessions.result import Result
from ..sessions.session import Session
from .channel import Gone
from .encoding import Encoding, encoding, unwritable
from .films import Finals
from .lines import Lines
from .picture_pool import PicturePool, draft_mime, final_mime, takes
from .room import Room
from .tracks import output_tracks
from .turns import Flow

Send = Callable[[wire.ServerMessage], Awaitable[None]]
Told = wire.Key | wire.Progress | wire.Film  # in their order, between outputs


class Outbox:
    """A session's sink. It has room while the client has confirmed enough; see ``ready``."""

    def __init__(
        self,
        connection: ServerConnection,
        send: Send,
        *,
        pictures: PicturePool,
        metrics: Metrics,
        clock: Clock,
    ) -> None:
        self.on_room: Callable[[], None] = lambda: None  # heard when something has gone out
        self._connection = connection
        self._send = send
        self._pictures = pictures
        self._metrics = metrics
        self._clock = clock
        self._flow = Flow("", "")
        self._room = Room(connection)
        self._encodings: dict[type[Output], Encoding] = {}
        self._draft_mimes = {alpha: "image/png" for alpha in (False, True)}
        self._accept: Sequence[str] = ()
        self._newest = 0  # id of the newest picture that went out
        self._untold = 0, 0  # inputs dropped, and µs, of outputs that no piece has told yet
        # At most the windows, a refine's end and a failure: nothing is begun unless there is room.
        self._waiting: deque[Result | Told | tuple[int, LivedraftError]] = deque()
        self._asked = wire.Open()
        self._news: dict[str, tuple[ModelInfo, Session]] = {}  # by the model that they are about
        self._filled = asyncio.Event()
        self.finals = Finals(
            pictures.marking,
            put=self._put,  # a film, or the error of one
            taken=lambda: self.on_room(),
            told=self._filled.set,
        )
        self._flushed = asyncio.Event()
        self._flushed.set()

    def configure(self, session: Session, asked: wire.Open, lines: Lines | None = None) -> None:
        """Choose types for a model and what its client can show; raise BadMessage if none fits."""
        flow = self._flow = Flow(session.owner, session.id)
        self._asked = asked
        self._accept = asked.accept
        self._draft_mimes = {each: draft_mime(asked.accept, each) for each in (False, True)}
        self._room.tracks = output_tracks(session.info, asked, lines)
        codecs = {kind: track["codecs"][0] for kind, track in self._room.tracks.items()}
        ours = [(kind, codec) for kind, codec in codecs.items() if codec != RTP]
        self._encodings = {kind: encoding(codec, self._pictures, flow) for kind, codec in ours}
        if lines is not None:
            beside = [kind for kind, codec in codecs.items() if codec == RTP]
            clock = session.timeline
            self._encodings |= lines.out(beside, self._pictures, flow, lambda: clock.now)

    @property
    def ready(self) -> bool:
        """Whether one more output may be made: unconfirmed and unsent ones leave room."""
        unsent = self._unsent
        return self.finals.ready and self._room.left(unsent, len(self._waiting) - len(unsent))

    @property
    def _unsent(self) -> list[Output]:
        return [item.output for item in self._waiting if isinstance(item, Result)]

    def take(self, result: Result) -> None:
        """Take an output to send; a live frame only where the sound beside it keeps up."""
        if self.finals.take(result):
            return
        live = result.stage is wire.Stage.DRAFT and isinstance(result.output, VideoChunk)
        if live and self._room.falls_behind(self._unsent):
            self._leave_out(result)
        else:
            self._put(result)

    def progress(self, progress: wire.Progress) -> None:
        """Take how far a refine is, of which the newest is told, and its end after all else."""
        self.finals.progress(progress)

    def widen(self, info: ModelInfo) -> None:
        """Have what another model than that of the drafts makes go, too, piece by piece."""
        if MEDIA not in self._asked.features:
            return
        for kind, track in output_tracks(info, self._asked).items():
            if kind not in self._room.tracks:
                self._room.tracks = {**self._room.tracks, kind: track}
                self._encodings[kind] = encoding(track["codecs"][0], self._pictures, self._flow)

    def interrupt(self, id: int) -> None:
        """Throw away what is not sent of what older messages asked for: nobody wants it."""
        self._newest = max(self._newest, id)
        for each in [*self._waiting][1:]:  # the first may be on its way
            if isinstance(each, Result) and each.id < id:
                self._waiting.remove(each)
                self._leave_out(each)
        for line in self._encodings.values():  # the client throws away what it has of them
            line.forget()

    def failed(self, id: int, error: LivedraftError) -> None:
        """Take a failure to tell; that of a film in a file by what writes it."""
        if not self.finals.fail(id, error):
            self._put((id, error))

    def ask_key(self, track: str) -> None:
        """Ask the client for a key frame on one of its tracks."""
        self._put(wire.Key(track=track))

    def key(self, name: str) -> None:
        """Let the next frame of a track be a key frame: the client misses one."""
        for kind, track in self._room.tracks.items():
            if track["name"] == name:
                self._encodings[kind].key()

    def announce(self, info: ModelInfo, session: Session) -> None:
        """Have a model's LoRAs told before the next output: only the newest of each model."""
        self._news[info.id] = info, session
        self._filled.set()

    async def run(self) -> None:
        """Send what comes, one after another, until cancelled."""
        try:
            while True:
                await self._filled.wait()
                if self._news:
                    await self._send_news()
                elif (progress := self.finals.next()) is not None:
                    await self._send(progress)
                elif self._waiting:  # else the news was taken back
                    await self._send_next()
                if not (self._news or self.finals.news or self._waiting):
                    self._filled.clear()
        finally:  # encoders have threads: they do not wait for a collection of garbage
            self._room.tracks, self._encodings = {}, {}
            self.finals.forget()

    async def _send_news(self) -> None:
        info, session = self._news.pop(next(iter(self._news)))
        loras = [asdict(lora) for lora in info.loras]
        await self._send(wire.Loras(model=info.id, loras=loras, params=session.params))

    async def _send_next(self) -> None:
        item = self._waiting[0]
        try:
            if isinstance(item, Result):
                await self._send_result(item)
            elif isinstance(item, tuple):
                await self.report(item[1], item[0])
            else:
                await self._send(item)
        finally:
            self._waiting.popleft()
            if not self._waiting:
                self._flushed.set()
        self.on_room()

    def _leave_out(self, result: Result) -> None:
        """Send none of a result; what it would have told of inputs is told with the next."""
        dropped, dropped_us = self._untold
        self._untold = dropped + result.dropped, dropped_us + result.dropped_us

    async def flushed(self) -> None:
        """Return when nothing is on its way."""
        await self._flushed.wait()

    async def report(
        self, error: LivedraftError, id: int | None = None, fatal: bool = False
    ) -> None:
        """Send an error."""
        self._metrics.error(error.code)
        await self._send(wire.Error(**error.to_wire(), id=id, fatal=fatal))

    def _put(self, item: Result | Told | tuple[int, LivedraftError]) -> None:
        self._waiting.append(item)
        self._flushed.clear()
        self._filled.set()

    async def _send_result(self, result: Result) -> None:
        if result.id < self._newest:
            return  # a newer one was faster
        try:
            if isinstance(result.output, Still):
                await self._send_picture(result, result.output)
            else:
                await self._send_pieces(result, result.output)
        except Gone:
            raise
        except Exception as error:  # of one output: the session goes on
            await self.report(unwritable(error, result.output), result.id)

    async def _send_picture(self, result: Result, still: Still) -> None:
        final = result.stage is wire.Stage.FINAL
        mime = self._draft_mimes[still.pixels.shape[2] == 4]
        mime = final_mime(self._accept, mime) if final else mime
        recipe = result.recipe if final else None
        signed = type_of(still.file) if final else ""
        if signed and takes(self._accept, signed):
            mime, image = signed, still.file
        else:
            image = await self._pictures.encode(still.pixels, mime, recipe, flow=self._flow)
        if result.id < self._newest:
            return  # interrupted meanwhile
        taken = self._sent(result)
        await self._send(
            wire.Frame(
                seq=self._connection.next_seq(result.id),
                id=result.id,
                stage=result.stage,
                model=result.model,
                seed=result.seed,
                step=result.step,
                steps=result.steps,
                params=result.params,
                mime=mime,
                width=still.size[0],
                height=still.size[1],
                image=image,
                timings=taken,
                dropped=result.dropped,
                batch=result.batch,
                notes=list(result.notes),
                data=self._pictures.marking.told(result.data),
            )
        )

    async def _send_pieces(self, result: Result, chunk: VideoChunk | AudioChunk) -> None:
        if (track := self._room.tracks.get(type(chunk))) is None:
            return  # the client did not ask for media
        line = self._encodings[type(chunk)]
        pieces = await line.pieces(chunk)
        if result.id < self._newest:  # interrupted meanwhile
            line.forget()
            return
        taken, untold = self._sent(result), self._untold
        dropped, dropped_us = result.dropped + untold[0], result.dropped_us + untold[1]
        notes, about = list(result.notes), self._pictures.marking.told(result.data)
        for piece in pieces:
            await self._send(
                wire.Media(
                    track=track["name"],
                    id=result.id,
                    pts=piece.pts,
                    duration=piece.duration,
                    codec=piece.codec,
                    key=piece.key,
                    rate=piece.rate,
                    channels=piece.channels,
                    data=piece.data,
                    seq=self._connection.next_seq(result.id, track["name"], piece.duration),
                    dropped=dropped,
                    dropped_us=dropped_us,
                    timings=taken,
                    notes=notes,
                    about=about,
                )
            )
            dropped = dropped_us = 0
            notes, about = [], {}
        self._untold = dropped, dropped_us

    def _sent(self, result: Result) -> dict[str, float]:
        """Count a result that goes out; return its timings."""
        encoded = self._clock()
        self._newest = max(self._newest, result.id)
        taken = result.timings(encoded=encoded, sent=self._clock())
        self._metrics.frame(result.model, result.stage.value, taken, result.dropped, result.batch)
        return taken
