"""One live drawing at a server, as an assistant makes it: paper, params, and what came of them."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

from livedraft.client import AsyncClient, AsyncSession
from livedraft.client.frame import Frame
from livedraft.errors import BadInput, SessionClosed

from .paper import Paper, Stroke


class Studio:
    """A drawing, with a session that lives while it is used; calls take turns."""

    def __init__(self, client: AsyncClient) -> None:
        self._client = client
        self._session: AsyncSession | None = None
        self._model = ""
        self._params: dict[str, Any] = {}  # that were given, for a session that goes on later
        self._turn = asyncio.Lock()
        self.paper = Paper()
        self.frame: Frame | None = None  # the newest

    @property
    def model(self) -> str:
        """Who makes its pictures; empty: the server's first."""
        return self._model

    @property
    def params(self) -> dict[str, Any]:
        """Those that were given."""
        return dict(self._params)

    async def draw(
        self, strokes: Sequence[Stroke], params: Mapping[str, Any], model: str, clear: bool
    ) -> Frame:
        """Draw, and return what the model makes of it."""
        async with self._turn:
            paper = Paper() if clear else self.paper
            self.paper = await asyncio.to_thread(paper.draw, strokes)
            session = await self._open(model)
            await session.send(self.paper.picture, **params)
            return await self._seen(session, params)

    async def update(self, params: Mapping[str, Any]) -> Frame:
        """Change params, and return what the model makes of the drawing with them."""
        async with self._turn:
            session = await self._open(self._model)
            await session.update(**params)
            return await self._seen(session, params)

    async def refine(self, params: Mapping[str, Any]) -> Frame:
        """Return the final picture of what stands."""
        async with self._turn:
            session = await self._open(self._model)
            self.frame = await session.refine(**params)
            return self.frame

    async def close(self) -> None:
        """End the session, once the call that uses it is over; the drawing stays."""
        async with self._turn:
            await self._end()

    async def _end(self) -> None:
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def _open(self, model: str) -> AsyncSession:
        """Return the session; with another model it is a new one, with the same drawing."""
        if model and model != self._model:
            await self._end()
            self._params = {}  # which are of the other model
        if self._session is not None and self._session.state == "closed":
            await self._end()  # it was lost: another takes its place
        if self._session is None:
            session = self._client.session(model or self._model, accept=["image/png"])
            await session.open()
            if all(spec.kind != "image" for spec in session.model.outputs):
                await session.close()  # its card says so only now that it is loaded
                raise BadInput(
                    f"{session.model.id} makes no pictures to draw by", fix="name another model"
                )
            self._session, self._model = session, model or self._model
            if self.paper.strokes:
                await session.send(self.paper.picture, **self._params)
        return self._session

    async def _seen(self, session: AsyncSession, params: Mapping[str, Any]) -> Frame:
        """Return the picture that was made with all that was sent."""
        while True:
            frame = await session.next_frame()
            if frame is None:
                raise SessionClosed("the session was closed", fix="draw again")
            self.frame = frame
            if session.caught_up:
                self._params |= params
                return frame
