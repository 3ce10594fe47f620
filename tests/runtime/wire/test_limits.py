"""Raw sockets against a real server: requests that could be read in two ways, and slow clients."""

from __future__ import annotations

import json
import os
import socket
import struct
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any, cast

import httpx
import msgpack
import pytest
from tests.runtime.wire.answers import until
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

from livedraft.runtime.config import Config
from livedraft.runtime.running import Thread
from livedraft.runtime.wire.websocket import OPENING_BYTES

HOST = b"Host: 127.0.0.1\r\n"
LAST = b"Connection: close\r\n"  # what is answered and not ended is waited for otherwise
POST = b"POST /v1/generate HTTP/1.1\r\n" + HOST
HANDSHAKE = (
    b"GET /v1/realtime HTTP/1.1\r\n" + HOST + b"Upgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
)


@pytest.fixture(scope="module")
def server() -> Iterator[Thread]:
    with Thread(Config(models=("echo",), port=0)) as server:
        yield server


@contextmanager
def hurried(**settings: Any) -> Iterator[Thread]:
    """Serve with times so short that a test can wait for them."""
    fixed: dict[str, Any] = {"models": ("echo",), "port": 0}
    times: dict[str, Any] = {"open_s": 0.3, "body_s": 0.3, "send_s": 0.3}
    with Thread(Config(**(fixed | times | settings))) as server:
        yield server


def line_to(server: Thread, *, keeps: int = 2**18) -> socket.socket:
    """Connect; the system keeps so many bytes that are not read."""
    host, _, port = server.url.removeprefix("http://").partition(":")
    line = socket.socket()
    line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, keeps)
    line.settimeout(10)
    line.connect((host, int(port)))
    return line


def answer(line: socket.socket) -> bytes:
    """Return all that comes until the server ends the connection."""
    got = b""
    try:
        while part := line.recv(65536):
            got += part
    except ConnectionResetError:
        pass
    return got


def cut_off(line: socket.socket, data: bytes) -> bool:
    """Send the same again and again, reading nothing; say whether the server ends it."""
    try:
        for _ in range(2000):
            line.sendall(data)
    except TimeoutError:
        return False
    except OSError:
        return True  # reset, or a broken pipe
    return False


def told(server: Thread, request: bytes) -> bytes:
    with line_to(server) as line:
        line.sendall(request)
        return answer(line)


@pytest.mark.parametrize(
    "request_",
    [
        POST + b"Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        POST + b"Transfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n0\r\n\r\n",
        b"POST /v1/generate HTTP/1.0\r\n" + HOST + b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        POST + b"Content-Length: 1\r\nContent-Length: 2\r\n\r\n{}",
        POST + b"Content-Length: +2\r\n\r\n{}",
        POST + b"Content-Length : 2\r\n\r\n{}",
        POST + b"Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
        POST + b"Transfer-Encoding: chunked\r\n\r\nz\r\n\r\n",
        b"GET /healthz HTTP/1.1\n" + HOST + b"\r\n",
        b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\n\r\n",
        b"GET /healthz HTTP/1.1\r\n" + HOST + b"\n",
        b"GET /healthz HTTP/1.1\r\n" + HOST + b"A: b\nC: d\r\n\r\n",
        b"GET /healthz HTTP/1.1\r\n" + HOST + b"A: b\rC: d\r\n\r\n",
        b"GET /healthz HTTP/1.1\r\n" + HOST + b"A: b\0\r\n\r\n",
        b"GET /healthz HTTP/1.1\r\n" + HOST + HOST + b"\r\n",
        b"GET /healthz HTTP/1.1\r\n" + HOST + b"Host: evil.example\r\n\r\n",
        b"GET /healthz HTTP/1.1\r\n\r\n",
        b"GET /healthz HTTP/1.0\r\n\r\n",
        b"GET http://evil.example/healthz HTTP/1.1\r\n" + HOST + LAST + b"\r\n",
        b"GET evil.example HTTP/1.1\r\n" + HOST + LAST + b"\r\n",
        b"GET /healthz HTTP/1.1\r\nHost: evil@127.0.0.1\r\n" + LAST + b"\r\n",
        b"GET /" + b"x" * 100_000,
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(64),
        HANDSHAKE + b"\n",
    ],
)  # fmt: skip
def test_what_could_be_read_in_two_ways_is_refused(server: Thread, request_: bytes) -> None:
    got = told(server, request_)
    assert got.startswith(b"HTTP/1.1 400 ")
    assert b"X-Content-Type-Options: nosniff" in got or b"x-content-type-options: nosniff" in got
    assert json.loads(got.partition(b"\r\n\r\n")[2])["error"]["fix"]


