"""SIGHUP: the LoRAs that the settings name now are attached, those they name no more detached."""

from __future__ import annotations

import asyncio
import logging
import signal
import threading
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from livedraft.errors import LivedraftError

from .adapters import Adapters
from .config import NAMES, Config

log = logging.getLogger(__name__)

Read = Callable[[], Config]
_File = tuple[str, object]  # a path, and what is another where it was written anew


class Reloading:
    """Brings the LoRAs of a server in line with its settings, whenever it is told to.

    ``adapters`` gives what attaches them, as soon as the server has its models.
    """

    def __init__(
        self, config: Config, read: Read, adapters: Callable[[], Awaitable[Adapters]]
    ) -> None:
        self._config = config
        self._read = read
        self._adapters = adapters
        self._attached = _files(config)
        self._under_way: asyncio.Task[None] | None = None
        self._again = False

    def ask(self) -> None:
        """Begin, or begin again once what is under way is over; called on the event loop."""
        self._again = True
        if self._under_way is None:
            self._under_way = asyncio.get_running_loop().create_task(self._run())

    async def close(self) -> None:
        """Give up what is under way."""
        if self._under_way is not None:
            self._under_way.cancel()
            await asyncio.wait([self._under_way])

    async def _run(self) -> None:
        try:
            while self._again:
                self._again = False
                try:
                    await self._reload()
                except Exception as error:  # a task's boundary: nobody awaits it
                    log.error("LoRAs stay as they were: %s", error, exc_info=error)
        finally:
            self._under_way = None

    async def _reload(self) -> None:
        adapters = await self._adapters()
        config = await asyncio.to_thread(self._read)
        others = [n for n in NAMES if n != "loras" and _value(config, n) != _value(self._config, n)]
        if others:
            log.warning("%s changed: start the server again for that", ", ".join(others))
        wanted = await asyncio.to_thread(_files, config)
        for name in self._attached.keys() - wanted.keys():
            await self._one(name, adapters.detach(name), None)
        for name, file in wanted.items():
            if self._attached.get(name) != file:
                there = name in self._attached
                await self._one(name, adapters.attach(name, file[0], instead=there), file)

    async def _one(self, name: str, change: Awaitable[object], file: _File | None) -> None:
        """Make one change; what fails is logged, and the others are made."""
        try:
            await change
        except LivedraftError as error:
            log.error("LoRA %s stays as it was: %s", name, error)
            return
        if file is None:
            del self._attached[name]
        else:
            self._attached[name] = file


@asynccontextmanager
async def reloading(
    config: Config, read: Read, adapters: Callable[[], Awaitable[Adapters]]
) -> AsyncIterator[None]:
    """Reload on SIGHUP while the context lasts; do nothing where no such signal can come.

    Windows has none, and Python gives signals to the main thread alone.
    """
    hangup = getattr(signal, "SIGHUP", None)
    if hangup is None or threading.current_thread() is not threading.main_thread():
        yield
        return
    loop, made = asyncio.get_running_loop(), Reloading(config, read, adapters)
    loop.add_signal_handler(hangup, made.ask)
    try:
        yield
    finally:
        loop.remove_signal_handler(hangup)
        await made.close()


def _value(config: Config, name: str) -> object:
    return getattr(config, name)


def _files(config: Config) -> dict[str, _File]:
    pairs = (pair.partition("=") for pair in config.loras)
    return {name.strip(): (path.strip(), _stamp(Path(path.strip()))) for name, _, path in pairs}


def _stamp(path: Path) -> object:
    """Return what differs when a file was written anew; None where there is none."""
    try:
        kept = path.stat()
    except OSError:
        return None
    return kept.st_mtime_ns, kept.st_size, kept.st_ino
