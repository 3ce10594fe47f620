"""Offers over HTTP: clients with messages, WHIP in (RFC 9725) and WHEP out.

| path | who offers |
|---|---|
| ``POST /v1/webrtc`` | a client: protocol 1 over a data channel |
| ``POST /v1/whip/NAME?model=…&seed=…`` | who publishes a stream under a name |
| ``POST /v1/whep/NAME`` | who views it |
| ``POST /v1/whip/NAME/params`` | nobody: params of the stream's session change |
| ``/v1/webrtc/ID/events`` | nobody: what a viewer hears of its stream |
| ``GET /v1/ice-servers`` | nobody: what to give ``RTCPeerConnection``, and whether to call at all |

The answer is 201 with the peer's own address, of which DELETE ends it and PATCH adds candidates.
"""

from __future__ import annotations

import asyncio
from http import HTTPStatus
from importlib.util import find_spec

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from livedraft.errors import BadMessage, MissingExtraError
from livedraft.protocol.codec import from_json
from livedraft.protocol.features import MEDIA, RTP
from livedraft.protocol.messages import Open

from ...ice import links
from ...models.params import from_text
from ..events import streamed
from ..refusals import RETRY_AFTER_S
from ..security import bearer
from ..service import Service
from . import events as heard
from .network import network
from .peers import Caller, Peers, text_of

OFFER = "application/sdp"
FRAGMENT = "application/trickle-ice-sdpfrag"
ICE_SERVERS = "/v1/ice-servers"
PATH, WHIP, WHEP = "/v1/webrtc", "/v1/whip/{name}", "/v1/whep/{name}"
_MOST_NAME = 64


async def servers(request: Request) -> Response:
    """Return the STUN and TURN servers, as ``RTCPeerConnection`` takes them."""
    service: Service = request.app.state.service
    found = network(service.config).servers if _installed() else []
    told = {"webrtc": _installed(), "iceServers": found}
    return JSONResponse(told, headers={"Cache-Control": "no-store"})


async def call(request: Request) -> Response:
    """Answer a client that has messages."""
    if (refused := _unreadable(request)) is not None:
        return refused
    from livedraft.media.codecs import hardware

    from .calling import Call  # with aiortc, which takes a while

    service: Service = request.app.state.service
    token = bearer(request.headers.get("authorization"))
    owner = service.owner(request.client)
    body = await request.body()
    works = await asyncio.to_thread(hardware.works)
    return await _answer(request, Call(service, token, owner, hardware=works), body)


async def publish(request: Request) -> Response:
    """Answer a publisher, and have its stream under a name."""
    if (refused := _unreadable(request)) is not None:
        return refused
    from .publishing import Publication

    service: Service = request.app.state.service
    peers: Peers = request.app.state.peers
    name = request.path_params["name"]
    if len(name) > _MOST_NAME:
        raise BadMessage(f"a name of {len(name)} characters", fix=f"use at most {_MOST_NAME}")
    await service.runner(request.query_params.get("model", ""))  # that says what it takes
    body = await request.body()
    if name in peers.streams:  # asked last: from here to the peer nothing is waited for
        return _said(HTTPStatus.CONFLICT, f"'{name}' is published already")
    asked = _asked(service, dict(request.query_params))
    owner = service.owner(request.client)
    made = Publication(service, asked, bearer(request.headers.get("authorization")), owner)
    peers.streams[name] = made  # until its peer is gone
    return await _answer(request, made, body)


async def view(request: Request) -> Response:
    """Answer a viewer; to HEAD say that there is something to view."""
    service: Service = request.app.state.service
    peers: Peers = request.app.state.peers
    stream = peers.streams.get(request.path_params["name"])
    if stream is None or not stream.broadcast.kinds:
        answer = _said(HTTPStatus.CONFLICT, "nobody publishes this stream")
        answer.headers["Retry-After"] = str(RETRY_AFTER_S)
        return answer
    if request.method == "HEAD":
        return Response(media_type=OFFER)
    if (refused := _unreadable(request)) is not None:
        return refused
    from .publishing import View

    body = await request.body()
    return await _answer(request, View(service, stream), body, viewer=True)


