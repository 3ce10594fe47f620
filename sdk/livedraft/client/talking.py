"""One talk from beginning to end: what is to be said goes up, frames and sound come in step."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import suppress

from livedraft.errors import InvalidMedia
from livedraft.media.chunks import SECOND, AudioChunk, Output
from livedraft.media.sounds import Sound, sounds
from livedraft.media.sources import PictureSource
from livedraft.media.talk import Ending, Pairs, Talk
from livedraft.media.text import Text
from livedraft.protocol.messages import Note

from .session import AsyncSession

AHEAD_US = 10 * SECOND  # of sound, that goes up before what was said of it came back


async def talked(
    session: AsyncSession,
    portrait: PictureSource | None,
    audio: Sound | None,
    text: Text | None,
    rate: int,
) -> AsyncGenerator[Talk, None]:
    """Yield a talk of a session that is opened here, and closed after it."""
    async with session:
        if portrait is not None:
            await session.send(_first(session, portrait))
        await session.update()  # it is seen from the beginning, and moves
        feed = _Feed(session)
        feeding = asyncio.create_task(feed.run(audio, text, rate))
        pairs, ending, coming = Pairs(), Ending(), session.outputs()
        told: tuple[Note, ...] = ()
        try:
            while (output := await _next(coming, feeding)) is not None:
                talk = pairs.add(output, session.data, session.notes)
                if talk is None:
                    continue
                if talk.ready and session.caught_up:
                    feed.begin.set()
                feed.took(talk.sound)
                over = ending.after(talk, all_given=feeding.done() and session.caught_up)
                if not over or talk.notes not in ((), told):  # why nothing was said comes last
                    yield talk
                told = talk.notes
                if over:
                    return
        finally:
            feeding.cancel()
            with suppress(asyncio.CancelledError):
                await asyncio.wait([feeding])


def check(audio: Sound | None, text: Text | None) -> None:
    """Refuse a talk of nothing, and one of two; raise InvalidMedia."""
    if (audio is None) == (text is None):
        said = "nothing to say" if audio is None else "sound and text at once"
        raise InvalidMedia(said, fix="give 'audio' or 'text'")


def _first(session: AsyncSession, portrait: PictureSource) -> dict[str, PictureSource | None]:
    names = session.model.picture_names
    if not names:
        raise InvalidMedia(
            f"{session.model.id} takes no portrait", fix="leave it out, or choose 'head'"
        )
    return {names[0]: portrait}


async def _next(coming: AsyncIterator[Output], feeding: asyncio.Task[None]) -> Output | None:
    """Return the next output, None at the end; raise what kept the rest from being said."""
    step = asyncio.ensure_future(anext(coming, None))
    try:
        if not feeding.done():
            await asyncio.wait([step, feeding], return_when=asyncio.FIRST_COMPLETED)
        if feeding.done():
            feeding.result()
        return await step
    finally:
        if not step.done():
            step.cancel()
            await asyncio.wait([step])


class _Feed:
    """Hands over what is to be said, sound no further ahead than is heard."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session
        self.begin = asyncio.Event()  # who is to speak is there
        self._room = asyncio.Event()
        self._sent_us = 0
        self._heard_us = 0

    def took(self, sound: AudioChunk) -> None:
        """Note that sound came back."""
        self._heard_us += sound.duration
        self._room.set()

    async def run(self, audio: Sound | None, text: Text | None, rate: int) -> None:
        """Hand over all of it, once there is somebody to say it."""
        await self.begin.wait()
        if text is not None:
            await self._session.speak(text)
            return
        assert audio is not None, "there is one of both"
        async for chunk in sounds(audio, rate):
            while self._sent_us - self._heard_us > AHEAD_US:
                self._room.clear()
                await self._room.wait()
            await self._session.send(chunk)
            self._sent_us += chunk.duration
