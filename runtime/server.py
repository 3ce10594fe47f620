"""The composition root: builds every part of a server, starts it, drains it, stops it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from concurrent.futures import Future
from contextlib import asynccontextmanager
from pathlib import Path

from starlette.applications import Starlette
from starlette.middleware import Middleware

from livedraft.errors import ModelNotFound, SessionClosed, WeightsError

from .config import Config
from .engine.contract import check_info
from .engine.engine import Engine
from .engine.faults import of_model
from .models import MODELS, load_model
from .models.base import AnyModel, Plan
from .sessions.runner import Runner
from .transports.guard import Guard
from .transports.http import routes
from .transports.refusals import broken
from .transports.service import Service
from .transports.waiting import at_most
from .warming import warm_up

log = logging.getLogger(__name__)

_AT_START = "the log tells where; mend that, or serve without it"
CLOSE_S = 2.0  # for the states of sessions, then for the call that the engine is in


class Server:
    """One server: models, engine, runner and the app that serves them.

    ``ready`` ends when the models are warm, or with what kept them from it. ``on_failure`` is
    called when the server cannot go on; ``failure`` then says why.
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
        self.app = Starlette(
            routes=routes(page=page),
            lifespan=self._lifespan,
            middleware=[Middleware(Guard, service=self.service)],
            exception_handlers={Exception: broken},
        )
        self.app.state.service = self.service
        self.ready: Future[None] = Future()
        self.failure: BaseException | None = None
        self._on_failure = on_failure

    async def __aenter__(self) -> Service:
        """Run without a port, for tests and embedders; return once the models are warm."""
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

    def give_up(self) -> None:
        """Tell who waits for ``ready`` that it will not come; without meaning afterwards."""
        if not self.ready.done():
            self.ready.set_exception(
                SessionClosed("the server ended before it was ready", fix="its log says why")
            )

    @asynccontextmanager
    async def _lifespan(self, app: Starlette) -> AsyncIterator[None]:
        """Load and run beside the app, so that it answers ``/healthz`` from the first moment."""
        running = asyncio.create_task(self._run())
        running.add_done_callback(self._ended)
        try:
            yield
        finally:
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)
            self.service.close()

    async def _run(self) -> None:
        log.info("loading %s", ", ".join(self.config.models))
        engine = Engine(limit_s=self.config.model_s, on_late=self.service.metrics.late)
        runner = Runner([engine], self.service.pictures.decode)
        try:
            await engine.load(lambda: load_models(self.config))
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(runner.run())
                tasks.create_task(self._begin(engine, runner))
        finally:
            self.service.parking.close()
            await at_most(CLOSE_S, runner.released())
            await asyncio.to_thread(engine.close, CLOSE_S)

    async def _begin(self, engine: Engine, runner: Runner) -> None:
        """Warm the models up and let the transports serve them."""
        for model in engine.models.values():
            await warm_up(runner, model.info)
        self.service.begin(runner, engine.models)
        self.ready.set_result(None)
        log.info("ready with %s", ", ".join(engine.models))

    def _ended(self, running: asyncio.Task[None]) -> None:
        if running.cancelled():
            error: BaseException | None = SessionClosed(
                "the server was stopped", fix="start it again"
            )
        else:
            error = self.failure = _innermost(running.exception())
            self.service.give_up()
            self._on_failure()
        if not self.ready.done() and error is not None:
            self.ready.set_exception(error)


def load_models(config: Config) -> dict[str, AnyModel]:
    """Load the configured models by name, and their LoRAs.

    Raise ModelNotFound, WeightsError, or ModelFailed for whatever else a model raises.
    """
    loaded = [_loaded(name, config) for name in config.models]
    models = {model.info.id: model for model in loaded}
    for pair in config.loras:
        name, _, path = pair.partition("=")
        if not any([_takes(model, name, Path(path)) for model in loaded]):
            raise WeightsError(
                f"LoRA {name} ({path}) is for none of the models {', '.join(models)}",
                fix="serve the model that it was trained for, or leave it out",
            )
    return models


def _loaded(name: str, config: Config) -> AnyModel:
    try:
        model = load_model(MODELS.load(name), "", Plan(config.device, config.threads))
        check_info(model.info)
    except ModelNotFound:
        raise
    except BaseException as error:  # a model may raise anything; SystemExit would end us in peace
        raise of_model(error, f"loading the model '{name}'", _AT_START) from None
    return model


def _takes(model: AnyModel, name: str, path: Path) -> bool:
    try:
        return bool(model.add_lora(name, path))
    except BaseException as error:  # as above
        told = of_model(error, f"reading it for the model '{model.info.id}'", _AT_START)
        raise WeightsError(f"LoRA {name} ({path}): {told.message}", fix=told.fix) from None


def _innermost(error: BaseException | None) -> BaseException | None:
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error
