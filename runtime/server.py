"""The composition root: builds every part of a server, starts it, drains it, stops it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from concurrent.futures import Future
from contextlib import asynccontextmanager
from functools import partial

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.routing import Route

from livedraft.errors import LivedraftError, SessionClosed

from .adapters import Adapters
from .config import Config
from .engine.engine import Engine
from .engine.memory import Memory
from .entries import Entry
from .models.base import AnyModel
from .sessions.runner import Runner
from .table import Table
from .transports.assistants import PATH, Assistants
from .transports.fal.jobs import Jobs
from .transports.guard import Guard
from .transports.http import missing, routes
from .transports.refusals import broken
from .transports.service import Service
from .transports.waiting import at_most
from .transports.webrtc.peers import Peers
from .warming import Shape, warm_up

log = logging.getLogger(__name__)

CLOSE_S = 2.0  # for the states of sessions, then for the call that the engine is in


class Server:
    """One server: models, engine, runner and the app that serves them.

    ``serving`` ends when the first model is warm (with LoRAs: when all are, as one that no model
    takes ends the server), ``ready`` when all are, but for those that are left out; or both with
    what kept them from it. ``on_failure`` is called when the server cannot go on; ``failure`` then
    says why.
    """

    def __init__(
        self,
        config: Config,
        *,
        page: bool = True,
        on_failure: Callable[[], None] = lambda: None,
    ) -> None:
        self.config = config
        self.service = Service(config)
        self.assistants = Assistants(self.service)
        self.app = Starlette(
            routes=[*routes(page=page), Route(PATH, self.assistants)],
            lifespan=self._lifespan,
            middleware=[Middleware(Guard, service=self.service)],
            exception_handlers={Exception: broken, HTTPException: missing},
        )
        self.app.state.service = self.service
        self.app.state.peers = Peers(self.service)
        self.app.state.jobs = Jobs(self.service)
        self.serving: Future[None] = Future()
        self.ready: Future[None] = Future()
        self.failure: BaseException | None = None
        self._on_failure = on_failure
        self._adapters: Adapters | None = None

    async def __aenter__(self) -> Service:
        """Run without a port, for tests and embedders; return once all models are warm."""
        self._inside = self._lifespan(self.app)
        await self._inside.__aenter__()
        try:
            await asyncio.wrap_future(self.ready)
        except BaseException:
            await self._inside.__aexit__(None, None, None)
            raise
        return self.service

    async def __aexit__(self, *_: object) -> None:
        """Drain and stop."""
        await self.service.drain()
        await self._inside.__aexit__(None, None, None)

    @property
    def adapters(self) -> Adapters:
        """What attaches and detaches LoRAs; raises SessionClosed before the models are warm."""
        if self._adapters is None:
            raise SessionClosed("the server still loads models", fix="wait until it is ready")
        return self._adapters

    async def attaching(self) -> Adapters:
        """Return what attaches and detaches LoRAs, once all models are warm."""
        await asyncio.shield(asyncio.wrap_future(self.ready))
        return self.adapters

    def give_up(self) -> None:
        """Tell who waits for ``ready`` that it will not come; without meaning afterwards."""
        self._fail(SessionClosed("the server ended before it was ready", fix="its log says why"))

    @asynccontextmanager
    async def _lifespan(self, app: Starlette) -> AsyncIterator[None]:
        """Load and run beside the app, so that it answers ``/healthz`` from the first moment."""
        running = asyncio.create_task(self._run())
        running.add_done_callback(self._ended)
        try:
            yield
        finally:
            running.cancel()
            await self.assistants.close()
            await app.state.peers.close()
            await app.state.jobs.close()
            await asyncio.gather(running, return_exceptions=True)
            self.service.close()

    async def _run(self) -> None:
        readiness = self.service.readiness
        table = Table(self.config, readiness)
        readiness.attach(table.names, table.strangers)
        log.info("loading %s", ", ".join(table.names.values()))
        engines = {lane: self._engine(lane, table.memory) for lane in table.lanes}
        runner = Runner(
            list(engines.values()), self.service.pictures.decode, why_not=readiness.why_not
        )
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(runner.run())
                tasks.create_task(self._begin(table, engines, runner))
        finally:
            self.service.parking.close()
            await at_most(CLOSE_S, runner.released())
            closing = (asyncio.to_thread(each.close, CLOSE_S) for each in engines.values())
            results = await asyncio.gather(*closing, return_exceptions=True)
            for result in results:
                if isinstance(result, BaseException):
                    raise result

    def _engine(self, lane: str, memory: Memory) -> Engine:
        late = self.service.metrics.late
        return Engine(lane, limit_s=self.config.model_s, on_late=late, memory=memory)

    async def _begin(self, table: Table, engines: Mapping[str, Engine], runner: Runner) -> None:
        """Have the transports serve each model as soon as it is warm, lane beside lane."""
        self.service.begin(runner)
        async with asyncio.TaskGroup() as lanes:
            for lane, engine in engines.items():
                lanes.create_task(self._fill(table, table.lanes[lane], engine))
        models = runner.models
        table.check(list(models))
        self._adapters = Adapters(list(engines.values()), self.service.relearn)
        self._serves()
        self.ready.set_result(None)
        log.info("ready with %s", ", ".join(models))

    async def _fill(self, table: Table, entries: Sequence[Entry], engine: Engine) -> None:
        """Load a lane's models one after another; each is warm before the next is begun."""
        for done, entry in enumerate(entries, 1):
            model = await engine.load(partial(table.load, entry))
            if model is not None:
                await engine.free(self.config.load_s)  # of one before it, which was left out
                engine.add(model)
                await self._warm_up(table, engine, model)
                del model  # one that is left out is gone before the next is loaded
            if done == 1:
                await engine.load(partial(table.look, entries[done:]))

    async def _warm_up(self, table: Table, engine: Engine, model: AnyModel) -> None:
        name = model.info.id
        try:
            plan, later = table.plans[name], partial(self.service.readiness.hear, name)
            await warm_up(engine, name, plan, partial(self._warm, model), later)
        except LivedraftError as error:
            engine.drop(name)
            table.leave_out(name, error)

    def _warm(self, model: AnyModel, made: int, every: Sequence[Shape]) -> None:
        """Let the log, ``/readyz`` and who waits know how far a model is; serve it at the end."""
        name = model.info.id
        if made < len(every):
            log.info("warming up %s: %s (%d of %d)", name, every[made], made + 1, len(every))
        else:
            self.service.serve(model)
        self.service.readiness.warm(name, made, every)
        if made == len(every) and not self.config.loras:  # one that no model takes ends the server
            self._serves()

    def _serves(self) -> None:
        if not self.serving.done():
            self.serving.set_result(None)

    def _fail(self, error: BaseException) -> None:
        for awaited in (self.serving, self.ready):
            if not awaited.done():
                awaited.set_exception(error)

    def _ended(self, running: asyncio.Task[None]) -> None:
        if running.cancelled():
            error: BaseException | None = SessionClosed(
                "the server was stopped", fix="start it again"
            )
        else:
            error = self.failure = _innermost(running.exception())
            self.service.give_up()
            self._on_failure()
        if error is not None:
            self._fail(error)


def _innermost(error: BaseException | None) -> BaseException | None:
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error
