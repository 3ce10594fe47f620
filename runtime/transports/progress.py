"""What a client hears while it waits for models: how far they are, as fast as it reads."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import NoReturn

from livedraft.protocol.messages import Loading

from ..readiness import Readiness, Standing


async def tell_progress(
    readiness: Readiness,
    models: Callable[[], Sequence[str]],
    send: Callable[[Loading], Awaitable[None]],
    *,
    others: bool = True,
) -> NoReturn:
    """Send each change of what those wait for who want these models, the newest alone.

    An empty name is that of the default. ``others``: whether those of other models, too, where
    none of these is worked on.
    """
    changed, told = asyncio.Event(), ""
    end = readiness.follow(changed.set)
    try:
        while True:
            changed.clear()
            now = readiness.of(*models(), others=others)
            if now is not None and str(now) != told:
                told = str(now)
                await send(_loading(now))
            await changed.wait()
    finally:
        end()


def _loading(now: Standing) -> Loading:
    return Loading(
        model=now.name,
        title=now.title,
        state=now.state,
        done=now.done,
        total=now.total,
        unit=now.unit,
        message=str(now),
    )
