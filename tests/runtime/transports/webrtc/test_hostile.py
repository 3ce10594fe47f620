"""What a peer may do to a server: nothing of it stays, and nobody else feels it."""

from __future__ import annotations

import asyncio
import gc
import os
import re
import threading
from collections.abc import AsyncIterator

import httpx
import pytest
from benchmarks.lossy import Network
from tests.asking import asking
from tests.runtime.transports.talks import SKETCH
from tests.runtime.transports.webrtc.caller import Caller, Colours, soon

from livedraft.protocol.messages import Ack, Close, Error, Frame, Input, Media, Queued
from livedraft.runtime.config import Config
from livedraft.runtime.heap import give_back
from livedraft.runtime.server import Server
from livedraft.runtime.transports import service

pytestmark = pytest.mark.anyio


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    made = Server(Config(models=("echo", "loopback"), max_sessions=1, open_s=1.0))
    async with made:
        yield made


async def test_a_key_frame_is_made_when_the_other_end_lost_one(server: Server) -> None:
    async with Caller(asking(server), Colours(), receive=("video",)) as caller:
        await caller.hello(model="loopback", features=["media", "rtp"])
        media = await caller.hear(Media)
        assert media.key
        caller.say(Ack(seq=media.seq))
        for _ in range(5):
            media = await caller.hear(Media)
            assert not media.key
            caller.say(Ack(seq=media.seq))
        await soon(caller.tracks["video"].recv())
        await caller.lose_a_key_frame()
        while not media.key:
            media = await caller.hear(Media)
            caller.say(Ack(seq=media.seq))


async def test_who_confirms_nothing_stops_the_work(server: Server) -> None:
    async with Caller(asking(server), Colours(), receive=("video",)) as caller:
        opened = await caller.hello(model="loopback", features=["media", "rtp"])
        passed = 0
        while passed < opened.media_window_ms * 1000:
            passed += (await caller.hear(Media)).duration
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.5):
                await caller.hear(Media)


async def test_of_two_for_one_place_the_other_is_told_where_it_stands(server: Server) -> None:
    async with Caller(asking(server)) as one:
        await one.hello(model="echo")
        async with Caller(asking(server)) as other:
            other.open_session(model="echo")
            assert (await other.hear(Queued)).position == 1
            await one.pc.close()
            await other.opened()
            other.say(Input(id=1, inputs={"sketch": SKETCH}))
            assert (await other.hear(Frame)).id == 1


async def test_who_is_killed_gives_its_place_back_soon_and_may_come_back(server: Server) -> None:
    async with Caller(asking(server), Colours(), receive=("video",)) as killed:
        opened = await killed.hello(model="loopback", features=["media", "rtp"])
        Network(killed.pc).broken = True  # no farewell, and no answer to whether it is there
        async with Caller(asking(server)) as other:
            other.open_session(model="echo")
            assert (await other.hear(Queued)).position == 1
            await other.opened()  # aiortc itself would notice after 30 s, which nobody waits here
        async with Caller(asking(server)) as again:
            resumed = await again.hello(resume=opened.resume, features=["media", "rtp"])
            assert (resumed.session, resumed.resumed) == (opened.session, True)


async def test_a_message_of_ten_megabytes_ends_its_own_connection(server: Server) -> None:
    async with Caller(asking(server)) as caller:
        await caller.hello(model="echo")
        for _ in range(170):
            caller.channel.send(b"\x01" + bytes(60_000))
        assert (await caller.hear(Error)).code == "bad_message"
        assert (await caller.hear(Close)).code == "bad_message"
    async with Caller(asking(server)) as another:
        await another.hello(model="echo")


async def test_bytes_that_are_no_part_are_refused_in_words(server: Server) -> None:
    async with Caller(asking(server)) as caller:
        await caller.hello(model="echo")
        caller.channel.send(b"\x07what")
        error = await caller.hear(Error)
        assert "byte of 0 or 1" in error.message


class Hidden(Caller):
    """Names its candidates as browsers do for who shows no camera: its own network alone knows."""

    last = ""

    async def post(self, sdp: str | bytes, kind: str = "application/sdp") -> httpx.Response:
        """Post an offer without an address."""
        address = re.compile(r"(a=candidate:\S+ \d+ udp \d+) \S+ ")
        hidden, times = address.subn(r"\1 0a1b2c3d-0000-4000-8000-000000000000.local ", str(sdp))
        assert times, "the control: it had addresses to hide"
        return await super().post(hidden.replace("a=end-of-candidates\r\n", self.last), kind)


