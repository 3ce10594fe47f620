"""What comes down, to pixels and PCM, in order: packets of codecs go through their decoders."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from livedraft.errors import InvalidMedia
from livedraft.media.chunks import AudioChunk, Output, VideoChunk
from livedraft.protocol import messages as wire
from livedraft.protocol.tracks import MOVING, OPUS, family

from .outputs import decoded

if TYPE_CHECKING:
    from livedraft.media import codecs

Message = wire.Frame | wire.Media
ASK_EVERY_S = 0.5  # for a key frame, on a track that still has none


class Downlink:
    """Decodes the outputs of a session.

    ``ask`` asks for a key frame on a track, ``tell`` says that there is something to send, and
    ``taken_back`` whether what answers an id is wanted no more.
    """

    def __init__(
        self,
        ask: Callable[[str], None],
        tell: Callable[[], None],
        taken_back: Callable[[int], bool] = lambda id: False,
    ) -> None:
        self._ask = ask
        self._tell = tell
        self._taken_back = taken_back
        self._asked: dict[str, float] = {}  # s, when on each track
        self._films: dict[str, codecs.VideoDecoder] = {}
        self._sounds: dict[tuple[str, int], codecs.OpusDecoder] = {}  # by track and channels
        # What is being decoded: who gives up waiting for it finds it the next time.
        self._decoding: asyncio.Future[Output | None] | None = None
        self._piece: int | None = None  # the id that it answers, if it is a piece

    def lost(self, track: str) -> None:
        """Note that a piece of a track was dropped: the next has to be a key frame."""
        if track in self._films:
            self._films[track].lost()

    async def next(self, take: Callable[[], Awaitable[Message | None]]) -> Output | None:
        """Return the next output of the messages that ``take`` returns; None at their end.

        Raises InvalidMedia for what is damaged and no key frame mends.
        """
        while True:
            if self._decoding is None:
                message = await take()
                if message is None:
                    return None
                self._decoding = self._begin(message)
                self._piece = message.id if isinstance(message, wire.Media) else None
            try:
                made = await asyncio.shield(self._decoding)
            except asyncio.CancelledError:
                raise
            except Exception:
                self._decoding = None
                raise
            self._decoding = None
            if self._piece is not None and self._taken_back(self._piece):
                continue  # while it was being decoded
            if made is not None:
                return made

    def _begin(self, message: Message) -> asyncio.Future[Output | None]:
        if isinstance(message, wire.Media) and family(message.codec) in MOVING:
            return asyncio.ensure_future(self._frame(message))
        if isinstance(message, wire.Media) and message.rate:  # it takes less than a thread would
            done: asyncio.Future[Output | None] = asyncio.get_running_loop().create_future()
            try:
                done.set_result(self._sound(message))
            except InvalidMedia as error:
                done.set_exception(error)
            return done
        return asyncio.ensure_future(self._picture(message))

    async def _picture(self, message: Message) -> Output | None:
        return await asyncio.to_thread(decoded, message)

    async def _frame(self, message: wire.Media) -> Output | None:
        """Return a frame; None where a key frame is needed first, which is asked for."""
        try:
            return await asyncio.to_thread(self._decoded, message)
        except InvalidMedia:
            self._want_key(message.track)
            return None

    def _decoded(self, message: wire.Media) -> VideoChunk | None:
        from livedraft.media.codecs import OWN, Encoded, VideoDecoder

        codec = family(message.codec)
        film = self._films.get(message.track)
        if film is None or film.codec != codec:
            film = self._films[message.track] = VideoDecoder(codec, limits=OWN)
        packet = Encoded(message.data, message.pts, message.duration, message.key)
        return next(iter(film.decode(packet)), None)

    def _want_key(self, track: str) -> None:
        now = time.monotonic()
        if now - self._asked.get(track, -ASK_EVERY_S) >= ASK_EVERY_S:
            self._asked[track] = now
            self._ask(track)
            self._tell()

    def _sound(self, message: wire.Media) -> Output:
        if message.codec != OPUS:
            return decoded(message)
        from livedraft.media.codecs import Encoded, OpusDecoder

        kind = message.track, message.channels
        if kind not in self._sounds:
            self._sounds[kind] = OpusDecoder(message.channels)
        (chunk,) = self._sounds[kind].decode(Encoded(message.data, message.pts, message.duration))
        return AudioChunk(chunk.samples, chunk.rate, message.pts)
