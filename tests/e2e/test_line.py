"""A line that falls silent without a sign: the page notices, comes back and loses nothing."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import suppress

import pytest
from tests.e2e.sheet import INK, LINE, PICTURE, Open, stroke, wait_dark

from livedraft.runtime.config import Config
from livedraft.runtime.running import Thread

STATES = """() => { window.states = []; let before = performance.now(), last = '';
  document.querySelector('livedraft-sketch').addEventListener('diagnostics', ({ detail }) => {
    if (detail.state === last) return;
    const now = performance.now();
    states.push([last = detail.state, now - before]); before = now; }); }"""


class Relay:
    """Passes bytes between a browser and a server, until a line is told to fall silent."""

    def __init__(self, url: str) -> None:
        self._target = ("127.0.0.1", int(url.rpartition(":")[2]))
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self._lines: list[Line] = []
        threading.Thread(target=self._serve, daemon=True).start()

    def silence(self) -> None:
        """Let nothing through on the lines there are; new ones work."""
        for line in self._lines:
            line.silent = True

    def close(self) -> None:
        self._listener.close()
        for line in self._lines:
            line.close()

    def _serve(self) -> None:
        with suppress(OSError):
            while True:
                self._lines.append(
                    Line(self._listener.accept()[0], socket.create_connection(self._target))
                )


class Line:
    """Two sockets and a thread for each direction."""

    def __init__(self, *ends: socket.socket) -> None:
        self.silent = False
        self._ends = ends
        for source, sink in (ends, ends[::-1]):
            threading.Thread(target=self._pass, args=(source, sink), daemon=True).start()

    def close(self) -> None:
        for end in self._ends:
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()

    def _pass(self, source: socket.socket, sink: socket.socket) -> None:
        with suppress(OSError):
            while data := source.recv(1 << 16):
                if not self.silent:
                    sink.sendall(data)
            if not self.silent:
                sink.shutdown(socket.SHUT_WR)


@pytest.fixture
def relay(url: str) -> Iterator[Relay]:
    relay = Relay(url)
    yield relay
    relay.close()


@pytest.mark.parametrize("sign", ["online", "pageshow", "a stroke"])
def test_a_silent_line_is_left_and_the_picture_follows_again(
    open_page: Open, relay: Relay, sign: str
) -> None:
    page = open_page(relay.url)
    stroke(page, *LINE)
    wait_dark(page, PICTURE, 0.5, 0.5)
    page.evaluate(STATES)
    relay.silence()
    if sign != "a stroke":
        page.evaluate("(name) => void window.dispatchEvent(new Event(name))", sign)
        page.wait_for_function("states.at(-1)?.[0] === 'open'")
    stroke(page, (0.5, 0.2), (0.5, 0.8))
    wait_dark(page, INK, 0.5, 0.25)
    wait_dark(page, PICTURE, 0.5, 0.25)
    states = page.evaluate("states")
    assert "reconnecting" in [name for name, _ in states]
    assert sum(ms for _, ms in states) < 12_000, states


def test_a_line_that_is_well_is_kept_when_the_page_comes_back(
    open_page: Open, relay: Relay
) -> None:
    page = open_page(relay.url)
    page.evaluate(STATES)
    for name in ("online", "pageshow", "offline"):
        page.evaluate("(name) => void window.dispatchEvent(new Event(name))", name)
    stroke(page, *LINE)
    wait_dark(page, PICTURE, 0.5, 0.5)
    assert {name for name, _ in page.evaluate("states")} <= {"open", "generating"}


def test_an_idle_place_is_given_up_and_asked_for_again_by_the_next_stroke(open_page: Open) -> None:
    with Thread(Config(models=("echo",), port=0, max_sessions=1, idle_s=1.0)) as server:
        page = open_page(server.url)
        stroke(page, *LINE)
        wait_dark(page, PICTURE, 0.5, 0.5)
        other = open_page(server.url)  # waits for the place, and gets it
        page.get_by_text("Paused, draws on as soon as you draw").first.wait_for()
        other.close()
        page.evaluate(STATES)
        stroke(page, (0.5, 0.2), (0.5, 0.8))
        wait_dark(page, PICTURE, 0.5, 0.25)
        wait_dark(page, PICTURE, 0.3, 0.5)
        assert [name for name, _ in page.evaluate("states")][:2] == ["reconnecting", "open"]