@pytest.mark.parametrize("last", ["", "a=end-of-candidates\r\n"])  # as Chromium, as Firefox
async def test_who_hides_its_addresses_is_answered_and_looked_up_nowhere(
    server: Server, last: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def looked_up() -> None:
        pytest.fail("a name was looked up")

    monkeypatch.setattr("aioice.mdns.create_mdns_protocol", looked_up)
    monkeypatch.setattr(Hidden, "last", last)
    async with Hidden(asking(server)) as caller:
        await caller.hello(model="echo")
        named = "a=mid:0\r\na=candidate:1 1 udp 1 another.local 999 typ host\r\n"
        trickled = {"Content-Type": "application/trickle-ice-sdpfrag", "If-Match": caller.tag}
        answer = await caller.http.patch(caller.location, content=named, headers=trickled)
        assert answer.status_code == 204


@pytest.mark.parametrize("wrong", ["a=forgotten:", "a=fingerprint:md5-"])
async def test_an_offer_that_nothing_vouches_for_is_refused(server: Server, wrong: str) -> None:
    async with asking(server) as http:
        caller = Caller(http)
        await caller.pc.setLocalDescription(await caller.pc.createOffer())
        answer = await caller.post(caller.pc.localDescription.sdp.replace("a=fingerprint:", wrong))
        await caller.pc.close()
    assert answer.status_code == 400
    assert "fingerprint" in answer.json()["error"]["message"]


async def test_who_offers_and_never_comes_is_forgotten(server: Server) -> None:
    for _ in range(3):
        caller = Caller(asking(server))
        await caller.pc.setLocalDescription(await caller.pc.createOffer())
        assert (await caller.post(caller.pc.localDescription.sdp)).status_code == 201
        await caller.pc.close()
    peers = server.app.state.peers
    assert len(peers) == 3
    await soon(peers.gone())
    assert len(peers) == 0


async def test_a_foreign_website_may_not_call(server: Server) -> None:
    async with asking(server) as http:
        answer = await http.post(
            "/v1/webrtc",
            content="v=0",
            headers={"Content-Type": "application/sdp", "Origin": "https://elsewhere.example"},
        )
        assert answer.status_code == 403


async def test_a_shared_secret_is_wanted() -> None:
    server = Server(Config(models=("echo",), token="secret"))
    async with server, asking(server) as http:
        kind = {"Content-Type": "application/sdp"}
        assert (await http.post("/v1/webrtc", content="v=0", headers=kind)).status_code == 401
        named = {**kind, "Authorization": "Bearer secret"}
        assert (await http.post("/v1/webrtc", content="v=0", headers=named)).status_code == 400
        assert (await http.delete("/v1/webrtc/other")).status_code == 401


async def test_memory_goes_back_as_the_last_peer_leaves(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = threading.Event()

    def noted(garbage: bool) -> None:
        give_back(garbage)  # whatever the C library is, nothing is raised
        given.set()

    monkeypatch.setattr(service, "give_back", noted)
    async with Caller(asking(server)) as one, Caller(asking(server)) as other:
        await one.delete()
        await soon(one.closed.wait())
        assert not given.is_set()
        await other.delete()
    assert await soon(asyncio.to_thread(given.wait))


async def test_garbage_is_collected_once_nobody_is_here_or_may_come_back(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    given: asyncio.Queue[bool] = asyncio.Queue()
    loop = asyncio.get_running_loop()

    def noted(garbage: bool) -> None:
        loop.call_soon_threadsafe(given.put_nowait, garbage)

    monkeypatch.setattr(service, "give_back", noted)
    server = Server(Config(models=("echo",), resume_s=1))
    async with server, Caller(asking(server)) as caller:
        await caller.hello()
        await caller.delete()
        assert not await soon(given.get()), "its session may be taken up again"
        assert await soon(given.get())


async def test_nothing_stays_of_twenty_calls(server: Server) -> None:
    async def call() -> None:
        async with Caller(asking(server), Colours(), receive=("video", "audio")) as caller:
            await caller.hello(model="loopback", features=["media", "rtp"])
            await caller.hear(Media)
            assert (await caller.delete()).status_code == 200
        await soon(server.app.state.peers.gone())

    def held() -> tuple[int, int]:
        gc.collect()
        return len(asyncio.all_tasks()), len(os.listdir("/proc/self/fd"))

    for _ in range(2):  # what is made once
        await call()
    before = held()
    for _ in range(20):
        await call()
    grown = [now - then for now, then in zip(held(), before, strict=True)]
    assert max(grown) < 20, "what each leaves; of the last some may still be ending"
