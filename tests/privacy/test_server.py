"""A server that is shown a photograph keeps it in memory: no file, log, metric or crash has it."""

from __future__ import annotations

import base64
import resource
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from socket import SHUT_RDWR

import httpx
import pytest
from tests.offline.marks import NEEDS_SECCOMP
from tests.offline.watching import Watched, address, environment, watched
from tests.privacy.photo import Traces, photograph
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from livedraft.protocol.codec import client_codec, server_codec
from livedraft.protocol.messages import (
    Ack,
    ClientMessage,
    Close,
    Error,
    Frame,
    Input,
    Message,
    Open,
    Opened,
    ParamsUpdate,
    Refine,
)

pytestmark = NEEDS_SECCOMP

MODELS = Path(__file__).parent / "models"
PHOTO = photograph()
TRACES = Traces(PHOTO)
MESSAGE_BYTES = 4 * len(PHOTO)  # and JSON needs a third more


@dataclass
class Served:
    """A server of its own, watched at its system calls, with all that it may write to."""

    url: str
    seen: Watched
    room: Path
    said: str = ""

    def check(self) -> None:
        """Nothing was made, said or sent: see the parts of it."""
        assert TRACES.found_in(self.said.encode()) == set(), self.said[-4000:]
        assert TRACES.found_below(self.room) == {}
        assert self.seen.reached == []


@contextmanager
def serving(room: Path, *settings: str) -> Iterator[Served]:
    """Serve with debug logs; afterwards what it said is there."""
    for name in ("home", "tmp", "work"):
        (room / name).mkdir()
    env = environment(room / "home", room / "tmp")
    env |= {"PYTHONPATH": f"{env['PYTHONPATH']}:{MODELS}", "PYTHONFAULTHANDLER": "1"}
    command = [sys.executable, "-m", "livedraft", "serve", "--models", "mirror,second"]
    command += ["--port", "0", "--log-level", "debug", "--max-message-bytes", str(MESSAGE_BYTES)]
    with watched([*command, *settings], room / "work", env) as seen:
        url, said = told_address(seen)
        served = Served(url, seen, room)
        yield served
        seen.process.send_signal(signal.SIGINT)
        served.said = said + seen.process.communicate(timeout=60)[0]


def told_address(seen: Watched) -> tuple[str, str]:
    """Return where it serves."""
    return address(seen), ""


class Talk:
    """A session of the server, message by message, with pictures as they are."""

    def __init__(self, socket: ClientConnection, first: Open) -> None:
        self.socket = socket
        self._out, self._in = client_codec(), server_codec()
        self.say(first)
        self.hear(Opened)

    def say(self, message: ClientMessage) -> None:
        self.socket.send(self._out.encode(message))

    def hear(self, *kinds: type[Message]) -> Message:
        """Return the next message of some kinds."""
        while True:
            message: Message = self._in.decode(self.socket.recv())
            if isinstance(message, kinds):
                if isinstance(message, Frame):
                    self.say(Ack(seq=message.seq))
                return message


@pytest.fixture
def dumps() -> Iterator[None]:
    """Let processes that die here leave an image of their memory, as some systems do."""
    soft, most = resource.getrlimit(resource.RLIMIT_CORE)
    resource.setrlimit(resource.RLIMIT_CORE, (most, most))
    yield
    resource.setrlimit(resource.RLIMIT_CORE, (soft, most))


@contextmanager
def talking(url: str, first: Open) -> Iterator[Talk]:
    """Open a session."""
    with connect(url.replace("http", "ws") + "/v1/realtime", max_size=None) as socket:
        yield Talk(socket, first)


def ask_everything(served: Served) -> bytes:
    """Return all that the server tells of itself."""
    paths = ("/metrics", "/readyz", "/healthz", "/v1/models", "/", "/openapi.json")
    return b"".join(httpx.get(served.url + path).content for path in paths)


def show(url: str) -> None:
    """Show a photograph in all ways, get it back, and have each way fail with it."""
    with talking(url, Open(features=["models"], refine_model="second")) as talk:
        talk.say(Input(id=1, inputs={"person": PHOTO}))
        assert isinstance(talk.hear(Frame), Frame)
        talk.say(Refine(id=2))
        final = talk.hear(Frame, Error)
        assert isinstance(final, Frame)
        assert "a picture of it" in TRACES.found_in(final.image), "which the search would find"
        for id, fault in enumerate(("told", "unforeseen"), 3):
            talk.say(ParamsUpdate(id=id, params={"fault": fault}))
            assert isinstance(talk.hear(Error), Error)
        damaged = PHOTO[: len(PHOTO) // 2]
        talk.say(Input(id=5, inputs={"person": damaged}, params={"fault": ""}))
        assert isinstance(talk.hear(Error), Error)
        talk.socket.send(b"\xff" + PHOTO[-3000:])  # no message at all
        assert isinstance(talk.hear(Error, Close), Error | Close)
    with talking(url, Open()) as lost:
        lost.say(Input(id=1, inputs={"person": PHOTO}))
        lost.hear(Frame)
        lost.socket.socket.shutdown(SHUT_RDWR)  # without a word: it is parked, to be resumed


def post(url: str, **params: str) -> list[httpx.Response]:
    """Ask for single pictures of it, as a form and as JSON."""
    form = httpx.post(
        f"{url}/v1/generate",
        data={"model": "mirror", **params},
        files={"person": ("me.jpg", PHOTO, "image/jpeg")},
        timeout=60,
    )
    encoded = base64.b64encode(PHOTO).decode()
    body = {"model": "mirror", "inputs": {"person": encoded}, **params}
    return [form, httpx.post(f"{url}/v1/generate", json=body, timeout=60)]


def test_a_photograph_is_in_no_file_log_or_metric(tmp_path: Path) -> None:
    with serving(tmp_path) as served:
        told = ask_everything(served)
        before = set(served.seen.created)
        show(served.url)
        for answer in post(served.url):
            assert answer.status_code == 200
            assert "a picture of it" in TRACES.found_in(answer.content)
        for fault in ("told", "unforeseen"):
            for answer in post(served.url, fault=fault):
                assert answer.status_code == 500
                told += answer.content
        told += ask_everything(served)
        assert TRACES.found_in(told) == set()
        assert served.seen.created == before, "not even for a moment, and without a name"
    assert "NumPy" in served.said or "matmul" in served.said, "the fault is in the log"
    served.check()


@pytest.mark.usefixtures("dumps")
def test_a_process_that_dies_with_it_leaves_nothing(tmp_path: Path) -> None:
    with serving(tmp_path) as served:
        before = set(served.seen.created)
        with talking(served.url, Open()) as talk:
            talk.say(Input(id=1, inputs={"person": PHOTO}))
            talk.hear(Frame)
            talk.say(ParamsUpdate(id=2, params={"fault": "deadly"}))
            with pytest.raises(ConnectionClosed):
                talk.hear(Frame)
        served.seen.process.wait(60)
        assert served.seen.created == before
    assert "Fatal Python error" in served.said
    served.check()


def test_uploads_that_are_too_large_are_not_put_aside(tmp_path: Path) -> None:
    with serving(tmp_path, "--max-message-bytes", str(len(PHOTO) // 2)) as served:
        before = set(served.seen.created)
        assert [answer.status_code for answer in post(served.url)] == [413, 413]
        assert served.seen.created == before
    served.check()
