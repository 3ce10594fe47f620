"""Limits on connections: how many there are, and by when something must have happened."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import uvicorn
from starlette.types import ASGIApp

from ..config import Config
from ..transports.per_address import PerAddress

PING_INTERVAL_S = 20.0
PING_TIMEOUT_S = 60.0  # generous: a busy client must not be taken for a dead one
BACKLOG = 128  # connections that wait to be taken up; they are taken up all at once
HEAD_BYTES = 16 * 2**10  # of a request's headers


class Settings(uvicorn.Config):
    """uvicorn's settings for a server, and the limits that uvicorn does not know."""

    def __init__(
        self,
        app: ASGIApp,
        config: Config,
        *,
        http: type[asyncio.Protocol],
        ws: type[asyncio.Protocol],
        max_connections: int,
        inside: int = 0,
    ) -> None:
        """Take what is served; see `Lines` for ``inside``."""
        super().__init__(
            app,
            http=http,
            ws=ws,
            ws_max_size=config.max_message_bytes,
            ws_per_message_deflate=False,  # pictures are compressed already
            ws_ping_interval=PING_INTERVAL_S,
            ws_ping_timeout=PING_TIMEOUT_S,
            h11_max_incomplete_event_size=HEAD_BYTES,
            backlog=BACKLOG,
            forwarded_allow_ips=list(config.proxies),
            lifespan="on",
            log_config=None,
            log_level="warning" if config.log_level == "info" else config.log_level,
            access_log=False,
            timeout_graceful_shutdown=5,
        )
        self.limits = config
        crowd = PerAddress(config.max_per_address, config.proxies)
        self.lines = Lines(max_connections, crowd, inside)


class Lines:
    """The connections that are open: at most ``most``, and of each address its share.

    What comes in at the port ``inside``, where there is one, is the server's own: it asks for
    others, whose shares it takes, and has none itself.
    """

    def __init__(self, most: int, crowd: PerAddress, inside: int = 0) -> None:
        self._most = most
        self._by_address = crowd
        self._inside = inside
        self._open: dict[asyncio.BaseTransport, str] = {}

    def enter(self, line: asyncio.BaseTransport) -> bool:
        """Count a connection that was made; False if there is no room for it."""
        address = "" if self.own(line) else str((line.get_extra_info("peername") or ("",))[0])
        if len(self._open) >= self._most or not self._by_address.enter(address):
            return False
        self._open[line] = address
        return True

    def own(self, line: asyncio.BaseTransport) -> bool:
        """Say whether a connection is the server's own."""
        at = line.get_extra_info("sockname")
        return bool(self._inside) and isinstance(at, tuple) and at[1] == self._inside

    def leave(self, line: asyncio.BaseTransport) -> None:
        """Count it no longer."""
        address = self._open.pop(line, None)
        if address is not None:
            self._by_address.leave(address)


class Deadline:
    """Something that must have happened by a time, or else ``missed`` is called."""

    def __init__(self, missed: Callable[[], None]) -> None:
        self._missed = missed
        self._timer: asyncio.TimerHandle | None = None

    def set(self, seconds: float) -> None:
        """Count from now."""
        self.clear()
        self._timer = asyncio.get_running_loop().call_later(seconds, self._missed)

    def clear(self) -> None:
        """It has happened."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
