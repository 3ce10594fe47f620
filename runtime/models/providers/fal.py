"""fal.ai: its queue as documented, https://docs.fal.ai/model-apis/model-endpoints/queue."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Mapping, Sequence
from functools import cached_property
from http import HTTPStatus
from typing import Any, ClassVar
from urllib.parse import quote

import httpx

from livedraft.errors import InvalidParams, LivedraftError, ModelFailed, ModelNotFound

from .card import Card
from .fal_line import REALTIME, TOKENS, FalLine
from .generic import said
from .line import Line
from .net import MOST_TRIES, Net, check_encrypted, pause
from .provider import File, Kind, Provider, Status, Ticket

_LOOK_S = 1.0  # between two looks, where the status is not streamed
_MOST_SAID = 200  # characters of what the provider says, told to a user
_FILES: tuple[tuple[Kind, tuple[str, ...]], ...] = (
    ("video", ("video", "videos")),
    ("image", ("image", "images")),
    ("audio", ("audio", "audio_file", "audio_url")),
)


class Fal(Provider):
    """A model of fal's, by its id: owner/app or owner/app/path."""

    name: ClassVar[str] = "fal"
    variable: ClassVar[str] = "FAL_KEY"
    address: ClassVar[str] = "https://queue.fal.run"
    hosts: ClassVar[tuple[str, ...]] = ("fal.media", "*.fal.media")

    def __init__(self, model: str, card: Card) -> None:
        super().__init__(model, card)
        self.realtime_at = (card.realtime_at or REALTIME).rstrip("/")
        self.tokens_at = (card.tokens_at or TOKENS).rstrip("/")
        check_encrypted(self.realtime_at, "wss")  # the token travels there

    @cached_property
    def tokens(self) -> Net:
        """What asks for tokens, for drafts over a line."""
        return Net(self.tokens_at, (), self._authorised(self._key), self.card)

    def line(self) -> Line:
        """Return a connection to the model's realtime API."""
        return FalLine(self)

    def token_of(self, response: httpx.Response) -> str:
        """Return a token, as a text or in an object; raise what went wrong."""
        found = self._json(response.text)
        if response.is_success and isinstance(found, str):
            return found
        token = self._read(response).get("token")
        if not isinstance(token, str):
            raise _nonsense("no token")
        return token

    def _authorised(self, key: str) -> Mapping[str, str]:
        return {"Authorization": f"Key {key}"}

    def arguments(self, params: Mapping[str, Any], pictures: Mapping[str, str]) -> dict[str, Any]:
        """Return params as they are, and pictures by the names that the model has for them."""
        arguments = {name: value for name, value in said(dict(params)).items() if value != ""}
        if "image" in pictures or "reference" in pictures:  # of a model that nobody described
            urls = [pictures[name] for name in ("image", "reference") if name in pictures]
            return {"image_url": urls[0], "image_urls": urls} | arguments
        for name, url in pictures.items():
            arguments[name] = [url] if name.endswith("s") else url
        return arguments

    async def submit(self, arguments: Mapping[str, Any]) -> Ticket:
        """Hand a request in; where the queue is busy, again a little later."""
        url = f"{self.base}/{quote(self.model)}"
        response = await self.net.call("POST", url, arguments)
        for tries in range(MOST_TRIES - 1):
            if response.status_code != HTTPStatus.TOO_MANY_REQUESTS:
                break  # of any other nobody knows whether the request was taken
            await asyncio.sleep(pause(response, tries))
            response = await self.net.call("POST", url, arguments)
        found = self._read(response)
        owner_app = "/".join(self.model.split("/")[:2])
        try:
            id = str(found["request_id"])[:200]
        except KeyError:
            raise _nonsense("a request without an id") from None
        at = f"{self.base}/{quote(owner_app)}/requests/{quote(id, safe='')}"
        return Ticket(
            id,
            str(found.get("status_url") or f"{at}/status"),
            str(found.get("response_url") or at),
            str(found.get("cancel_url") or f"{at}/cancel"),
        )

    async def watch(self, ticket: Ticket) -> AsyncIterator[Status]:
        """Yield what the stream of statuses says; where there is none, what looks find."""
        async with self.net.lines(f"{ticket.status}/stream?logs=1") as (code, lines):
            if code == HTTPStatus.OK:
                async for line in lines:
                    if line.startswith("data:") and (status := self._object(line[5:])) is not None:
                        if status.get("status") == "COMPLETED":
                            return
                        yield _status(status)
        while True:  # it ended before the request, or this queue has no such stream
            status = self._read(await self.net.look(f"{ticket.status}?logs=1"))
            if status.get("status") == "COMPLETED":
                return
            yield _status(status)
            await asyncio.sleep(_LOOK_S)

    async def answer(self, ticket: Ticket) -> Mapping[str, Any]:
        """Return what came of a request."""
        return self._read(await self.net.look(ticket.answer))

    async def cancel(self, ticket: Ticket) -> None:
        """Take a request back; of one that is done already fal says so, and that is all."""
        await self.net.call("PUT", ticket.cancel)

    def files(self, answer: Mapping[str, Any]) -> Sequence[File]:
        """Return the files by the names that fal's models have for them."""
        files = []
        for kind, names in _FILES:
            for found in (answer.get(name) for name in names):
                for each in found if isinstance(found, list) else [found]:
                    url = each.get("url") if isinstance(each, dict) else each
                    if isinstance(url, str) and url:
                        files.append(File(url, kind))
        if not files:
            raise ModelFailed(
                f"the answer of {self.model} has no file: it has {', '.join(answer)[:100]}",
                fix="serve a model that makes pictures, video or sound",
            )
        if any(answer.get("has_nsfw_concepts") or []):
            raise _policy("what was made")
        return files

    def _read(self, response: httpx.Response) -> dict[str, Any]:
        """Return an answer's object; raise what it says went wrong."""
        found = self._object(response.text)
        if response.is_success and found is not None:
            return found
        if response.is_success:
            said = self.keyless(response.headers.get("content-type", "no type"))
            raise _nonsense(f"{said[:60]}, not JSON")
        raise self._fault(response.status_code, response.reason_phrase, found or {})

    def _object(self, text: str) -> dict[str, Any] | None:
        found = self._json(text)
        return found if isinstance(found, dict) else None

    def _json(self, text: str) -> object:
        """Return what the provider says, without the key; None for what is no JSON."""
        try:
            return self.keyless(json.loads(text))
        except (ValueError, RecursionError):
            return None

    def _fault(self, status: int, phrase: str, found: Mapping[str, Any]) -> LivedraftError:
        detail = found.get("detail")
        listed = detail if isinstance(detail, list) else []
        faults = [each for each in listed if isinstance(each, dict)]
        words = _words(faults, detail)
        if any(fault.get("type") == "content_policy_violation" for fault in faults):
            return _policy(words or "the request")
        if status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN):
            about = "balance" in words.lower() or "locked" in words.lower()
            return self._money(words) if about else self._key_refused(status)
        if status == HTTPStatus.PAYMENT_REQUIRED:
            return self._money(words)
        if status == HTTPStatus.NOT_FOUND:
            return ModelNotFound(f"fal has no '{self.model}'", fix="see https://fal.ai/models")
        if status in (HTTPStatus.UNPROCESSABLE_ENTITY, HTTPStatus.BAD_REQUEST):
            return InvalidParams(f"fal refuses the request: {words}", fix="change what it names")
        if status == HTTPStatus.TOO_MANY_REQUESTS:
            return ModelFailed("fal is asked too much at a time", fix="try again in a while")
        return ModelFailed(
            f"fal failed with {f'{status} {phrase}'.strip()}: {words}"[:300],
            fix="try again; https://status.fal.ai may say more",
        )

    def _key_refused(self, status: int) -> ModelFailed:
        return ModelFailed(
            f"fal refuses the server's key ({status})",
            fix=f"let {self.variable} be a key that may call {self.model}",
        )

    def _money(self, words: str) -> ModelFailed:
        return ModelFailed(
            f"fal wants to be paid: {words}"[:300], fix="see the billing of the server's account"
        )


