"""Ports: both stacks, a port that is taken, and a system that has no descriptor left."""

from __future__ import annotations

import asyncio
import errno
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NoReturn

import httpx
import pytest
from tests.runtime.wire.answers import until

from livedraft.errors import ConfigError
from livedraft.runtime.config import Config
from livedraft.runtime.running import Thread
from livedraft.runtime.wire.listening import RESERVED, calm, listen, room_for, url_of

resource = pytest.importorskip("resource")  # there is none on Windows


def closed(sockets: list[socket.socket]) -> list[tuple[str, int]]:
    """Close sockets; return where they listened."""
    at = [each.getsockname()[:2] for each in sockets]
    for each in sockets:
        each.close()
    return at


@pytest.mark.parametrize("host", ["localhost", "::"])
def test_a_host_of_both_stacks_is_reached_over_both(host: str) -> None:
    with Thread(Config(models=("echo",), port=0, host=host)) as server:
        port = server.url.rpartition(":")[2]
        assert server.url == f"http://localhost:{port}"
        for name in ("127.0.0.1", "[::1]", "localhost"):
            assert httpx.get(f"http://{name}:{port}/healthz").status_code == 200


def test_a_free_port_is_one_and_the_same_on_both_stacks() -> None:
    at = closed(listen("localhost", 0))
    assert [host for host, _ in at] == ["127.0.0.1", "::1"]
    assert len({port for _, port in at}) == 1


def test_a_stack_that_the_machine_has_not_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    create = socket.create_server

    def only_v4(address: tuple[str, int], **more: Any) -> socket.socket:
        if ":" in address[0]:
            raise OSError(errno.EADDRNOTAVAIL, "no such address")
        return create(address, **more)

    monkeypatch.setattr(socket, "create_server", only_v4)
    assert [host for host, _ in closed(listen("localhost", 0))] == ["127.0.0.1"]
    with pytest.raises(ConfigError, match="no such address"):
        listen("::1", 0)


@pytest.mark.parametrize(
    ("host", "url"),
    [
        ("127.0.0.1", "http://127.0.0.1:80"),
        ("0.0.0.0", "http://127.0.0.1:80"),
        ("::", "http://localhost:80"),
        ("::1", "http://[::1]:80"),
        ("2001:db8::1", "http://[2001:db8::1]:80"),
        ("studio.local", "http://studio.local:80"),
    ],
)
def test_what_is_told_can_be_opened(host: str, url: str) -> None:
    assert url_of(host, 80) == url


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "0.0.0.0", "::", "::1"])
def test_a_port_that_is_taken_is_told_with_the_next_free_one(host: str) -> None:
    taken = listen(host, 0)
    port = taken[0].getsockname()[1]
    with pytest.raises(ConfigError) as caught:
        listen(host, port)
    closed(taken)
    assert caught.value.message == f"port {port} is taken"
    named = re.search(r"--port (\d+)", caught.value.fix)
    assert named is not None
    assert int(named[1]) > port
    closed(listen(host, int(named[1])))


def test_serve_tells_a_taken_port_and_no_more() -> None:
    taken = listen("127.0.0.1", 0)
    port = taken[0].getsockname()[1]
    command = [sys.executable, "-m", "livedraft", "serve", "--models", "echo", "--port", str(port)]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=60)
    closed(taken)
    assert ended.returncode != 0
    error, fix = ended.stderr.splitlines()
    assert f"port {port} is taken" in error
    assert "--port" in fix


@pytest.mark.parametrize(
    ("host", "word"), [("nowhere.invalid", "no address"), ("192.0.2.1", "192.0.2.1")]
)
def test_a_host_that_is_not_this_machines_is_told(host: str, word: str) -> None:
    with pytest.raises(ConfigError, match=word) as caught:
        listen(host, 0)
    assert "127.0.0.1" in caught.value.fix


def test_connections_are_as_many_as_descriptors_allow(monkeypatch: pytest.MonkeyPatch) -> None:
    limits = {"now": (256, 4096)}
    monkeypatch.setattr(resource, "getrlimit", lambda kind: limits["now"])
    monkeypatch.setattr(resource, "setrlimit", lambda kind, to: limits.update(now=to))
    assert room_for(512) == 512
    assert limits["now"] == (512 + RESERVED, 4096)
    assert room_for(5000) == 4096 - RESERVED
    limits["now"] = (100, 100)
    assert room_for(512) == 25
    limits["now"] = (resource.RLIM_INFINITY, resource.RLIM_INFINITY)
    assert room_for(5000) == 5000