def test_the_second_of_two_requests_is_read_as_strictly(server: Thread) -> None:
    first = b"GET /healthz HTTP/1.1\r\n" + HOST + b"\r\n"
    got = told(server, first + b"GET /healthz HTTP/1.1\n" + HOST + b"\r\n")
    assert got.count(b"HTTP/1.1 200 ") == got.count(b"HTTP/1.1 400 ") == 1


@pytest.mark.parametrize("step", [1, 7])
def test_an_honest_request_passes_in_whatever_pieces(server: Thread, step: int) -> None:
    body = b"\r\n{}\n\r\n"  # which may hold whatever it likes
    request = (
        POST + b"Connection: close\r\n"
        b"Content-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(body) + body
    )
    with line_to(server) as line:
        line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for at in range(0, len(request), step):
            line.sendall(request[at : at + step])
        assert answer(line).startswith(b"HTTP/1.1 200 ")


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (b"", b""),
        (b"GET /healthz HT", b"HTTP/1.1 408 "),
        (b"GET /healthz HTTP/1.1\r\n" + HOST, b"HTTP/1.1 408 "),
        (POST + b"Content-Length: 9\r\n\r\n{", b"HTTP/1.1 408 "),
        (HANDSHAKE, b"HTTP/1.1 408 "),
    ],
)  # fmt: skip
def test_half_a_request_is_not_waited_for_for_ever(sent: bytes, status: bytes) -> None:
    with hurried() as server, line_to(server) as line:
        line.sendall(sent)
        begun = time.monotonic()
        assert answer(line).startswith(status)
        assert 0.2 < time.monotonic() - begun < 5


@pytest.mark.parametrize(
    "wrong", [b"X: \x1b\r\n", b"Content-Length: 5\r\n", b"Sec-WebSocket-Protocol: \x07\r\n"]
)
def test_a_handshake_that_cannot_be_read_keeps_no_line(server: Thread, wrong: bytes) -> None:
    with line_to(server) as line:
        line.sendall(HANDSHAKE + wrong + b"\r\n")
        assert b"400 Bad Request" in answer(line)


def test_bytes_that_trickle_buy_no_time() -> None:
    """One byte of headers now and then, on a connection that has had an answer before."""
    with hurried() as server, line_to(server) as line:
        line.sendall(b"GET /healthz HTTP/1.1\r\n" + HOST + b"\r\n")
        assert line.recv(65536).startswith(b"HTTP/1.1 200 ")
        gone = threading.Event()

        def trickle() -> None:
            try:
                while not gone.wait(0.05):
                    line.sendall(b"G")
            except OSError:
                pass

        thread = threading.Thread(target=trickle)
        thread.start()
        begun = time.monotonic()
        answer(line)
        gone.set()
        thread.join()
        assert time.monotonic() - begun < 3


def test_a_body_that_nobody_wants_is_not_read_for_ever() -> None:
    with hurried(max_message_bytes=10_000, body_s=60) as server, line_to(server) as line:
        line.sendall(POST + b"Content-Length: 10000000000\r\n\r\n")
        assert line.recv(65536).startswith(b"HTTP/1.1 413 ")
        assert cut_off(line, bytes(10_000))


def test_a_client_that_reads_nothing_is_let_go() -> None:
    with hurried() as server, line_to(server, keeps=4096) as line:
        request = b"GET /livedraft.js HTTP/1.1\r\n" + HOST + b"\r\n"
        assert cut_off(line, request * 1000)


