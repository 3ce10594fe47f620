"""One picture, made like a refine of a session that lives for it alone."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from livedraft.errors import LivedraftError
from livedraft.protocol.messages import Stage
from livedraft.version import __version__

from ..sessions.runner import Runner
from ..sessions.session import Picture


class _OneShot:
    """Takes the final picture of a session; there is room for nothing else."""

    def __init__(self) -> None:
        self.ready = False
        self.result: asyncio.Future[Picture] = asyncio.get_running_loop().create_future()

    def picture(self, picture: Picture) -> None:
        if picture.stage is Stage.FINAL and not self.result.done():
            self.result.set_result(picture)

    def failed(self, id: int, error: LivedraftError) -> None:
        if not self.result.done():
            self.result.set_exception(error)


async def one_shot(
    runner: Runner,
    model: str,
    inputs: Mapping[str, bytes],
    params: Mapping[str, Any],
    owner: str = "",
) -> tuple[str, Picture]:
    """Return the model's name and its final picture; raise what went wrong.

    Cancelling the call stops the work at its next step.
    """
    sink = _OneShot()
    session = runner.open(model, params, sink, owner=owner)
    try:
        session.input(1, inputs, {})
        sink.ready = True
        session.refine(2, {})  # begins at once, with the inputs that wait
        sink.ready = False  # no previews
        return session.info.id, await sink.result
    finally:
        session.close()


def recipe(model: str, picture: Picture) -> dict[str, Any]:
    """Return all that it takes to make a picture again, and what its user was told of it."""
    told = {"notes": list(picture.notes)} if picture.notes else {}
    return {
        "livedraft": __version__,
        "model": model,
        "stage": picture.stage.value,
        "seed": picture.seed,
        "steps": picture.steps,
        "params": picture.params,
        **told,
    }


def timings(picture: Picture, **later: float) -> dict[str, float]:
    """Return the moments of a picture in ms since it was received, and the model's time.

    ``later`` are moments of the same clock, in s.
    """
    start = picture.moments["received"]
    moments = {**picture.moments, **later}
    ms = {name: round((at - start) * 1e3, 3) for name, at in moments.items() if name != "received"}
    return {**ms, "model": round(picture.model_s * 1e3, 3)}
