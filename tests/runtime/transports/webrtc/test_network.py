"""Where peers' packets go: within a range of ports, and through a relay where no other way is."""

from __future__ import annotations

import os
import pty
import re
import shutil
import socket
import subprocess
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import httpx
import pytest
from aioice.ice import get_host_addresses
from aiortc import RTCBundlePolicy, RTCConfiguration, RTCIceServer, RTCIceTransportPolicy
from tests.asking import asking
from tests.runtime.transports.talks import SKETCH
from tests.runtime.transports.webrtc.caller import Caller, Colours

from livedraft.protocol.messages import Frame, Input, Media
from livedraft.runtime.config import Config
from livedraft.runtime.server import Server
from livedraft.runtime.transports.webrtc import answering

pytestmark = pytest.mark.anyio

SECRET = "a secret of the relay's and ours"
TURNSERVER = shutil.which("turnserver")
# As with nginx: a real relay or none; .ci/run installs it, so that both tests always run there.
needs_turnserver = pytest.mark.skipif(TURNSERVER is None, reason="needs turnserver, of coturn")


def free_ports(count: int) -> range:
    """Return so many UDP ports in a row that are free now."""
    for first in range(42_000, 60_000, count):
        with ExitStack() as held:
            try:
                for port in range(first, first + count):
                    one = held.enter_context(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
                    one.bind(("", port))
            except OSError:
                continue
        return range(first, first + count)
    raise AssertionError("no ports are free")


def own_address() -> str:
    """Return an IPv4 address of this machine that others reach."""
    return get_host_addresses(use_ipv4=True, use_ipv6=False)[0]


def candidates(sdp: str) -> list[tuple[int, str]]:
    """Return ports and types of an answer's candidates."""
    found = re.findall(r"a=candidate:\S+ \d+ udp \d+ \S+ (\d+) typ (\w+)", sdp)
    return [(int(port), kind) for port, kind in found]


async def test_a_peer_binds_within_the_range_and_works() -> None:
    within = free_ports(8)
    server = Server(Config(models=("loopback",), webrtc_ports=f"{within[0]}-{within[-1]}"))
    async with server, Caller(asking(server), Colours(), receive=("video",)) as caller:
        found = candidates(caller.pc.remoteDescription.sdp)
        assert found
        assert {port for port, _ in found} <= set(within), "aioice still gathers by this method"
        await caller.hello(features=["media", "rtp"])
        await caller.hear(Media)


async def test_where_no_port_is_left_it_is_said_and_one_that_is_freed_is_used_again() -> None:
    within = free_ports(1)
    server = Server(Config(models=("echo",), webrtc_ports=f"{within[0]}-{within[0]}"))
    async with server:
        async with Caller(asking(server)) as caller:
            await caller.hello(model="echo")
            refused = await Caller(asking(server)).tried()
            assert refused.status_code == 503
            assert "webrtc_ports" in refused.json()["error"]["fix"]
            assert (await caller.delete()).status_code == 200
        await server.app.state.peers.gone()
        async with Caller(asking(server)) as another:
            await another.hello(model="echo")


async def test_who_asks_hears_whether_there_is_webrtc_and_of_which_servers(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    relay = "turn:127.0.0.1:9"
    server = Server(Config(models=("echo",), ice_servers=(relay,), turn_secret=SECRET))
    async with server, asking(server) as http:
        answer = await http.get("/v1/ice-servers")
        told = answer.json()
        assert answer.headers["cache-control"] == "no-store"
        assert (told["webrtc"], told["iceServers"][0]["urls"]) == (True, [relay])
        assert SECRET not in answer.text
        monkeypatch.setattr(answering, "find_spec", lambda name: None)
        assert (await http.get("/v1/ice-servers")).json() == {"webrtc": False, "iceServers": []}


async def test_passwords_are_for_who_has_the_servers_token() -> None:
    server = Server(Config(models=("echo",), token="secret"))
    async with server, asking(server) as http:
        assert (await http.get("/v1/ice-servers")).status_code == 401
        named = {"Authorization": "Bearer secret"}
        assert (await http.get("/v1/ice-servers", headers=named)).status_code == 200
        foreign = {**named, "Origin": "https://elsewhere.example"}
        assert (await http.get("/v1/ice-servers", headers=foreign)).status_code == 403


@contextmanager
def relay(folder: Path) -> Iterator[str]:
    """Run coturn; give its address."""
    assert TURNSERVER is not None, "else the test is skipped"
    here, [port] = own_address(), free_ports(1)
    first = free_ports(16)
    command = [TURNSERVER, "-n", "--use-auth-secret", f"--static-auth-secret={SECRET}"]
    command += [f"--listening-ip={here}", f"--relay-ip={here}", f"--listening-port={port}"]
    command += [f"--min-port={first[0]}", f"--max-port={first[-1]}", "--realm=livedraft"]
    command += ["--no-cli", "--no-tls", "--no-dtls", "--log-file=stdout", "--simple-log"]
    command += [f"--pidfile={folder / 'pid'}", f"--userdb={folder / 'db'}"]
    ours, its = pty.openpty()  # into a pipe it would write its first words only at its end
    process = subprocess.Popen(command, stdout=its, stderr=its)
    os.close(its)
    try:
        with open(ours, errors="replace") as said:
            for line in said:
                if "admin thread" in line:  # the last that is begun
                    break
            yield f"turn:{here}:{port}"
    finally:
        process.terminate()
        process.wait()


@pytest.fixture(scope="module")
def turn(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with relay(tmp_path_factory.mktemp("coturn")) as address:
        yield address


@pytest.fixture
async def relayed(turn: str) -> AsyncIterator[Server]:
    server = Server(Config(models=("echo",), ice_servers=(turn,), turn_secret=SECRET))
    async with server:
        yield server


@needs_turnserver
async def test_two_that_reach_each_other_by_a_relay_alone_draw(relayed: Server) -> None:
    async with asking(relayed) as http:
        told = (await http.get("/v1/ice-servers")).json()["iceServers"]
    ice = RTCConfiguration(
        iceServers=[RTCIceServer(**each) for each in told],
        bundlePolicy=RTCBundlePolicy.MAX_BUNDLE,
        iceTransportPolicy=RTCIceTransportPolicy.RELAY,
    )
    async with Caller(asking(relayed), ice=ice) as caller:
        assert {kind for _, kind in candidates(caller.pc.localDescription.sdp)} == {"relay"}
        answered = {kind for _, kind in candidates(caller.pc.remoteDescription.sdp)}
        assert answered == {"host", "relay"}, "the server itself asks the relay, too"
        await caller.hello(model="echo")
        caller.say(Input(id=1, inputs={"sketch": SKETCH}))
        assert (await caller.hear(Frame)).id == 1


@needs_turnserver
async def test_a_relay_refuses_who_has_no_password_of_the_secret(turn: str) -> None:
    ice = RTCConfiguration(
        iceServers=[RTCIceServer(urls=[turn], username="9999999999:x", credential="guessed")],
        iceTransportPolicy=RTCIceTransportPolicy.RELAY,
    )
    caller = Caller(httpx.AsyncClient(), ice=ice)
    await caller.pc.setLocalDescription(await caller.pc.createOffer())
    assert candidates(caller.pc.localDescription.sdp) == []
    await caller.pc.close()