def test_a_loop_without_descriptors_warns_once_and_passes_on_the_rest(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = 0.0
    monkeypatch.setattr(time, "monotonic", lambda: now)
    others: list[str] = []
    loop = asyncio.new_event_loop()
    loop.set_exception_handler(lambda _, context: others.append(context["message"]))
    with calm(loop):
        for now in (0.0, 1.0, 59.0, 61.0):  # noqa: B007  # what the clock reads
            error = OSError(errno.EMFILE, "Too many open files")
            loop.call_exception_handler({"message": "accept", "exception": error})
        loop.call_exception_handler({"message": "other", "exception": OSError(errno.EPERM, "x")})
        loop.call_exception_handler({"message": "no exception"})
    loop.call_exception_handler({"message": "after", "exception": OSError(errno.EMFILE, "x")})
    loop.close()
    assert len(caplog.records) == 2
    assert "max_connections" in caplog.records[0].message
    assert others == ["other", "no exception", "after"]


@pytest.mark.anyio
async def test_a_server_that_is_closed_without_descriptors_logs_no_fault(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    tried = asyncio.Event()

    def accept(self: socket.socket) -> NoReturn:
        tried.set()
        raise OSError(errno.EMFILE, "Too many open files")

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        raise AssertionError("nobody is accepted")

    faults: list[str] = []
    loop = asyncio.get_running_loop()
    before = loop.get_exception_handler()
    loop.set_exception_handler(lambda _, context: faults.append(context["message"]))
    monkeypatch.setattr("asyncio.constants.ACCEPT_RETRY_DELAY", 0)
    monkeypatch.setattr(socket.socket, "accept", accept)
    with calm(loop):
        server = await asyncio.start_server(serve, "127.0.0.1", 0)
        line = socket.create_connection(server.sockets[0].getsockname())
        await tried.wait()
        server.close()
        again = loop.create_future()
        loop.call_later(0.01, again.set_result, None)  # behind asyncio's own, of no delay
        await again
    loop.set_exception_handler(before)
    line.close()
    assert faults == []


@contextmanager
def served(log: str, *flags: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """Run ``livedraft serve`` as a process of its own; what it logs goes into a file."""
    command = [
        sys.executable,
        "-m",
        "livedraft",
        "serve",
        "--models",
        "echo",
        "--port",
        "0",
        *flags,
    ]
    with open(log, "w") as file:
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=file, text=True)
    try:
        assert process.stdout is not None
        url = re.search(r"http://\S+", process.stdout.readline())
        assert url is not None
        until(url[0], 200, "/readyz")
        yield process, url[0]
    finally:
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=30)


@pytest.mark.skipif(not hasattr(resource, "prlimit"), reason="only Linux limits another process")
def test_a_server_out_of_descriptors_is_calm_and_recovers(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    log = tmp_path_factory.mktemp("log") / "log"
    with served(str(log), "--open-s", "60") as (process, url):
        inside = len(os.listdir(f"/proc/{process.pid}/fd"))
        resource.prlimit(process.pid, resource.RLIMIT_NOFILE, (inside + 20, inside + 20))
        host, _, port = url.removeprefix("http://").partition(":")
        lines = [socket.create_connection((host, int(port))) for _ in range(100)]
        with pytest.raises(httpx.TransportError):
            httpx.get(f"{url}/healthz", timeout=3.5)  # for so long it cannot answer
        for line in lines:
            line.close()
        until(url, 200)
    text = log.read_text()
    assert "Traceback" not in text, text
    assert text.count("new connections wait") == 1


def test_clients_cannot_use_descriptors_up(tmp_path_factory: pytest.TempPathFactory) -> None:
    """With the limit known at the start, who is too many is turned away at once."""
    log = tmp_path_factory.mktemp("log") / "log"
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (RESERVED + 20, hard))
    try:
        with served(str(log), "--max-connections", "20", "--open-s", "60") as (_, url):
            resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
            host, _, port = url.removeprefix("http://").partition(":")
            lines = [socket.create_connection((host, int(port)), 10) for _ in range(300)]
            answers = [line.recv(12) for line in lines[20:]]
            assert set(answers) == {b"HTTP/1.1 503"}
            for line in lines:
                line.close()
            until(url, 200)
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    assert "Traceback" not in log.read_text()
