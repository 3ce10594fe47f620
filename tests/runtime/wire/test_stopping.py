"""A server that stops waits for no client that has stopped in the middle of something."""

import logging
import socket
import time

import pytest

from livedraft.runtime.config import Config
from livedraft.runtime.running import Thread

HOST = b"Host: 127.0.0.1\r\n"
HANDSHAKE = (
    b"GET /v1/realtime HTTP/1.1\r\n" + HOST + b"Upgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
)
POST = b"POST /v1/generate HTTP/1.1\r\n" + HOST
FORM = b'Content-Type: multipart/form-data; boundary="it"\r\nContent-Length: 999\r\n\r\n--it\r\n'
WITHIN_S = 3.0  # uvicorn cuts connections after 5


@pytest.mark.parametrize(
    ("sent", "told"),
    [
        (b"", b""),
        (b"GET / HT", b""),
        (POST + b"Content-Length: 9\r\n\r\n{", b"HTTP/1.1 503"),
        (POST + b"Transfer-Encoding: chunked\r\n\r\n5\r\n{", b"HTTP/1.1 503"),
        (POST + FORM, b"HTTP/1.1 503"),
        (HANDSHAKE, b"HTTP/1.1 101"),
        (HANDSHAKE + b"\x81\xfe\xff\xff", b"HTTP/1.1 101"),
    ],
)
def test_half_of_anything_delays_no_end(
    sent: bytes, told: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    with Thread(Config(models=("echo",), port=0)) as server:
        host, _, port = server.url.removeprefix("http://").partition(":")
        line = socket.create_connection((host, int(port)), timeout=10)
        line.sendall(sent)
        with socket.create_connection((host, int(port)), timeout=10) as other:
            other.sendall(b"GET /healthz HTTP/1.1\r\n" + HOST + b"\r\n")
            assert other.recv(12) == b"HTTP/1.1 200"  # so what came before has been read
        begun = time.monotonic()
    assert time.monotonic() - begun < WITHIN_S
    with line:
        assert line.recv(12) == told
    assert not [record for record in caplog.records if record.levelno >= logging.ERROR]
