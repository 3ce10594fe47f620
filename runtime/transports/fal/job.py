"""One request of the queue: its place in line, its course, and what came of it."""

from __future__ import annotations

import asyncio
import uuid
from collections import deque
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime

from livedraft.errors import LivedraftError, ServerBusy, SessionClosed
from livedraft.media.images import type_of
from livedraft.protocol.messages import Progress, Wants

from ...engine.faults import unexpected
from ...filming import FilmFolder, GeneratedFilm, made
from ...sessions.admission import Ticket
from ...sessions.oneshot import Asked
from ...sessions.result import Result
from ...sessions.runner import Runner
from ..making import Order
from ..service import Service
from ..turns import Flow
from ..waiting import first
from .kept import KeptFilm

_MOST_LOGS = 200  # lines of one request


class LateStart(ServerBusy):
    """A request did not get its place within the time that its client gave it."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a request asks for."""

    app: str  # "OWNER/APP", as it is called there
    orders: tuple[Order, ...]  # one a picture or film, of one model
    places: int
    mime: str = "image/png"
    as_url: bool = False  # as data URIs, and kept no longer than the answer
    ignored: tuple[str, ...] = ()  # words that say nothing to the model
    start_s: float | None = None  # in which it has to begin
    previews: bool = True  # whether anybody hears of what is on the way
    wants: Wants = "either"
    films: bool = False  # whether it is moving pictures or sound alone that the model makes

    @property
    def bytes(self) -> int:
        """How much the pictures hold that it brings, which are the same for all orders."""
        return sum(len(data) for data in self.orders[0].inputs.values())


@dataclass(frozen=True, slots=True)
class Picture:
    """One that was made."""

    data: bytes
    mime: str
    width: int  # px
    height: int
    seed: int | None


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a request's log."""

    message: str
    timestamp: str = field(
        default_factory=lambda: datetime.now(UTC).isoformat(timespec="milliseconds")
    )


