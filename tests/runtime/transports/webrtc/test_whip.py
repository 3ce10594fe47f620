"""WHIP in (RFC 9725), WHEP out: one publishes, others view, and params come over HTTP."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from urllib.parse import urlsplit

import httpx
import pytest
from aiortc import RTCRtpSender
from tests.asking import asking
from tests.runtime.transports.webrtc.caller import Caller, Colours, Offerer, Tone, soon

from livedraft.media.codecs import Encoded, Film
from livedraft.runtime.config import Config
from livedraft.runtime.models.base import Pixels
from livedraft.runtime.running import Thread
from livedraft.runtime.server import Server
from livedraft.runtime.transports.webrtc.publishing import Publication

pytestmark = pytest.mark.anyio


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    made = Server(Config(models=("echo", "loopback"), max_sessions=2, max_queue=0, open_s=5.0))
    async with made:
        yield made


def publisher(server: Server, query: str = "?model=loopback", name: str = "stage") -> Offerer:
    return Offerer(asking(server), f"/v1/whip/{name}{query}", Colours(), Tone())


def viewer(server: Server, *receive: str, name: str = "stage") -> Offerer:
    return Offerer(asking(server), f"/v1/whep/{name}", receive=receive or ("video", "audio"))


async def test_what_is_published_is_viewed(server: Server) -> None:
    async with publisher(server), viewer(server) as one, viewer(server, "video") as other:
        assert len(await one.greys(4)) == 4
        assert len(await other.greys(4)) == 4
        await soon(one.tracks["audio"].recv())


async def test_who_joins_later_gets_a_key_frame_and_who_loses_one_another(server: Server) -> None:
    async with publisher(server), viewer(server) as one:
        await one.greys(3)
        async with viewer(server) as other:
            await other.greys(3)
            await other.lose_a_key_frame()
            await other.greys(3)


async def test_h264_is_heard_as_obs_sends_it(server: Server) -> None:
    here = publisher(server)
    [camera] = [each for each in here.pc.getTransceivers() if each.kind == "video"]
    able = RTCRtpSender.getCapabilities("video").codecs
    camera.setCodecPreferences([codec for codec in able if codec.mimeType == "video/H264"])
    async with here, viewer(server, "video") as there:
        assert len(await there.greys(3)) == 3


async def test_many_viewers_are_one_encoding(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    encoded: list[int] = []
    encode = Film.encode

    def counted(self: Film, pixels: Pixels, pts: int, duration: int) -> Encoded:
        encoded.append(pts)
        return encode(self, pixels, pts, duration)

    monkeypatch.setattr(Film, "encode", counted)
    async with publisher(server), AsyncExitStack() as all:
        viewers = [await all.enter_async_context(viewer(server, "video")) for _ in range(5)]
        for each in viewers:
            await each.greys(3)
    assert encoded == sorted(set(encoded))


async def test_a_published_session_is_steered(server: Server) -> None:
    async with publisher(server) as here:
        path = "/v1/whip/stage/params"
        answer = await here.http.post(path, json={"delay_ms": 80})
        assert (answer.status_code, answer.json()) == (200, {"params": {"delay_ms": 80.0}})
        answer = await here.http.post(path, json={"delay_ms": -1})
        assert (answer.status_code, answer.json()["error"]["code"]) == (400, "invalid_params")
        assert (await here.http.post(path, content="[]")).status_code == 400
        assert (await here.http.post("/v1/whip/none/params", json={})).status_code == 404


async def test_a_name_is_published_once(server: Server) -> None:
    async with publisher(server) as one:
        assert (await publisher(server).tried()).status_code == 409
        assert (await one.delete()).status_code == 200
        await soon(server.app.state.peers.gone())
    async with publisher(server), viewer(server, "video") as again:
        await again.greys(2)


async def test_viewers_end_with_the_stream(server: Server) -> None:
    async with publisher(server) as here, viewer(server) as there:
        await there.greys(2)
        await here.delete()
        await soon(server.app.state.peers.gone())
        async with asking(server) as http:
            gone = await http.head("/v1/whep/stage")
            assert (gone.status_code, gone.headers["retry-after"]) == (409, "2")


async def test_who_views_hears_who_else_does_and_that_the_stream_ended(server: Server) -> None:
    async with publisher(server) as here, viewer(server, "video") as one:
        [address] = re.findall(r"<([^>]+)>; rel=\"urn:ietf:params:whep:ext:core", one.links)
        wanted = await one.http.post(address, json=["active", "inactive", "viewercount", "layers"])
        assert wanted.status_code == 201
        listening = asyncio.create_task(one.http.get(wanted.headers["location"]))
        only = asyncio.create_task(one.http.get(f"{address}?of=inactive"))
        await one.greys(2)
        async with viewer(server, "video") as other:
            await other.greys(2)
            await here.delete()
        told, end = await soon(listening), await soon(only)
    assert told.headers["content-type"].startswith("text/event-stream")
    happened = re.findall(r"event: (\w+)\ndata: (.*)\n\n", told.text)
    assert happened[:2] == [("active", "{}"), ("viewercount", '{"viewercount":1}')]
    assert ("viewercount", '{"viewercount":2}') in happened
    assert happened[-1] == ("inactive", "{}")
    assert end.text == "event: inactive\ndata: {}\n\n"


async def test_events_are_a_viewers_alone(server: Server) -> None:
    async with publisher(server) as here, viewer(server, "video") as one:
        assert (await here.http.get(f"{here.location}/events")).status_code == 404
        assert (await here.http.get("/v1/webrtc/guessed/events")).status_code == 404
        for body in ("{}", "nonsense", "1"):
            answer = await here.http.post(f"{one.location}/events", content=body)
            assert (answer.status_code, answer.json()["error"]["code"]) == (400, "bad_message")
        listening = asyncio.create_task(here.http.get(f"{one.location}/events"))
        await one.greys(2)
        assert (await here.http.delete(f"{one.location}/events")).status_code == 200
        await one.delete()
        assert "inactive" not in (await soon(listening)).text, "the stream goes on"


async def test_there_is_something_to_view_only_while_it_is_published(server: Server) -> None:
    answer = await viewer(server).tried()
    assert answer.status_code == 409
    assert answer.headers["retry-after"]
    async with publisher(server) as here:
        head = await here.http.head("/v1/whep/stage")
        assert (head.status_code, head.headers["content-type"]) == (200, "application/sdp")


async def test_candidates_come_with_the_tag_of_their_ice_session(server: Server) -> None:
    async with publisher(server) as here:

        async def patch(content: str, **headers: str) -> int:
            kind = {"Content-Type": "application/trickle-ice-sdpfrag"}
            named = {name.replace("_", "-"): value for name, value in headers.items()}
            answer = await here.http.patch(here.location, content=content, headers=kind | named)
            return answer.status_code

        fragment = "a=mid:0\r\na=candidate:1 1 udp 2130706431 192.0.2.9 5000 typ host\r\n"
        assert await patch(fragment, If_Match=here.tag) == 204
        assert await patch(fragment, ETag=here.tag) == 204  # as @eyevinn/whip-web-client does
        assert await patch(fragment) == 428
        assert await patch(fragment, If_Match='"other"') == 412
        assert await patch(fragment, If_Match="*") == 422
        assert await patch("a=candidate:what", If_Match=here.tag) == 400
        assert await patch(fragment * 100, If_Match=here.tag) == 400
        plain = {"Content-Type": "text/plain"}
        assert (await here.http.patch(here.location, headers=plain)).status_code == 415
        assert (await here.http.patch("/v1/webrtc/guess", headers=plain)).status_code == 404


async def test_what_cannot_be_published_is_refused_and_leaves_the_name(server: Server) -> None:
    async with asking(server) as http:
        nothing = Offerer(http, "/v1/whip/stage?model=loopback", receive=("video",))
        assert (await nothing.tried()).status_code == 400
        unknown = await publisher(server, "?model=none").tried()
        assert (unknown.status_code, unknown.json()["error"]["code"]) == (404, "model_not_found")
        wrong = await publisher(server, "?model=loopback&delay_ms=none").tried()
        assert (wrong.status_code, wrong.json()["error"]["code"]) == (400, "invalid_params")
        assert (await publisher(server).post("v=0", "text/plain")).status_code == 415
        assert (await publisher(server, name="n" * 65).tried()).status_code == 400
        asked = await http.options("/v1/whip/stage")
        assert "PATCH" in asked.headers["access-control-allow-methods"]
    assert not server.app.state.peers.streams
    async with publisher(server):
        pass


async def test_a_publisher_without_a_place_is_turned_away(server: Server) -> None:
    async with publisher(server, name="one"), publisher(server, name="two"):
        answer = await publisher(server, name="three").tried()
        assert (answer.status_code, answer.json()["error"]["code"]) == (503, "server_busy")
        assert answer.headers["retry-after"]


async def test_a_publisher_that_never_comes_gives_its_place_back() -> None:
    server = Server(Config(models=("loopback",), max_sessions=1, max_queue=0, open_s=0.2))
    async with server:
        assert (await publisher(server).tried()).status_code == 201
        await soon(server.app.state.peers.gone())
        async with Caller(asking(server)) as other:
            await other.hello(features=["media"])


async def test_who_leaves_in_the_middle_of_an_offer_leaves_the_name() -> None:
    with Thread(Config(models=("loopback",), port=0)) as server:
        at = urlsplit(server.url)
        _, writer = await asyncio.open_connection(at.hostname, at.port)
        head = f"POST /v1/whip/stage?model=loopback HTTP/1.1\r\nHost: {at.netloc}\r\n"
        head += "Content-Type: application/sdp\r\nContent-Length: 100\r\n\r\nv=0"
        writer.write(head.encode())
        await writer.drain()
        async with httpx.AsyncClient(base_url=server.url) as http:
            assert (await http.get("/healthz")).status_code == 200  # what came before is read
            writer.close()
            await writer.wait_closed()
            async with Offerer(http, "/v1/whip/stage?model=loopback", Colours()) as here:
                assert here.location


async def test_of_two_for_one_name_one_is_told(server: Server) -> None:
    one, two = publisher(server), publisher(server)
    answers = await asyncio.gather(one.tried(), two.tried())
    assert sorted(answer.status_code for answer in answers) == [201, 409]


async def test_a_fault_of_ours_is_answered_and_leaves_the_name(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(*_: object) -> str:
        raise KeyError("a fault")

    with monkeypatch.context() as patched:
        patched.setattr(Publication, "answer", broken)
        answer = await publisher(server).tried()
    assert (answer.status_code, answer.json()["error"]["code"]) == (500, "engine")
    assert not server.app.state.peers.streams
    async with publisher(server):
        pass
