"""Films as files in a session, by the bare protocol, as a page asks for them."""

from collections.abc import Iterator
from typing import Any

import pytest
from PIL import Image
from tests.fal_double import FalDouble
from tests.runtime.models.providers.asking import png
from tests.runtime.transports.test_films import NAMED, UNNAMED, fal, film_at_fal, url
from websockets.sync.client import ClientConnection as Socket
from websockets.sync.client import connect
from websockets.typing import Subprotocol

from livedraft.media.codecs import probe, read_video
from livedraft.media.images import encode
from livedraft.protocol import messages as wire
from livedraft.protocol.connection import ClientConnection

__all__ = ["fal", "film_at_fal", "url"]


class Page:
    """A page without codecs."""

    def __init__(self, socket: Socket, model: str, **asked: Any) -> None:
        self.line = ClientConnection()
        self._socket = socket
        socket.send(self.line.open(model=model, features=["films", "models"], **asked))
        self.until(wire.Opened)

    def say(self, data: bytes | str) -> None:
        self._socket.send(data)

    def heard(self) -> Iterator[wire.ServerMessage]:
        while True:
            yield self.line.receive(self._socket.recv(timeout=120))

    def until(self, *kinds: type) -> Any:
        return next(each for each in self.heard() if isinstance(each, kinds))


@pytest.fixture
def socket(url: str) -> Iterator[Socket]:
    at = url.replace("http", "ws") + "/v1/realtime"
    with connect(at, subprotocols=[Subprotocol("livedraft.v1")], max_size=None) as open_socket:
        yield open_socket


def test_a_film_of_another_model_comes_as_a_file_with_progress(socket: Socket) -> None:
    page = Page(socket, "echo", refine_model="wan")
    page.say(page.line.input({"sketch": encode(Image.new("RGB", (8, 8)))}))
    page.say(page.line.refine({"seconds": 0.5, "steps": 2}, "wan", "file"))
    asked = page.line.last_id
    told: list[wire.Progress] = []
    while not isinstance(message := page.until(wire.Progress, wire.Film, wire.Error), wire.Film):
        assert isinstance(message, wire.Progress), message
        told.append(message)
    assert (message.id, message.model, message.frames, message.width) == (asked, "wan", 9, 64)
    assert sum(len(each) for each in read_video(message.data)) == 9
    recipe = probe(message.data).recipe
    assert recipe is not None
    assert recipe["steps"] == 2
    assert not any(each.done for each in told), "the film itself is the end"
    page.say(page.line.refine({}, "wan", "picture"))
    error = page.until(wire.Error)
    assert (error.code, "film()" in error.fix) == ("invalid_params", True)
    page.say(page.line.refine({}, "echo", "file"))
    assert "echo makes no film" in page.until(wire.Error).message
    page.say(page.line.refine({"steps": 1}, "echo", "either"))
    assert page.until(wire.Frame, wire.Error).model == "echo"


def test_a_page_without_codecs_has_a_provider_s_film_or_picture(
    socket: Socket, fal: FalDouble
) -> None:
    page = Page(socket, UNNAMED)
    page.say(page.line.refine({"prompt": "x"}, "", "either"))
    film = page.until(wire.Film, wire.Error)
    assert probe(film.data).sound
    assert film.frames == 5
    fal.offer("made.png", "image/png", png())
    page.say(page.line.refine({"prompt": "x"}, "", "either"))
    frame = page.until(wire.Frame, wire.Error)
    assert frame.stage == "final"


def test_what_is_newer_gives_a_film_up(socket: Socket, fal: FalDouble) -> None:
    page = Page(socket, NAMED)
    fal.held.clear()
    page.say(page.line.refine({"prompt": "x"}, "", "file"))
    page.say(page.line.refine({"prompt": "y"}, "", "file"))
    asked = page.line.last_id
    fal.held.set()
    film = page.until(wire.Film, wire.Error)
    assert (film.id, film.params["prompt"]) == (asked, "y")
