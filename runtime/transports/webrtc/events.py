"""What a viewer hears beside a stream: whether it is live, and how many view it.

Server-sent events as draft-ietf-wish-whep-03 has them: the answer to an offer links to an address,
POST there says which events are wanted, and its Location is what ``EventSource`` reads. Some
players read the link itself, and hear all.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Collection
from typing import TYPE_CHECKING

from livedraft.errors import BadMessage
from livedraft.protocol.codec import from_json, json_bytes

from ..events import event

if TYPE_CHECKING:
    from .publishing import View  # with aiortc, which takes a while

ACTIVE, INACTIVE, COUNT = "active", "inactive", "viewercount"
KINDS = (ACTIVE, INACTIVE, COUNT)
_REL = "urn:ietf:params:whep:ext:core:server-sent-events"


def link(address: str) -> str:
    """Return the ``Link`` header of a viewer's address."""
    return f'<{address}/events>; rel="{_REL}"; events="{",".join(KINDS)}"'


def wanted(text: str) -> list[str]:
    """Return those of the events that a viewer names which there are; raise BadMessage."""
    named = from_json(text)
    if not isinstance(named, list):
        raise BadMessage("events are a list of names", fix='send ["active", "inactive"]')
    return [kind for kind in KINDS if kind in named]


async def told(view: View, kinds: Collection[str]) -> AsyncGenerator[bytes, None]:
    """Yield events until the stream ends, or who views it leaves."""
    changed = asyncio.Event()
    count = 0
    with view.watch(changed):
        if ACTIVE in kinds:
            yield event(ACTIVE, b"{}")
        while view.here:
            changed.clear()
            before, count = count, view.viewers
            if count != before and COUNT in kinds:
                yield event(COUNT, json_bytes({COUNT: count}))
            await changed.wait()
        if view.ended and INACTIVE in kinds:
            yield event(INACTIVE, b"{}")
