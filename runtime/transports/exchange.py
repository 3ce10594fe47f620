"""One request and its answer, or one handshake: a bounded body in, the fixed headers out."""

from __future__ import annotations

from collections.abc import Callable

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from livedraft.errors import LivedraftError

from .bodies import Bodies, Body
from .refusals import refusal
from .security import Gate


class Exchange:
    """What passes between a client and the app. ``note`` hears each error that is answered here."""

    def __init__(
        self,
        scope: Scope,
        receive: Receive,
        send: Send,
        *,
        bodies: Bodies,
        note: Callable[[LivedraftError], None],
    ) -> None:
        self.scope = scope
        self.headers = Headers(scope=scope)
        self.website: str | None = None  # that asks, once it is known to be allowed
        self.policy = ""  # Content-Security-Policy that goes with every answer
        self._receive = receive
        self._send = send
        self._body = Body(bodies, self.headers)
        self._note = note
        self._started = self._refused = False

    async def run(self, app: ASGIApp) -> None:
        """Let the app answer; a client that leaves in the middle of its body is no fault."""
        if self.scope["type"] == "websocket":
            await app(self.scope, self._receive, self._send)
            return
        try:
            self._body.expect(self.headers.get("content-length", ""))
        except LivedraftError as error:
            await self.refuse(error)
            return
        try:
            await app(self.scope, self._bounded, self._finish)
        except ClientDisconnect:
            pass
        finally:
            self._body.release()

    async def refuse(self, error: LivedraftError) -> None:
        """Answer with an error, if nothing has been answered yet; the app is not heard any more."""
        self._refused = True
        self._note(error)
        if self._started:
            return
        response = refusal(error)
        response.headers.update(Gate.cors(self.website))
        if self.scope["type"] == "websocket" and not self._can_say():
            await self._send({"type": "websocket.close"})  # which is said as 403
            return
        await response(self.scope, self._receive, self._with_headers)

    async def _bounded(self) -> Message:
        """Return the next part of the body; for an app, one that is too large breaks off."""
        if self._refused:
            return {"type": "http.disconnect"}
        message = await self._receive()
        try:
            self._body.take(message.get("body", b""))
        except LivedraftError as error:
            await self.refuse(error)
            return {"type": "http.disconnect"}
        return message

    async def _finish(self, message: Message) -> None:
        if self._refused:
            return
        await self._with_headers(message)

    async def _with_headers(self, message: Message) -> None:
        if message["type"] in ("http.response.start", "websocket.http.response.start"):
            self._started = True
            headers = MutableHeaders(scope=message)
            headers.setdefault("X-Content-Type-Options", "nosniff")
            # Beside the app's own policy: both hold.
            headers.append("Content-Security-Policy", self.policy)
            shared = self.website is not None  # one that may use this server may show its pictures
            headers.setdefault(
                "Cross-Origin-Resource-Policy", "cross-origin" if shared else "same-origin"
            )
        await self._send(message)

    def _can_say(self) -> bool:
        return "websocket.http.response" in self.scope.get("extensions", {})
