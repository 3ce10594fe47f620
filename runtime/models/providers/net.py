"""HTTP to a provider: its queue with the key, its files without, and nowhere else."""

from __future__ import annotations

import asyncio
import base64
import binascii
import ipaddress
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager, suppress
from typing import Any

import httpx

from livedraft.errors import ConfigError, ModelFailed

from .card import Card

_CONNECT_S = 15.0
_READ_S = 60.0  # between two pieces of a body
_MOST_JSON_BYTES = 32 * 2**20
_MOST_REDIRECTS = 3
MOST_TRIES = 4  # of what may be asked again
_BACK_OFF_S = 0.25  # doubled with each try
_MOST_PAUSE_S = 10.0
_BUSY = (429, 502, 503)
_AGAIN = "try again; the provider's status page may say more"
_ELSEWHERE = "if the provider is to be believed, add the host to the card's hosts"


def pause(response: httpx.Response | None, tries: int) -> float:
    """Return how long to wait before the next try, s, as an answer says, and not too long."""
    said = response.headers.get("retry-after", "") if response is not None else ""
    wait = float(said) if said.isdecimal() and len(said) < 6 else _BACK_OFF_S * 2**tries
    return min(wait, _MOST_PAUSE_S)


def check_encrypted(address: str, scheme: str) -> None:
    """Raise ConfigError for an address that is neither of a scheme nor on the loopback."""
    at = httpx.URL(address)
    if at.scheme != scheme and not _is_loopback(at.host):
        raise ConfigError(f"{address} is not {scheme}", fix=f"the key travels there: use {scheme}")


class Net:
    """Speaks to one queue, and fetches files from the hosts of its provider."""

    def __init__(
        self, queue: str, hosts: tuple[str, ...], key: Mapping[str, str], card: Card
    ) -> None:
        self._queue = httpx.URL(queue)
        self._hosts = hosts
        self._key = key
        self._most = card.most_bytes
        self._tls = httpx.create_ssl_context()  # once: it reads all authorities
        check_encrypted(queue, "https")

    @property
    def limits(self) -> httpx.Timeout:
        """How long is waited for a word of the provider."""
        return httpx.Timeout(_READ_S, connect=_CONNECT_S)

    async def call(
        self, verb: str, url: str, body: Mapping[str, Any] | None = None
    ) -> httpx.Response:
        """Ask the queue once; redirects are not followed, since the key would go along."""
        with _told():
            return await self._call(verb, url, body)

    async def look(self, url: str) -> httpx.Response:
        """Ask the queue for what costs nothing, again where it is busy or out of reach."""
        with _told():
            for tries in range(MOST_TRIES - 1):
                wait = pause(None, tries)
                with suppress(httpx.TransportError):
                    response = await self._call("GET", url, None)
                    if response.status_code not in _BUSY:
                        return response
                    wait = pause(response, tries)
                await asyncio.sleep(wait)
            return await self._call("GET", url, None)

    async def _call(self, verb: str, url: str, body: Mapping[str, Any] | None) -> httpx.Response:
        async with (
            self._client(self._key) as client,
            client.stream(verb, self._own(url), json=body) as response,
        ):
            raw = await _body(response, _MOST_JSON_BYTES)
        return httpx.Response(response.status_code, headers=_plain(response), content=raw)

    @asynccontextmanager
    async def lines(self, url: str) -> AsyncIterator[tuple[int, AsyncIterator[str]]]:
        """Ask the queue for a stream of lines: its status, and each as it comes."""
        with _told():
            async with (
                self._client(self._key) as client,
                client.stream("GET", self._own(url)) as response,
            ):
                yield response.status_code, response.aiter_lines()

    async def file(self, url: str) -> bytes:
        """Return a file of an answer; raise ModelFailed for one from elsewhere, or too large."""
        if url.startswith("data:"):
            return _inline(url, self._most)
        with _told():
            at = httpx.URL(url)
            async with self._client({}) as client:
                for _ in range(_MOST_REDIRECTS + 1):
                    self._check_host(at)
                    async with client.stream("GET", at) as response:
                        if response.is_redirect:
                            at = at.join(response.headers.get("location", ""))
                            continue
                        if response.status_code != httpx.codes.OK:
                            raise ModelFailed(
                                f"the provider's file answered {response.status_code}", fix=_AGAIN
                            )
                        return await _body(response, self._most)
        raise ModelFailed("the provider's file leads round in circles", fix=_AGAIN)

    def _client(self, headers: Mapping[str, str]) -> httpx.AsyncClient:
        return httpx.AsyncClient(
            headers=headers, timeout=self.limits, follow_redirects=False, verify=self._tls
        )

    def _own(self, url: str) -> httpx.URL:
        """Return an address of the queue; raise ModelFailed for any other, which gets no key."""
        at = httpx.URL(url)
        if not self._is_queue(at):
            raise ModelFailed(
                f"the provider names an address at {at.host[:80]!r}, which gets no key",
                fix="if a gateway stands between, name its address as the card's queue",
            )
        return at

    def _check_host(self, at: httpx.URL) -> None:
        """Raise ModelFailed for a file that is not the provider's."""
        if self._is_queue(at):
            return
        if at.scheme != "https" or at.userinfo or not self._is_theirs(at.host):
            raise ModelFailed(
                f"the provider's answer is a file at {at.scheme}://{at.host[:80]}, from where "
                "nothing is fetched",
                fix=_ELSEWHERE,
            )

    def _is_queue(self, at: httpx.URL) -> bool:
        queue = self._queue
        return (at.scheme, at.host, at.port) == (queue.scheme, queue.host, queue.port)

    def _is_theirs(self, host: str) -> bool:
        for known in self._hosts:
            if host == known or (known.startswith("*.") and host.endswith(known[1:])):
                return True
        return False


@contextmanager
def _told() -> Iterator[None]:
    """Turn what httpx raises into ModelFailed: what it quotes is no business of a client's."""
    try:
        yield
    except httpx.TimeoutException:
        raise ModelFailed("the provider did not answer in time", fix=_AGAIN) from None
    except httpx.InvalidURL:
        raise ModelFailed("the provider named an address that is none", fix=_AGAIN) from None
    except httpx.HTTPError as error:
        name = type(error).__name__
        raise ModelFailed(f"the provider cannot be reached: {name}", fix=_AGAIN) from None


async def _body(response: httpx.Response, most: int) -> bytes:
    said = response.headers.get("content-length", "")
    parts, size = [], 0
    if said.isdecimal() and int(said) > most:
        raise _too_large(most)
    async for part in response.aiter_bytes():
        size += len(part)
        if size > most:
            raise _too_large(most)
        parts.append(part)
    return b"".join(parts)


def _inline(url: str, most: int) -> bytes:
    """Return what a data URI holds."""
    head, comma, text = url.partition(",")
    if not comma or not head.endswith(";base64"):
        raise ModelFailed("the provider's data URI is none", fix=_AGAIN)
    if len(text) * 3 // 4 > most:
        raise _too_large(most)
    try:
        return base64.b64decode(text, validate=True)
    except binascii.Error:
        raise ModelFailed("the provider's data URI is damaged", fix=_AGAIN) from None


def _too_large(most: int) -> ModelFailed:
    return ModelFailed(
        f"the provider's answer is larger than {most} bytes",
        fix="let the card's most_bytes be more",
    )


def _plain(response: httpx.Response) -> dict[str, str]:
    kept = ("content-type", "retry-after", "x-fal-error-type", "x-fal-request-id")
    return {name: response.headers[name] for name in kept if name in response.headers}


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
