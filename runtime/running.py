"""Run a server on uvicorn: in the foreground, on a running loop, or in a thread of its own."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import AsyncIterator, Callable, Coroutine
from concurrent.futures import CancelledError, Future
from contextlib import asynccontextmanager
from os import PathLike
from typing import Any, Self, TypeVar

import uvicorn
from starlette.types import ASGIApp

from livedraft.errors import SessionClosed

from .adapters import Adapters
from .config import Config
from .dumps import keep_no_dump
from .readiness import Standing
from .reloading import Read, reloading
from .server import Server
from .wire.http import HttpProtocol
from .wire.limits import Settings
from .wire.listening import calm, listen, room_for, url_of
from .wire.websocket import WebSocketProtocol

T = TypeVar("T")
_INSIDE = "localhost"
Mount = Callable[[Server, str], ASGIApp]  # what serves a server's app at an address


class Process:
    """A server on its own port, open from the start; ``mount`` may serve more around its app."""

    def __init__(self, config: Config, mount: Mount | None = None) -> None:
        self._sockets = listen(config.host, config.port)
        self.url = url_of(config.host, self._sockets[0].getsockname()[1])
        self.server = Server(config, page=mount is None, on_failure=self.stop)
        inside = self._open_inside() if self.server.assistants.can_serve else 0
        self.server.assistants.url = url_of(_INSIDE, inside) if inside else self.url
        app = mount(self.server, self.url) if mount else self.server.app
        settings = Settings(
            app,
            config,
            http=HttpProtocol,
            ws=WebSocketProtocol,
            max_connections=room_for(config.max_connections),
            inside=inside,
        )
        self._uvicorn = _Draining(settings, self.server)

    def _open_inside(self) -> int:
        """Listen at another port of this machine alone, where assistants' tools ask the server."""
        opened = listen(_INSIDE, 0)
        self._sockets += opened
        port: int = opened[0].getsockname()[1]
        return port

    async def run(self) -> None:
        """Serve until stopped; raise what ended the server before its time."""
        self.loop = asyncio.get_running_loop()
        try:
            with calm(self.loop):
                await self._uvicorn.serve(sockets=self._sockets)
        finally:
            self.server.give_up()
        if self.server.failure is not None:
            raise self.server.failure

    def stop(self) -> None:
        """Ask for the end, from any thread; clients are told and waited for."""
        self._uvicorn.should_exit = True


class Thread:
    """A process in a thread of its own, for blocking programs; close it, or use it as a context."""

    def __init__(self, config: Config, mount: Mount | None = None) -> None:
        self._process = Process(config, mount)
        self.url = self._process.url
        self._thread = threading.Thread(target=self._run, name="server", daemon=True)
        self._thread.start()
        try:
            self._process.server.ready.result()
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Stop the server and wait for its end; may be called again."""
        self._process.stop()
        self._thread.join()

    def attach_lora(
        self, name: str, path: str | PathLike[str], model: str = "", *, instead: bool = False
    ) -> list[str]:
        """Attach a LoRA while the server serves; return the models that took it.

        See ``Adapters.attach``. Raises SessionClosed, too, once the server has ended.
        """
        return self._ask(lambda every: every.attach(name, path, model, instead=instead))

    def detach_lora(self, name: str, model: str = "") -> list[str]:
        """Detach a LoRA while the server serves; return the models that had it."""
        return self._ask(lambda every: every.detach(name, model))

    def join(self) -> None:
        """Wait until the server ends; raise what ended it before its time."""
        self._thread.join()
        if self._process.server.failure is not None:
            raise self._process.server.failure

    def __enter__(self) -> Self:
        """Return the server."""
        return self

    def __exit__(self, *_: object) -> None:
        """Stop the server."""
        self.close()

    def _ask(self, ask: Callable[[Adapters], Coroutine[Any, Any, T]]) -> T:
        """Have the server do something on its loop, and wait for it here."""
        over = SessionClosed("the server has ended", fix="start another")
        work = ask(self._process.server.adapters)
        try:
            return asyncio.run_coroutine_threadsafe(work, self._process.loop).result()
        except CancelledError:
            raise over from None
        except RuntimeError:  # its loop is closed
            work.close()
            raise over from None

    def _run(self) -> None:
        try:
            asyncio.run(self._process.run())
        except BaseException as error:
            if error is not self._process.server.failure:
                raise


@asynccontextmanager
async def running(config: Config) -> AsyncIterator[str]:
    """Serve on the running loop while the context lasts; give the address once it is ready."""
    process = Process(config)
    task = asyncio.create_task(process.run())
    try:
        await asyncio.wrap_future(process.server.ready)
        yield process.url
    finally:
        process.stop()
        await task


def serve(
    config: Config,
    on_start: Callable[[str], None] = lambda url: None,
    mount: Mount | None = None,
    read: Read | None = None,
    on_progress: Callable[[Standing | None], None] = lambda standing: None,
) -> None:
    """Serve until SIGINT or SIGTERM, then drain; raise what ended the server before its time.

    After the server has drained, Ctrl+C raises KeyboardInterrupt. ``on_start`` is told the address
    once a model is served: who cannot serve announces nothing. ``on_progress`` hears how far one
    is that is loaded or warmed up; None: no more is. On SIGHUP the LoRAs of the settings that
    ``read`` gives are attached, and those that they name no more detached. Should the process die,
    it leaves no core dump.
    """
    keep_no_dump()
    process = Process(config, mount)
    readiness = process.server.service.readiness
    readiness.follow(lambda: on_progress(readiness.of()))

    async def run() -> None:
        async with reloading(config, read or (lambda: config), process.server.attaching):
            await process.run()

    def announce(ready: Future[None]) -> None:
        if ready.exception() is None:
            on_start(process.url)

    process.server.serving.add_done_callback(announce)
    try:
        asyncio.run(run())
    except KeyboardInterrupt:  # Ctrl+C, told again after the server has drained
        if process.server.failure is not None:
            raise process.server.failure from None
        raise
    except SystemExit as exit:  # of whatever is served around the app; a supervisor shall know
        raise SystemExit(exit.code or 1) from exit


class _Draining(uvicorn.Server):
    """Lets sessions end in peace before connections are cut."""

    def __init__(self, config: uvicorn.Config, server: Server) -> None:
        super().__init__(config)
        self._livedraft = server

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        await self._livedraft.service.drain()
        await super().shutdown(sockets)
