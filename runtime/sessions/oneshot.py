"""One picture or film, made like a refine of a session that lives for it alone."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import Any

from livedraft.errors import LivedraftError
from livedraft.media.chunks import Still
from livedraft.protocol.messages import Progress, Stage, Wants

from .reel import Reel
from .result import Result
from .runner import Runner


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked for, of which model; ``preview`` and ``progress`` hear what is on the way."""

    model: str
    inputs: Mapping[str, bytes] = field(default_factory=dict)
    params: Mapping[str, Any] = field(default_factory=dict)
    owner: str = ""
    wants: Wants = "either"
    preview: Callable[[Result], None] | None = None
    progress: Callable[[Progress], None] | None = None


class _Final:
    """Takes what is final, and shows what is on the way to it, where that is wanted."""

    def __init__(self, asked: Asked) -> None:
        self.begun = self.going = False
        self.reel = Reel()
        self._moves = False  # whether a first piece came
        self._asked = asked

    @property
    def ready(self) -> bool:
        if self.going and not self._moves:
            return self._asked.preview is not None
        return self.begun and self.reel.ready

    def take(self, result: Result) -> None:
        if result.stage is Stage.FINAL:
            self._moves = True
            self.reel.put(result)
        elif self._asked.preview is not None and isinstance(result.output, Still):
            self._asked.preview(result)

    def progress(self, progress: Progress) -> None:
        if progress.done:
            self.reel.end()
        elif self._asked.progress is not None:
            self._asked.progress(progress)

    def failed(self, id: int, error: LivedraftError) -> None:
        self.reel.end(error)


async def final(runner: Runner, asked: Asked) -> AsyncGenerator[Result, None]:
    """Yield the picture, or the pieces of a film, each as it is decoded; raise what went wrong.

    Raises InvalidParams, too, for a model that does not make what is wanted. Who leaves stops the
    work at its next step.
    """
    sink = _Final(asked)
    session = runner.open(asked.model, asked.params, sink, owner=asked.owner, tells=True)
    try:
        session.input(1, asked.inputs, {})
        sink.begun = True
        session.refine(2, {}, wants=asked.wants)  # begins at once, with the inputs that wait
        sink.going = True
        async with aclosing(sink.reel.pieces()) as pieces:
            async for piece in pieces:
                session.wake()
                yield piece
    finally:
        session.close()


async def one_shot(runner: Runner, asked: Asked) -> Result:
    """Return the final picture; raise what went wrong, see ``final``.

    Cancelling the call stops the work at its next step.
    """
    async with aclosing(final(runner, asked)) as pieces:
        return await anext(pieces)
