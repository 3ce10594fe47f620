"""A final clip from its first frame to its last."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from typing import Any, Protocol

from livedraft.media.chunks import Output, VideoChunk
from livedraft.protocol import messages as wire


class Shown(Protocol):
    """A session whose outputs tell what they are."""

    @property
    def data(self) -> Mapping[str, Any]: ...

    def outputs(self) -> AsyncIterator[Output]: ...


async def clip(
    session: Shown, refused: asyncio.Future[wire.Frame]
) -> AsyncGenerator[VideoChunk, None]:
    """Yield the frames of the final clip that was asked for; raise why it was ``refused``."""
    coming, left = session.outputs(), 1
    begun = False
    try:
        while left > 0:
            step = asyncio.ensure_future(anext(coming, None))
            try:
                both: list[asyncio.Future[Any]] = [step, refused]
                await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
                if refused.done():
                    refused.result()
                output = await step
            finally:
                if not step.done():
                    step.cancel()
                    await asyncio.wait([step])
            if output is None:
                return
            if not isinstance(output, VideoChunk) or not session.data.get("final"):
                continue
            left = left if begun else int(session.data["frames"])
            begun, left = True, left - len(output)
            yield output
    finally:
        refused.cancel()