def _status(found: Mapping[str, Any]) -> Status:
    ahead = found.get("queue_position")
    if found.get("status") == "IN_QUEUE":
        return Status(ahead if type(ahead) is int else 0)
    logs = found.get("logs")
    last = logs[-1] if isinstance(logs, list) and logs else None
    words = last.get("message") if isinstance(last, dict) else None
    return Status(None, words[:_MOST_SAID] if isinstance(words, str) else "")


def _words(faults: Sequence[Mapping[str, Any]], detail: object) -> str:
    """Return what went wrong in the provider's words, which quote no input."""
    if not faults:
        return str(detail)[:_MOST_SAID] if isinstance(detail, str) else "it says not why"
    parts = []
    for fault in faults[:3]:
        place = fault.get("loc")
        where = ".".join(map(str, place[1:])) if isinstance(place, list) else ""
        parts.append(f"{where}: {fault.get('msg')}" if where else str(fault.get("msg")))
    return "; ".join(parts)[:_MOST_SAID]


def _policy(what: str) -> InvalidParams:
    return InvalidParams(
        f"the provider's content policy refuses {what}", fix="change the prompt or the picture"
    )


def _nonsense(what: str) -> ModelFailed:
    return ModelFailed(f"fal answered {what}", fix="try again; a proxy may have answered instead")
