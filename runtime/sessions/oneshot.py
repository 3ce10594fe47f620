"""One picture or film, made like a refine of a session that lives for it alone."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Mapping
from typing import Any

from livedraft.errors import BadInput, LivedraftError
from livedraft.media.chunks import Still
from livedraft.protocol.messages import Stage

from .result import Result
from .runner import Runner

_MOST_WAITING = 4  # pieces of a film, before more are decoded


class _Only:
    """Takes the one output that is wanted, and shows what is on the way to it, where that is."""

    def __init__(
        self, wants: Callable[[Result], bool], preview: Callable[[Result], None] | None
    ) -> None:
        self.ready = False
        self.result: asyncio.Future[Result] = asyncio.get_running_loop().create_future()
        self._wants = wants
        self._preview = preview

    def take(self, result: Result) -> None:
        if self._wants(result) and not self.result.done():
            self.result.set_result(result)
        elif self._preview is not None and isinstance(result.output, Still):
            self._preview(result)

    def failed(self, id: int, error: LivedraftError) -> None:
        if not self.result.done():
            self.result.set_exception(error)


async def one_shot(
    runner: Runner,
    model: str,
    inputs: Mapping[str, bytes],
    params: Mapping[str, Any],
    owner: str = "",
    preview: Callable[[Result], None] | None = None,
) -> Result:
    """Return the final picture; raise what went wrong. ``preview`` hears what is on the way to it.

    Raises BadInput, too, for a model that makes no pictures. Cancelling the call stops the work
    at its next step.
    """
    sink = _Only(
        lambda result: result.stage is Stage.FINAL and isinstance(result.output, Still), preview
    )
    session = runner.open(model, params, sink, owner=owner)
    try:
        if all(spec.kind != "image" for spec in session.info.outputs):
            raise BadInput(
                f"{session.info.id} makes no single pictures", fix="open a live session with it"
            )
        session.input(1, inputs, {})
        sink.ready = True
        session.refine(2, {})  # begins at once, with the inputs that wait
        sink.ready = preview is not None
        return await sink.result
    finally:
        session.close()


class _Reel:
    """Takes the pieces of a film, as long as few of them wait."""

    def __init__(self) -> None:
        self.begun = False
        self._waiting: asyncio.Queue[Result | LivedraftError] = asyncio.Queue()

    @property
    def ready(self) -> bool:
        return self.begun and self._waiting.qsize() < _MOST_WAITING

    def take(self, result: Result) -> None:
        if result.stage is Stage.FINAL:
            self._waiting.put_nowait(result)

    def failed(self, id: int, error: LivedraftError) -> None:
        self._waiting.put_nowait(error)

    async def next(self) -> Result:
        """Return the next piece; raise what went wrong."""
        found = await self._waiting.get()
        if isinstance(found, LivedraftError):
            raise found
        return found


async def one_film(
    runner: Runner,
    model: str,
    inputs: Mapping[str, bytes],
    params: Mapping[str, Any],
) -> AsyncGenerator[Result, None]:
    """Yield the pieces of a film to its end, each as it is decoded; raise what went wrong.

    Raises BadInput, too, for a model that makes none of a length. Who leaves stops the work at
    its next step.
    """
    sink = _Reel()
    session = runner.open(model, params, sink)
    try:
        of_a_length = "seconds" in session.params
        if not of_a_length or all(spec.kind != "video" for spec in session.info.outputs):
            raise BadInput(
                f"{session.info.id} makes no film of a length", fix="open a live session with it"
            )
        session.input(1, inputs, {})
        sink.begun = True
        session.refine(2, {})  # begins at once, with the inputs that wait
        last = False
        while not last:
            piece = await sink.next()
            session.wake()
            last = piece.last
            yield piece
    finally:
        session.close()
