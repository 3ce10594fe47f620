"""``POST /v1/webrtc``: an offer in, the answer out, and a peer that lives until it is gone.

The exchange is that of WHIP (RFC 9725): the answer is 201 with the peer's address, DELETE of it
ends the peer. Candidates are gathered before the answer.
"""

from __future__ import annotations

import asyncio
import secrets
from http import HTTPStatus
from importlib.util import find_spec

from starlette.requests import Request
from starlette.responses import Response

from livedraft.errors import BadMessage, MissingExtraError, ServerBusy

from ..security import bearer
from ..service import Service

TYPE = "application/sdp"
PATH = "/v1/webrtc"
_MOST_SDP_BYTES = 2**16
_SPARE = 16  # peers beside those that have a place or wait for one: they are on their way


class Peers:
    """The peer connections of one server, by their ids, which nobody can guess."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._most = service.config.max_sessions + service.config.max_queue + _SPARE
        self._tasks: dict[str, asyncio.Task[None]] = {}

    def __len__(self) -> int:
        return len(self._tasks)

    async def add(self, sdp: str, token: str, owner: str) -> tuple[str, str]:
        """Return a new peer's id and its answer; raise BadMessage or ServerBusy."""
        if len(self._tasks) >= self._most:
            raise ServerBusy(f"{self._most} peers are connected", fix="try again in a while")
        id = secrets.token_urlsafe(18)
        answered: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        task = asyncio.create_task(self._live(sdp, token, owner, answered))
        self._tasks[id] = task
        task.add_done_callback(lambda _: self._tasks.pop(id, None))
        try:
            return id, await answered
        except asyncio.CancelledError:
            task.cancel()
            raise

    async def end(self, id: str) -> bool:
        """End a peer; return whether there was one."""
        task = self._tasks.get(id)
        if task is None:
            return False
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        return True

    async def gone(self) -> None:
        """Return once nobody is left."""
        await asyncio.gather(*self._tasks.values(), return_exceptions=True)

    async def close(self) -> None:
        """End all."""
        await asyncio.gather(*(self.end(id) for id in list(self._tasks)))

    async def _live(self, sdp: str, token: str, owner: str, answered: asyncio.Future[str]) -> None:
        from .peer import Peer  # with aiortc, which takes a while

        peer = Peer(self._service, owner)
        try:
            try:
                answer = await peer.answer(sdp)
            except BadMessage as error:
                answered.set_exception(error)
                return
            if not answered.cancelled():
                answered.set_result(answer)
                await peer.run(token)
        finally:
            await peer.close()


async def offer(request: Request) -> Response:
    """Answer an offer."""
    service: Service = request.app.state.service
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != TYPE:
        return Response(
            f"send the offer as {TYPE}\n",
            HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
            {"Accept-Post": TYPE},
            media_type="text/plain",
        )
    if find_spec("aiortc") is None:
        raise MissingExtraError("webrtc", "WebRTC")
    sdp = _text(await request.body())
    peers: Peers = request.app.state.peers
    token = bearer(request.headers.get("authorization"))
    id, answer = await peers.add(sdp, token, service.owner(request.client))
    return Response(answer, HTTPStatus.CREATED, {"Location": f"{PATH}/{id}"}, media_type=TYPE)


async def leave(request: Request) -> Response:
    """End a peer."""
    peers: Peers = request.app.state.peers
    found = await peers.end(request.path_params["id"])
    return Response(status_code=HTTPStatus.OK if found else HTTPStatus.NOT_FOUND)


def _text(body: bytes) -> str:
    if len(body) > _MOST_SDP_BYTES:
        raise BadMessage(f"an offer of {len(body)} bytes", fix="offer fewer candidates and codecs")
    try:
        return body.decode()
    except UnicodeDecodeError:
        raise BadMessage("an offer that is no UTF-8", fix="send the SDP as it is") from None