def packed(**message: Any) -> bytes:
    return cast(bytes, msgpack.packb(message))


def opening(size: int) -> bytes:
    return packed(type="open", v=1, token="x" * (size - len(packed(type="open", v=1, token=""))))


def test_a_stranger_sends_little(server: Thread) -> None:
    url = server.url.replace("http", "ws") + "/v1/realtime"
    with connect(url) as stranger:
        stranger.send(opening(OPENING_BYTES + 1000))
        with pytest.raises(ConnectionClosed) as caught:
            stranger.recv(10)
        assert caught.value.rcvd is not None
        assert caught.value.rcvd.code == 1009
    with connect(url) as guest:
        guest.send(packed(type="open", v=1))
        assert msgpack.unpackb(guest.recv(10))["type"] == "opened"
        guest.send(opening(4 * OPENING_BYTES))  # out of order, but no longer too large
        assert msgpack.unpackb(guest.recv(10))["code"] == "out_of_order"


def test_a_message_in_crumbs_is_no_message(server: Thread) -> None:
    """A list of a million single bytes takes fifty times what the bytes take."""
    with line_to(server) as line:
        line.sendall(
            b"GET /v1/realtime HTTP/1.1\r\n"
            + HOST
            + b"Upgrade: websocket\r\nConnection: Upgrade\r\n"
            b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
        )
        assert b" 101 " in line.recv(65536)
        crumb = b"\x00\x81" + bytes(4) + b"x"
        line.sendall(b"\x02\x81" + bytes(4) + b"x" + crumb * 3000)
        closed = answer(line)
        assert struct.unpack(">H", closed[2:4]) == (1009,)


def test_pings_are_not_answered_to_who_does_not_read() -> None:
    with hurried(open_s=60) as server, line_to(server, keeps=4096) as line:
        line.sendall(HANDSHAKE + b"\r\n")
        assert b" 101 " in line.recv(4096)
        assert cut_off(line, (b"\x89\xfd" + bytes(4) + bytes(125)) * 500)


def test_no_more_connections_than_the_setting_and_room_again_when_one_ends() -> None:
    with hurried(max_connections=3, open_s=10) as server, ExitStack() as stack:
        lines = [stack.enter_context(line_to(server)) for _ in range(3)]
        refused = told(server, b"GET /healthz HTTP/1.1\r\n" + HOST + b"\r\n")
        assert refused.startswith(b"HTTP/1.1 503 ")
        assert b"Retry-After" in refused
        lines.pop().close()
        until(server.url, 200)


def test_an_address_has_its_share_of_connections_and_proxies_have_no_share() -> None:
    with (
        hurried(max_per_address=2, proxies=("192.0.2.1",), open_s=10) as server,
        ExitStack() as stack,
    ):
        for _ in range(2):
            stack.enter_context(line_to(server))
        assert told(server, b"").startswith(b"HTTP/1.1 503 ")
    with hurried(max_per_address=2, open_s=10) as server, ExitStack() as stack:
        for _ in range(10):
            stack.enter_context(line_to(server))
        assert httpx.get(f"{server.url}/healthz").status_code == 200


def test_no_fault_of_a_client_is_a_traceback(
    server: Thread, caplog: pytest.LogCaptureFixture
) -> None:
    """Requests that break off or go wrong at every byte, also after the answer has begun."""
    whole = POST + b"Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n"
    for at in range(1, len(whole)):
        for tail in (b"", b"\xff\xff\n\n"):
            with line_to(server) as line:
                line.sendall(whole[:at] + tail)
                if os.urandom(1)[0] % 2:
                    line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    with hurried(max_message_bytes=10_000) as small, line_to(small) as line:
        line.sendall(POST + b"Transfer-Encoding: chunked\r\n\r\n%x\r\n" % 20_000 + bytes(20_000))
        assert line.recv(65536).startswith(b"HTTP/1.1 413 ")
        line.sendall(b"\r\nzz\r\n")  # no chunk, after the answer
        answer(line)
    assert httpx.get(f"{server.url}/healthz").status_code == 200
    assert [record.message for record in caplog.records if record.exc_info] == []