async def steer(request: Request) -> Response:
    """Change params of a published session; return those that were given, as they are in force."""
    peers: Peers = request.app.state.peers
    stream = peers.streams.get(request.path_params["name"])
    if stream is None:
        return _said(HTTPStatus.NOT_FOUND, "nobody publishes this stream")
    params = from_json(text_of(await request.body()))
    if not isinstance(params, dict):
        raise BadMessage("params are an object", fix='send {"strength": 0.8}')
    return JSONResponse({"params": await stream.spoken.update(params)})


async def peer(request: Request) -> Response:
    """End a peer, or give it candidates."""
    peers: Peers = request.app.state.peers
    id = request.path_params["id"]
    if request.method == "DELETE":
        found = await peers.end(id)
        return Response(status_code=HTTPStatus.OK if found else HTTPStatus.NOT_FOUND)
    entry = peers.entries.get(id)
    if entry is None:
        return _said(HTTPStatus.NOT_FOUND, "no such peer")
    if _kind(request) != FRAGMENT:
        return _said(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, f"send {FRAGMENT}")
    # Some clients send the tag as ETag, which is the name of the answer's header.
    tag = request.headers.get("if-match") or request.headers.get("etag")
    if tag is None:
        return _said(HTTPStatus.PRECONDITION_REQUIRED, "name the ICE session in If-Match")
    if tag == "*":
        return _said(HTTPStatus.UNPROCESSABLE_ENTITY, "ICE is not restarted: offer anew")
    if tag != entry.tag:
        return _said(HTTPStatus.PRECONDITION_FAILED, "this ICE session is over")
    await entry.caller.peer.add_candidates(text_of(await request.body()))
    return Response(status_code=HTTPStatus.NO_CONTENT)


async def events(request: Request) -> Response:
    """Take which events a viewer wants to hear of, or tell them as they happen."""
    peers: Peers = request.app.state.peers
    entry = peers.entries.get(request.path_params["id"])
    if entry is None:
        return _said(HTTPStatus.NOT_FOUND, "no such viewer")
    from .publishing import View

    view = entry.caller
    if not isinstance(view, View):
        return _said(HTTPStatus.NOT_FOUND, "no such viewer")
    if request.method == "DELETE":  # nothing is kept of who subscribes
        return Response()
    if request.method == "POST":
        kinds = heard.wanted(text_of(await request.body()))
        place = {"Location": f"{request.url.path}?of={','.join(kinds)}"}
        return Response(status_code=HTTPStatus.CREATED, headers=place)
    kinds = request.query_params.get("of", ",".join(heard.KINDS)).split(",")
    return streamed(heard.told(view, kinds))


async def _answer(
    request: Request, caller: Caller, offer: bytes, *, viewer: bool = False
) -> Response:
    peers: Peers = request.app.state.peers
    id, entry = await peers.add(caller, offer, viewer=viewer)
    headers = {"Location": f"{PATH}/{id}", "ETag": entry.tag}
    answer = Response(entry.answered.result(), HTTPStatus.CREATED, headers, media_type=OFFER)
    if viewer:
        answer.headers.append("Link", heard.link(f"{PATH}/{id}"))
    service: Service = request.app.state.service
    for link in links(network(service.config).servers):
        answer.headers.append("Link", link)
    return answer


def _asked(service: Service, query: dict[str, str]) -> Open:
    """Return what a publisher's address asks for: a model, and its params."""
    model = query.pop("model", "") or next(iter(service.models))
    described = service.models.get(model)
    params = query if described is None else from_text(described["params_schema"], query)
    return Open(model=model, params=params, features=[MEDIA, RTP])


def _kind(request: Request) -> str:
    return request.headers.get("content-type", "").partition(";")[0].strip().lower()


def _said(status: HTTPStatus, text: str) -> Response:
    return Response(f"{text}\n", status, media_type="text/plain")


def _installed() -> bool:
    return find_spec("aiortc") is not None


def _unreadable(request: Request) -> Response | None:
    """Return the refusal of what is no offer by its type; raise MissingExtraError."""
    if not _installed():
        raise MissingExtraError("webrtc", "WebRTC")
    if _kind(request) == OFFER:
        return None
    answer = _said(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, f"send the offer as {OFFER}")
    answer.headers["Accept-Post"] = OFFER
    return answer
