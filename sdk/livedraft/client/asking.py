"""The HTTP side of a client: an answer, or events and the last of them, with errors of ours."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, NamedTuple

import httpx

from livedraft.errors import (
    ConnectionLost,
    SessionClosed,
    TimedOut,
    TransportError,
)
from livedraft.protocol.codec import MAX_FRAME_BYTES

from .endpoint import START_A_SERVER, open_http, refusal, unreached
from .terms import Timeouts

_MOST_OF_EVENTS = 2 * MAX_FRAME_BYTES  # bytes of a line: a film is in base64
_MOST_AT_ONCE = 2**18  # bytes that are parsed on the event loop; more, as of a film, on a thread


class Event(NamedTuple):
    """What a server tells while it works."""

    kind: str
    fields: dict[str, Any]


class Asking:
    """Asks one server."""

    def __init__(
        self, url: str, token: str, timeouts: Timeouts, transport: httpx.AsyncBaseTransport | None
    ) -> None:
        self._url = url
        self._http = open_http(url, token, timeouts, transport)

    async def close(self) -> None:
        """Free the connections."""
        await self._http.aclose()

    async def ask(
        self,
        method: str,
        path: str,
        *,
        limit_s: float | None,
        body: Any = None,
        accept: str = "application/json",
    ) -> bytes:
        """Return the body of an answer of this type; raise what is wrong with it."""
        kind = accept.partition("/")[0]
        async with self._answer(method, path, body, accept, kind, limit_s) as (answer, _):
            return await _whole(answer)

    async def events(
        self, path: str, *, limit_s: float | None, body: Any, accept: str
    ) -> AsyncGenerator[Event, None]:
        """Yield what a server tells, ``limit_s`` at most until the next."""
        loop, kind = asyncio.get_running_loop(), "text/event-stream"
        accept = f"{kind}, {accept}"
        async with self._answer("POST", path, body, accept, kind, limit_s) as (answer, limit):
            async for event in self._read(answer):
                limit.reschedule(None)  # who takes it has the time that it needs
                yield event
                limit.reschedule(None if limit_s is None else loop.time() + limit_s)

    def stranger(self) -> TransportError:
        """Return the error of whoever answers there, and is no server of ours."""
        return TransportError(f"{self._url} is no livedraft server", fix=START_A_SERVER)

    @asynccontextmanager
    async def _answer(
        self, method: str, path: str, body: Any, accept: str, kind: str, limit_s: float | None
    ) -> AsyncIterator[tuple[httpx.Response, asyncio.Timeout]]:
        if self._http.is_closed:
            raise SessionClosed("the client was closed", fix="make a new one")
        headers = {"Accept": accept, "Accept-Encoding": "identity"}  # pictures are compressed
        try:
            async with asyncio.timeout(limit_s) as limit:
                asked = self._http.stream(method, path, json=body, headers=headers)
                async with asked as answer:
                    if answer.is_error:
                        data = await _whole(answer)
                        raise refusal(answer.status_code, data, str(answer.url))
                    if kind not in answer.headers.get("Content-Type", ""):
                        raise self.stranger()
                    yield answer, limit
        except TimeoutError:
            raise TimedOut(
                f"{self._url} did not answer within {limit_s} s",
                fix="try again, or wait longer: Timeouts(generate_s=…, open_s=…)",
            ) from None
        except (httpx.ConnectError, httpx.ConnectTimeout) as error:
            raise unreached(self._url, error) from None
        except httpx.HTTPError as error:
            raise ConnectionLost(
                f"{self._url}: {error or type(error).__name__}", fix="try again"
            ) from None

    async def _read(self, answer: httpx.Response) -> AsyncIterator[Event]:
        """Yield events, each of which is two lines and an empty one."""
        kind, data = "", bytearray()
        async for part in answer.aiter_bytes():
            looked = len(data)  # so far there is no end of a line
            data += part
            if len(data) > _MOST_OF_EVENTS:
                raise _endless(answer)
            while (end := data.find(b"\n", looked)) >= 0:
                name, _, value = data[:end].partition(b": ")
                looked = 0
                del data[: end + 1]
                if name == b"event":
                    kind = value.decode("ascii", "replace")
                elif name == b"data":
                    if len(value) > _MOST_AT_ONCE:
                        yield Event(kind, await asyncio.to_thread(self._fields, value))
                    else:
                        yield Event(kind, self._fields(value))

    def _fields(self, value: bytearray) -> dict[str, Any]:
        try:
            fields = json.loads(value)
        except (ValueError, RecursionError):
            fields = None
        if not isinstance(fields, dict):
            raise self.stranger()
        return fields


async def _whole(answer: httpx.Response) -> bytes:
    """Return a body, which must be no larger than a frame."""
    data = bytearray()
    async for part in answer.aiter_bytes():
        data += part
        if len(data) > MAX_FRAME_BYTES:
            raise _endless(answer)
    return bytes(data)


def _endless(answer: httpx.Response) -> TransportError:
    return TransportError(f"{answer.url} sends without end", fix="check the address")