class Job:
    """A request from its submission on. Raises ServerBusy where the line is full."""

    def __init__(self, service: Service, wanted: Wanted, owner: str) -> None:
        self.id = str(uuid.uuid4())
        self.wanted: Wanted = wanted
        self.pictures: list[Picture] = []
        self.film: KeptFilm | None = None
        self.preview: Result | None = None  # the newest
        self.told: Progress | None = None  # how far it is
        self.steps = 0  # of the last picture, or the film
        self.inference_s = 0.0
        self.error: LivedraftError | None = None
        self.done = False
        self.changed = asyncio.Event()  # set at the next change, by when another stands here
        self.logs: deque[Line] = deque(maxlen=_MOST_LOGS)
        self.logged = 0  # lines, also of those that are forgotten
        self.on_end: Callable[[], None] = lambda: None
        self.flow = Flow(owner, self.id)
        self._service = service
        self._owner = owner
        self._ticket = service.admission.ask(self._moved, wanted.places)
        self._moved(self._ticket.position)
        self._task = asyncio.create_task(self._run())
        self._task.add_done_callback(lambda _: self._end())

    @property
    def position(self) -> int:
        """How many go before it, sessions among them; 0 also where it has its place."""
        return max(0, self._ticket.position - 1)

    @property
    def begun(self) -> bool:
        """Whether it has its place, or had it."""
        return self.done or self._ticket.granted.is_set()

    @property
    def bytes(self) -> int:
        """How much is kept of it."""
        if not self.done:
            return self.wanted.bytes
        film = 0 if self.film is None else self.film.bytes
        return film + sum(len(picture.data) for picture in self.pictures)

    def cancel(self) -> None:
        """Give it up: its work ends at the next step, and its place is free."""
        self._task.cancel()

    def drop(self) -> None:
        """Let go of what came of it: nobody asks any more."""
        self.pictures.clear()
        film, self.film = self.film, None
        if film is not None:
            film.drop()

    async def ended(self) -> None:
        """Return once it is done, however it went."""
        await asyncio.wait([self._task])

    async def _run(self) -> None:
        try:
            await first(self._make(), self._service.cut_off())
        except asyncio.CancelledError:
            self.error = _cancelled()
            raise
        except LivedraftError as error:
            self._fail(error)
        except Exception as error:  # a task's boundary: who asks is told
            self._fail(unexpected(error, "this request"))

    async def _make(self) -> None:
        service, wanted = self._service, self.wanted
        await self._placed(self._ticket)
        self._log("begun")
        runner = await service.runner()  # refuses while the server drains
        began = service.clock()
        preview = self._preview if wanted.previews else None
        for order in wanted.orders:
            asked = Asked(
                order.model,
                order.inputs,
                order.params,
                self._owner,
                wanted.wants,
                preview,
                self._progress,
            )
            first = await self._whole(runner, asked)
            self.inference_s += first.model_s if self.film is None else service.clock() - began
            timings = first.timings(encoded=service.clock())
            service.metrics.frame(first.model, first.stage.value, timings, 0, first.batch)
        self._log(f"made in {service.clock() - began:.2f} s")

    async def _whole(self, runner: Runner, asked: Asked) -> Result:
        """Keep a picture or film, and return it, or the first piece of it."""
        with ExitStack() as stack:
            folder = stack.enter_context(FilmFolder())
            came = await made(runner, asked, folder.film, self._service.pictures.marking)
            if isinstance(came, GeneratedFilm):
                self.film = KeptFilm(came, folder)
                stack.pop_all()
                self.steps = came.first.params.get("steps", came.first.steps)
                return came.first
        self.pictures.append(await self._encoded(came))
        self.steps = came.steps
        return came

    async def _placed(self, ticket: Ticket) -> None:
        limit_s = self.wanted.start_s
        try:
            async with asyncio.timeout(limit_s):
                await ticket.wait()
        except TimeoutError:
            raise LateStart(
                f"no place was free within {limit_s:g} s", fix="allow more time, or try later"
            ) from None

    async def _encoded(self, made: Result) -> Picture:
        height, width = made.pixels.shape[:2]
        data, mime = made.file, type_of(made.file)
        if not mime:  # else it was signed elsewhere, and goes as it is
            mime = self.wanted.mime
            pictures = self._service.pictures
            data = await pictures.encode(made.pixels, mime, made.recipe, flow=self.flow)
        return Picture(data, mime, width, height, made.seed)

    def _preview(self, result: Result) -> None:
        self.preview = result
        self._tell()

    def _progress(self, progress: Progress) -> None:
        known = [] if self.told is None else self.told.notes
        self.told = progress
        for note in progress.notes:
            if note not in known:
                self._log(note["message"])
        if progress.steps:
            self._log(f"step {progress.step} of {progress.steps}")

    def _moved(self, position: int) -> None:
        if position:
            self._log("next in line" if position == 1 else f"{position - 1} before it in line")

    def _log(self, message: str) -> None:
        self.logs.append(Line(message))
        self.logged += 1
        self._tell()

    def _fail(self, error: LivedraftError) -> None:
        self.error = error
        self._service.metrics.error(error.code)
        self._log(str(error))

    def _end(self) -> None:
        """Free all but what came of it; also of one that was cancelled before it began."""
        self._ticket.release()
        self.done = True
        self.preview = None
        came = len(self.pictures) + (self.film is not None)
        if self.error is not None or came < len(self.wanted.orders):
            self.error = self.error or _cancelled()
            self.drop()
        for order in self.wanted.orders:
            order.inputs.clear()
        self.on_end()
        self._tell()

    def _tell(self) -> None:
        heard, self.changed = self.changed, asyncio.Event()
        heard.set()


def _cancelled() -> SessionClosed:
    return SessionClosed("the request was cancelled", fix="submit it again")
