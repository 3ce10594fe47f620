"""The composition root: builds every part of a server, starts it, drains it, stops it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from concurrent.futures import Future
from contextlib import asynccontextmanager
from pathlib import Path

import numpy as np
from PIL import Image
from starlette.applications import Starlette

from livedraft.errors import SessionClosed, WeightsError
from livedraft.media import images

from .config import Config
from .engine.engine import Cell, Engine
from .models import MODELS
from .models.base import AnyModel, ModelInfo
from .sessions.runner import Runner
from .transports.http import routes
from .transports.oneshot import one_shot
from .transports.service import Service

log = logging.getLogger(__name__)


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
        self.app = Starlette(routes=routes(page=page), lifespan=self._lifespan)
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
        models = await asyncio.to_thread(load_models, self.config)
        engine = Engine(models)
        runner = Runner(engine, self.service.pictures.decode)

        async def begin() -> None:
            for model in models.values():
                await warm_up(runner, model.info)
            self.service.begin(runner, models)
            self.ready.set_result(None)
            log.info("ready with %s", ", ".join(models))

        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(runner.run())
                tasks.create_task(begin())
        finally:
            self.service.parking.close()
            # The releases of closed sessions are submitted while this empty one runs.
            await engine.release(next(iter(models)), Cell())
            await asyncio.to_thread(engine.close)

    def _ended(self, running: asyncio.Task[None]) -> None:
        if running.cancelled():
            error: BaseException | None = SessionClosed("the server was stopped")
        else:
            error = self.failure = _innermost(running.exception())
            self._on_failure()
        if not self.ready.done() and error is not None:
            self.ready.set_exception(error)


def load_models(config: Config) -> dict[str, AnyModel]:
    """Load the configured models by name, and their LoRAs; raise ModelNotFound or WeightsError."""
    classes = [MODELS.load(name) for name in config.models]
    models = {cls.info.id: cls.load(config.device, threads=config.threads) for cls in classes}
    for pair in config.loras:
        name, _, path = pair.partition("=")
        if not any([model.add_lora(name, Path(path)) for model in models.values()]):
            raise WeightsError(
                f"LoRA {name} is for none of the models {', '.join(models)}",
                fix="serve the model that it was trained for, or leave it out",
            )
    return models


def _innermost(error: BaseException | None) -> BaseException | None:
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error


async def warm_up(runner: Runner, info: ModelInfo) -> None:
    """Make one small picture from blank inputs, so that the first user need not wait longer."""
    blank = {
        spec.name: images.encode(
            Image.fromarray(np.zeros((spec.height, spec.width, 4 if spec.alpha else 3), np.uint8))
        )
        for spec in info.inputs
    }
    await one_shot(runner, info.id, blank, {"steps": 1})
