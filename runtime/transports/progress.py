"""What a client hears of models that are to come: how far they are, as fast as it reads."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from typing import NoReturn

from livedraft.protocol.messages import Loading

from ..readiness import Readiness, Standing, not_served


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
            said = "" if now is None else str(now)
            if now is not None and said != told:
                await send(_loading(now, readiness))
            told = said  # of what is over, the same may come again
            await changed.wait()
    finally:
        end()


async def tell_arrivals(
    readiness: Readiness, send: Callable[[Loading], Awaitable[None]]
) -> NoReturn:
    """Send each change of each model that is not served yet, up to its being there or failing.

    Of one that was served before, and comes back to its device, this tells nothing.
    """
    changed = asyncio.Event()
    over = {each.name for each in readiness.standings if not readiness.is_to_come(each.name)}
    told: dict[str, str] = {}
    end = readiness.follow(changed.set)
    try:
        while True:
            changed.clear()
            for now in readiness.standings:
                if now.name in over or (said := f"{now.state} {now}") == told.get(now.name):
                    continue
                told[now.name] = said
                if not readiness.is_to_come(now.name):
                    over.add(now.name)
                    if now.name not in readiness.failures:  # though it may have left its device
                        now = replace(now, state="ready")
                await send(_loading(now, readiness))
            await changed.wait()
    finally:
        end()


def _loading(now: Standing, readiness: Readiness) -> Loading:
    failure = readiness.failures.get(now.name)
    return Loading(
        model=now.name,
        title=now.title,
        state=now.state,
        done=now.done,
        total=now.total,
        unit=now.unit,
        message=str(now) if failure is None else str(not_served(now.name, failure)),
        served=failure is None and not readiness.is_to_come(now.name),
    )
