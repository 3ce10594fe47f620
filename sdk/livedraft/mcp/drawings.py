"""The drawings that assistants have at a server: bounded in number, and in time."""

from __future__ import annotations

import asyncio
import secrets
from collections import OrderedDict

from livedraft.client import AsyncClient
from livedraft.errors import BadInput

from .studio import Studio

MOST = 64  # then the one that was used longest ago is forgotten
REST_S = 30.0  # after which a drawing's session gives its place back, and goes on when it is used
KEEP_S = 3600.0  # after which an unused drawing is forgotten


class Drawings:
    """Drawings by name. With ``single`` there is one without a name, as for one assistant alone."""

    def __init__(self, client: AsyncClient, *, single: bool, rest_s: float = REST_S) -> None:
        self._client = client
        self._single = single
        self._rest_s = rest_s
        self._studios: OrderedDict[str, Studio] = OrderedDict()
        self._timers: dict[str, list[asyncio.TimerHandle]] = {}
        self._closing: set[asyncio.Task[None]] = set()

    def __len__(self) -> int:
        return len(self._studios)

    def begin(self, name: str) -> tuple[str, Studio]:
        """Return a drawing and its name: a new one, where none is named."""
        if not name and not self._single:
            name = secrets.token_urlsafe(9)
            self._studios[name] = Studio(self._client)
        return name, self.find(name)

    def find(self, name: str) -> Studio:
        """Return a drawing that is there; raise BadInput for one that is not."""
        if not name and self._single and name not in self._studios:
            self._studios[name] = Studio(self._client)
        studio = self._studios.get(name)
        if studio is None:
            what = f"no drawing '{name[:40]}'" if name else "which drawing is not said"
            raise BadInput(
                what, fix="call draw_strokes first, and pass the 'drawing' that it tells"
            )
        self._used(name)
        return studio

    def model_of(self, name: str) -> str:
        """Return the model that a drawing was begun with; empty: the server's default, or none."""
        return self._studios[name].model if name in self._studios else ""

    async def close(self) -> None:
        """End all sessions."""
        for name in list(self._studios):
            self._forget(name)
        await asyncio.gather(*self._closing)

    def _used(self, name: str) -> None:
        self._studios.move_to_end(name)
        if len(self._studios) > MOST:
            self._forget(next(iter(self._studios)))
        for timer in self._timers.get(name, ()):
            timer.cancel()
        loop = asyncio.get_running_loop()
        self._timers[name] = [
            loop.call_later(self._rest_s, self._close, self._studios[name]),
            loop.call_later(KEEP_S, self._forget, name),
        ]

    def _forget(self, name: str) -> None:
        for timer in self._timers.pop(name, ()):
            timer.cancel()
        self._close(self._studios.pop(name))

    def _close(self, studio: Studio) -> None:
        """Give a session's place back; the drawing stays as it is."""
        closing = asyncio.create_task(studio.close())
        self._closing.add(closing)
        closing.add_done_callback(self._closing.discard)
