"""A connection to a provider's realtime API that stays open: for drafts, as a user draws."""

from __future__ import annotations

import asyncio
import json
import logging
from abc import ABC, abstractmethod
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

import msgpack
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidURI, WebSocketException

from livedraft.errors import ModelFailed

from .provider import File, Provider

_OPEN_S = 15.0
_MOST_BYTES = 32 * 2**20  # of an answer
_QUIET = logging.Logger("providers", logging.WARNING)  # else debugging would tell tokens
_AGAIN = "try again; the provider's status page may say more"


class Line(ABC):
    """One session's connection, opened with its first request; all of it is on one event loop.

    One request is under way at a time, so each answer is that of the last message. What is given
    up in between closes the connection: its answer is nobody's.
    """

    def __init__(self, provider: Provider) -> None:
        self._keyless = provider.keyless
        self._socket: ClientConnection | None = None
        self._turn = asyncio.Lock()

    @abstractmethod
    async def address(self) -> str:
        """Return where to connect, as it may be used once; raise what the provider says."""

    @abstractmethod
    def is_word(self, answer: Mapping[str, Any]) -> bool:
        """Say whether it is a word of how the connection is, and no answer."""

    @abstractmethod
    def told(self, answer: Mapping[str, Any]) -> None:
        """Raise what went wrong there, of an answer that says so."""

    @abstractmethod
    def file_of(self, answer: Mapping[str, Any]) -> tuple[File, bytes]:
        """Return the first file of an answer, and its bytes: empty ones lie at its address."""

    async def ask(self, arguments: Mapping[str, Any]) -> tuple[File, bytes]:
        """Return what comes of a request; raise ModelFailed, or what the provider says."""
        async with self._turn:
            try:
                return self.file_of(await self._answer(arguments))
            except asyncio.CancelledError:
                await self.close()
                raise
            except (WebSocketException, OSError, TimeoutError) as error:
                await self.close()
                name = type(error).__name__
                raise ModelFailed(
                    f"the provider's realtime cannot be reached: {name}", fix=_AGAIN
                ) from None
            except ModelFailed:
                await self.close()
                raise

    async def close(self) -> None:
        """End the connection, if there is one."""
        socket, self._socket = self._socket, None
        if socket is not None:
            with suppress(WebSocketException, OSError):
                await socket.close()

    async def _answer(self, arguments: Mapping[str, Any]) -> Mapping[str, Any]:
        kept = self._socket is not None
        try:
            return await self._exchanged(arguments)
        except ConnectionClosed:  # as after some idle minutes
            await self.close()
            if not kept:
                raise
        return await self._exchanged(arguments)

    async def _exchanged(self, arguments: Mapping[str, Any]) -> Mapping[str, Any]:
        if self._socket is None:
            self._socket = await self._opened()
        packed = msgpack.packb(dict(arguments))
        assert isinstance(packed, bytes), "packed without a stream"
        await self._socket.send(packed)
        while True:
            answer = self._read(await self._socket.recv())
            if not self.is_word(answer):
                self.told(answer)
                return answer

    async def _opened(self) -> ClientConnection:
        try:
            address = await self.address()
            return await connect(address, max_size=_MOST_BYTES, open_timeout=_OPEN_S, logger=_QUIET)
        except InvalidURI:
            raise ModelFailed("the provider's realtime has no such address", fix=_AGAIN) from None

    def _read(self, message: str | bytes) -> Mapping[str, Any]:
        """Return an answer, JSON or msgpack; raise ModelFailed for one that is neither."""
        try:
            said = json.loads(message) if isinstance(message, str) else msgpack.unpackb(message)
            found = self._keyless(said)
        except (ValueError, RecursionError, msgpack.UnpackException):
            found = None
        if not isinstance(found, dict):
            raise ModelFailed("the provider's realtime answered nonsense", fix=_AGAIN)
        return found
